package dispatch

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/check"
)

// tours checks all tours with their stops.
func (f *fsck) tours(ctx context.Context) error { return f.scan(ctx, muster.KindTour, f.checkTours) }

// FsckTours is the part of Fsck that looks at tours, of those that are named alone: for callers who look often, such as a
// simulation.
func (d *Dispatch) FsckTours(ctx context.Context, store Auditor, ids ...muster.TourID) (FsckReport, error) {
	f := &fsck{d: d, store: store, run: rand.Text()}
	if err := f.fresh(ctx); err != nil {
		return f.place.Report, err
	}
	for named := range slices.Chunk(ids, fsckPage) {
		page, err := f.named(ctx, named)
		if err == nil {
			err = f.page(ctx, page, f.checkTours)
		}
		if err != nil {
			return f.place.Report, err
		}
	}
	return f.place.Report, nil
}

func (f *fsck) named(ctx context.Context, tours []muster.TourID) ([]muster.Record, error) {
	ids := make([]string, len(tours))
	for i, id := range tours {
		ids[i] = string(id)
	}
	records, err := f.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	page := make([]muster.Record, 0, len(ids))
	for _, id := range ids {
		if r := records[id]; r != nil {
			page = append(page, r)
		}
	}
	return page, nil
}

// checkTours compares each stop with the assignment or offer that it is of, and has package check, which
// shares no line with the matcher, drive each tour.
func (f *fsck) checkTours(ctx context.Context, page []muster.Record) (found, error) {
	var ids []string
	tours := make([]*muster.Tour, 0, len(page))
	for _, r := range page {
		if t, ok := r.(*muster.Tour); ok {
			tours = append(tours, t)
		}
	}
	for _, t := range tours {
		ids = append(ids, string(t.Expert))
		for _, s := range t.Stops {
			ids = append(ids, string(s.Ticket), string(s.Visit))
			if s.Assignment != "" {
				ids = append(ids, string(s.Assignment))
			}
			if s.Offer != "" {
				ids = append(ids, string(s.Offer))
			}
		}
	}
	records, err := f.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	ids = ids[:0]
	for _, r := range records {
		if t, ok := r.(*muster.Ticket); ok {
			ids = append(ids, string(t.Customer), string(t.Site))
		}
	}
	owners, err := f.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	all, err := f.beside(ctx, tours)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		f.rests(r)
	}
	for _, r := range owners {
		f.rests(r)
	}
	for _, own := range all {
		for _, t := range own {
			f.rests(t)
		}
	}
	wrong, err := f.checkSpans(ctx, page)
	if err != nil {
		return nil, err
	}
	for _, t := range tours {
		f.checkStops(wrong, t, records)
		e, _ := records[string(t.Expert)].(*muster.Expert)
		if e == nil {
			wrong.add("I6", string(t.ID), "there is no expert %s", t.Expert)
			continue
		}
		f.gone(wrong, t, e)
		if err := f.drive(ctx, wrong, t, e, all[e.ID], records, owners); err != nil {
			return nil, err
		}
	}
	return wrong, nil
}

func (f *fsck) checkStops(wrong found, t *muster.Tour, records map[string]muster.Record) {
	id := string(t.ID)
	for _, s := range t.Stops {
		if s.Held() {
			o, _ := records[string(s.Offer)].(*muster.Offer)
			if o == nil || o.Tour != t.ID || o.State != muster.OfferOpen && f.now.Before(s.HeldUntil) {
				wrong.add("I6", id, "the hold for offer %q has no open offer", s.Offer)
			}
			continue
		}
		a, _ := records[string(s.Assignment)].(*muster.Assignment)
		if a == nil || a.Tour != t.ID || a.Visit != s.Visit || a.State == muster.AssignmentWithdrawn {
			wrong.add("I6", id, "the stop of visit %s is of assignment %q, which isn't on this tour", s.Visit, s.Assignment)
		}
	}
}

// gone reports visits ahead of an expert who works here no longer, and offers to them.
func (f *fsck) gone(wrong found, t *muster.Tour, e *muster.Expert) {
	for _, s := range t.Stops {
		if e.Removed && s.EndedAt.IsZero() && (!s.Held() || f.now.Before(s.HeldUntil)) {
			wrong.add("I5", string(t.ID), "expert %s has been removed and has or is asked for visit %s", e.ID, s.Visit)
		}
	}
}

// drive has the tour judged, beside the expert's others. Where figures or the expert have changed since the visits
// were planned only the order in time can be judged; what the assignments rested on is gone.
func (f *fsck) drive(
	ctx context.Context, wrong found, t *muster.Tour, e *muster.Expert, beside []*muster.Tour, records, owners map[string]muster.Record,
) error {
	same := true
	var first time.Time // of the decisions on the tour that don't tell the expert's revision
	rests := func(by muster.Decided, at time.Time) {
		same = same && by.Policy == f.on.policy.Rev && by.Skills == f.on.skills.Rev && (by.Expert == 0 || by.Expert == e.Rev)
		if by.Expert == 0 && (first.IsZero() || at.Before(first)) {
			first = at
		}
	}
	jobs := make(map[muster.VisitID]matcher.Job)
	wider := make(map[muster.VisitID]muster.Widening)
	over := make(map[muster.VisitID]bool)
	tour := *t
	tour.Stops = slices.Clone(t.Stops)
	for i := range tour.Stops {
		s := &tour.Stops[i]
		if s.EndedAt.After(s.End) {
			s.EndedAt = time.Time{} // late in truth, not in the plan
		}
		if f.on.world(f.now).Over(s) {
			s.HeldUntil = f.now.Add(time.Second) // it counts until its timer rings: whoever books on the tour before clears it
			over[s.Visit], same = true, false    // but whoever books on another doesn't
		}
		if o, ok := records[string(s.Offer)].(*muster.Offer); ok && s.Held() {
			rests(o.Decided, o.At)
			_, wider[s.Visit] = f.on.setAside(o.Decided)
		}
		a, _ := records[string(s.Assignment)].(*muster.Assignment)
		if a == nil {
			continue
		}
		rests(a.Decided, a.At)
		_, wider[s.Visit] = f.on.setAside(a.Decided)
		if j, ok := f.on.jobOn(a, s.Place, records, owners); ok {
			jobs[s.Visit] = j
		}
	}
	tours := []*muster.Tour{&tour}
	for _, o := range beside {
		if o.ID != t.ID && o.Start.Sub(t.Start).Abs() < around {
			tours = append(tours, o)
		}
	}
	breaches := check.Tour(check.Case{
		World: f.on.world(f.now), Person: matcher.Person{Expert: e, Tours: tours}, Tour: &tour, Jobs: jobs, Wider: wider,
	})
	if len(breaches) > 0 && same && !first.IsZero() {
		edited, err := f.edited(ctx, e)
		if err != nil {
			return err
		}
		same = first.After(edited)
	}
	for _, b := range breaches {
		switch {
		case over[b.Visit]:
		case b.Code == muster.Overlaps || b.Code == muster.NoOpening && (same || b.Visit == ""):
			wrong.add("I6", string(t.ID), "%s %s: %s", b.Visit, b.Code, b.Text)
		case same && b.Code != muster.NotOnCall: // how urgent a ticket was is gone with its time
			wrong.add("I5", string(t.ID), "%s %s: %s", b.Visit, b.Code, b.Text)
		}
	}
	return nil
}

// jobOn describes what an assignment was for, if the ticket still says it: while the visit is open, and after
// the one that completed it, until it is reopened. Place is where it was planned to be.
func (on *setup) jobOn(a *muster.Assignment, place muster.Place, records, owners map[string]muster.Record) (matcher.Job, bool) {
	t, _ := records[string(a.Ticket)].(*muster.Ticket)
	v, _ := records[string(a.Visit)].(*muster.Visit)
	if t == nil || v == nil || v.N != t.Visits {
		return matcher.Job{}, false
	}
	if closed := t.State == muster.Completed || t.State == muster.Resolved; !v.Open() && !(closed && v.Outcome.Completes()) {
		return matcher.Job{}, false
	}
	c, _ := owners[string(t.Customer)].(*muster.Customer)
	s, _ := owners[string(t.Site)].(*muster.Site)
	if c == nil || s == nil {
		return matcher.Job{}, false
	}
	then := *c
	if rev := a.Decided.Customer; rev == 0 {
		then.Blocked = slices.DeleteFunc(slices.Clone(c.Blocked), func(b muster.Block) bool { return !b.Since.Before(a.At) })
	} else if rev != c.Rev {
		then.Blocked = nil // whom they had blocked then is gone, and what their site was like
		then.Division = t.Division
		was := *s
		was.Place, was.AccessHours = place, nil
		s = &was
	}
	j := matcher.Job{Ticket: t, Customer: &then, Site: s, Place: a.Place}
	j.Allowed, _ = on.setAside(a.Decided)
	return j, true
}
