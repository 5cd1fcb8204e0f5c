package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// checkTickets checks tickets with all that belongs to them: timers, keys, tours and events.
func (f *fsck) checkTickets(ctx context.Context, page []graph.TicketCase) (found, error) {
	var ids, tours []string
	var keys []muster.Key
	for _, c := range page {
		ids = append(ids, string(c.Ticket.ID))
		keys = append(keys, muster.OpenVisitKey(c.Ticket.ID))
		for _, v := range c.Visits {
			for place := range v.Crew {
				keys = append(keys, muster.PlaceKey(v.ID, place))
			}
		}
		for _, o := range c.Offers {
			if o.State == muster.OfferOpen {
				tours = append(tours, string(o.Tour))
			}
		}
		for _, a := range c.Assignments {
			tours = append(tours, string(a.Tour))
		}
	}
	wakes, err := f.store.Wakes(ctx, ids...)
	if err != nil {
		return nil, err
	}
	owners, err := f.store.Owners(ctx, keys...)
	if err != nil {
		return nil, err
	}
	loaded, err := f.store.Records(ctx, "", tours...)
	if err != nil {
		return nil, err
	}
	for _, t := range loaded {
		f.rests(t)
	}
	roots := make([]muster.Record, len(page))
	for i := range page {
		roots[i] = &page[i].Ticket
	}
	wrong, err := f.checkSpans(ctx, roots)
	if err != nil {
		return nil, err
	}
	for i := range page {
		t := ticketCheck{found: wrong, TicketCase: &page[i], id: string(page[i].Ticket.ID), owners: owners, tours: loaded, f: f}
		if err := t.timers(ctx, wakes); err != nil {
			return nil, err
		}
		t.leaving()
		t.visits()
		t.crews()
		t.offers()
	}
	return wrong, f.merges(ctx, page, wrong)
}

// claimed is for how long at most a claim keeps others from looking at what comes due meanwhile.
const claimed = time.Minute

// ticketCheck checks one ticket.
type ticketCheck struct {
	found
	*graph.TicketCase
	id     string
	owners map[muster.Key]string
	tours  map[string]muster.Record
	f      *fsck
	open   *muster.Visit
}

func (t *ticketCheck) timers(ctx context.Context, wakes map[string]graph.Wake) error {
	wake, has := wakes[t.id]
	if !t.Ticket.State.Terminal() && !has {
		t.add("I2", t.id, "%s is %s and nothing will look at it again", t.Ticket.Ref(), t.Ticket.State)
	}
	for name := range t.Ticket.Timers {
		if t.Ticket.State.Terminal() && name != muster.TimerException {
			t.add("I2", t.id, "%s is %s, and has a timer %s all the same", t.Ticket.Ref(), t.Ticket.State, name)
		}
	}
	if t.Ticket.Terminal() && has {
		t.add("I2", t.id, "%s is %s, and looked at again at %s all the same", t.Ticket.Ref(), t.Ticket.State, wake.At.Format(time.RFC3339))
	}
	name, next, _ := t.Ticket.Timers.Next()
	if has && next.Sub(t.f.now) > claimed && wake.Failures == 0 && wake.At.Sub(next) > claimed {
		t.add("I2", t.id, "%s is to be looked at for its timer %s at %s, and won't be before %s", t.Ticket.Ref(), name,
			next.Format(time.RFC3339), wake.At.Format(time.RFC3339))
	}
	since := wake.At
	if wake.Failures > 0 {
		since = next // its worker has put it off because it fails: that keeps no promise
	}
	if !has || name.Lane() != muster.LanePromises || t.f.late(since) <= promiseLate {
		return nil
	}
	due, err := t.dueSince(ctx, name, since)
	if late := t.f.late(due); err == nil && late > promiseLate {
		t.add("I3", t.id, "%s is %s late to be looked at for its timer %s", t.Ticket.Ref(), late.Round(time.Second), name)
	}
	return err
}

// dueSince is since when a ticket should have been looked at. A timer that waits, say for the time in which nobody could answer,
// stays as it is, and is only looked at later; whoever changes the ticket makes it due again from then.
func (t *ticketCheck) dueSince(ctx context.Context, name muster.TimerName, at time.Time) (time.Time, error) {
	own := at.Equal(t.Ticket.Timers[name]) && slices.Contains(looks, name)
	if t.f.judged == nil || !own { // a first look is to find what may be wrong
		return at, nil
	}
	history, err := t.f.store.History(ctx, everything, t.id)
	if err != nil || len(history) == 0 {
		return at, err
	}
	return later(at, history[len(history)-1].At), nil
}

// leaving checks that whoever has a visit and hasn't left for it is looked after until a person is: asked, then put before
// one. Nobody is alarmed about who was never asked.
func (t *ticketCheck) leaving() {
	for i := range t.Visits {
		v := &t.Visits[i]
		if v.Open() && v.AskedAt.IsZero() && !(v.AnsweredAt.IsZero() && v.AlarmedAt.IsZero()) {
			t.add("I2", t.id, "visit %s has an answer or an alarm, and nobody was asked", v.ID)
		}
		if v.State != muster.VisitAssigned || !v.AlarmedAt.IsZero() {
			continue
		}
		need := muster.TimerDepart
		if !v.AskedAt.IsZero() {
			need = muster.TimerAnswer
		}
		if t.Ticket.Timers[need].IsZero() {
			t.add("I2", t.id, "visit %s is %s, and nothing looks whether its expert leaves: there is no timer %s", v.ID, v.State, need)
		}
	}
}

func (t *ticketCheck) visits() {
	for i := range t.Visits {
		v := &t.Visits[i]
		if !v.Open() {
			continue
		}
		if t.open != nil {
			t.add("I4", t.id, "visits %s and %s are both open", t.open.ID, v.ID)
		}
		t.open = v
	}
	owner := ""
	if t.open != nil {
		owner = string(t.open.ID)
	}
	if have := t.owners[muster.OpenVisitKey(t.Ticket.ID)]; have != owner {
		t.add("I4", t.id, "the key of its open visit belongs to %q, not %q", have, owner)
	}
	if scheduled := t.Ticket.State == muster.Scheduled; scheduled != (t.open != nil) {
		t.add("I4", t.id, "it is %s and its open visit is %q", t.Ticket.State, owner)
	}
	switch brief := t.Ticket.Visit; {
	case brief == nil && t.open == nil:
	case brief == nil || t.open == nil || brief.ID != t.open.ID || brief.State != t.open.State || !brief.Start.Equal(t.open.Start):
		t.add("I4", t.id, "its brief of the open visit doesn't match visit %q", owner)
	}
}

// seat is one place of a visit's crew.
type seat struct {
	visit muster.VisitID
	n     int
}

func (t *ticketCheck) crews() {
	held := make(map[seat]muster.AssignmentID)
	for _, a := range t.Assignments {
		at := seat{a.Visit, a.Place}
		if a.State == muster.AssignmentActive {
			if other, twice := held[at]; twice {
				t.add("I4", t.id, "place %d of visit %s is given to %s and %s", a.Place, a.Visit, other, a.ID)
			}
			held[at] = a.ID
			if t.open == nil || t.open.ID != a.Visit || a.Place >= t.open.Crew {
				t.add("I4", t.id, "assignment %s is active for visit %s, which has no such open place", a.ID, a.Visit)
			}
		}
		if (a.State == muster.AssignmentActive) != a.EndedAt.IsZero() {
			t.add("I4", t.id, "assignment %s is %s and ended at %s", a.ID, a.State, a.EndedAt)
		}
		t.onTour(a)
	}
	for _, v := range t.Visits {
		for n := range v.Crew {
			if have, want := t.owners[muster.PlaceKey(v.ID, n)], string(held[seat{v.ID, n}]); have != want {
				t.add("I4", t.id, "the key of place %d of visit %s belongs to %q, not %q", n, v.ID, have, want)
			}
		}
	}
}

// onTour compares an assignment with its tour: an active one has its stop, a done one a stop that has
// ended, a withdrawn one none.
func (t *ticketCheck) onTour(a muster.Assignment) {
	var stop *muster.Stop
	tour, _ := t.tours[string(a.Tour)].(*muster.Tour)
	if tour != nil {
		for i := range tour.Stops {
			if tour.Stops[i].Assignment == a.ID {
				stop = &tour.Stops[i]
			}
		}
	}
	switch {
	case a.State == muster.AssignmentWithdrawn && stop == nil:
	case a.State == muster.AssignmentWithdrawn:
		t.add("I6", t.id, "assignment %s is withdrawn, and a stop of tour %s", a.ID, a.Tour)
	case stop == nil:
		t.add("I6", t.id, "assignment %s is %s, but no stop of tour %s", a.ID, a.State, a.Tour)
	case tour.Expert != a.Expert || !stop.Start.Equal(a.Start) || !stop.End.Equal(a.End):
		t.add("I6", t.id, "assignment %s and its stop on tour %s differ in expert or time", a.ID, a.Tour)
	case (a.State == muster.AssignmentDone) != !stop.EndedAt.IsZero():
		t.add("I6", t.id, "assignment %s is %s, its stop on tour %s ended at %s", a.ID, a.State, a.Tour, stop.EndedAt)
	}
}

func (t *ticketCheck) offers() {
	from := make(map[muster.OfferID]int)
	given := make(map[seat]muster.AssignmentID)
	asked := make(map[seat]map[muster.ExpertID]muster.OfferID)
	for _, a := range t.Assignments {
		if a.State == muster.AssignmentActive {
			given[seat{a.Visit, a.Place}] = a.ID
		}
		if a.Offer != "" {
			from[a.Offer]++
		}
	}
	for _, o := range t.Offers {
		if (o.State == muster.OfferOpen) != o.EndedAt.IsZero() {
			t.add("I7", t.id, "offer %s is %s and ended at %s", o.ID, o.State, o.EndedAt)
		}
		if want := map[bool]int{true: 1}[o.State == muster.OfferAccepted]; from[o.ID] != want {
			t.add("I7", t.id, "offer %s is %s and led to %d assignments", o.ID, o.State, from[o.ID])
		}
		if o.State != muster.OfferOpen {
			continue
		}
		if t.open == nil || t.open.ID != o.Visit {
			t.add("I7", t.id, "offer %s is open, its visit %s is not", o.ID, o.Visit)
		}
		at := seat{o.Visit, o.Place}
		if asked[at] == nil {
			asked[at] = make(map[muster.ExpertID]muster.OfferID)
		}
		if other, twice := asked[at][o.Expert]; twice {
			t.add("I7", t.id, "expert %s is asked twice for one place, by offers %s and %s", o.Expert, other, o.ID)
		}
		asked[at][o.Expert] = o.ID
		if len(asked[at]) > muster.MaxOffers {
			t.add("I7", t.id, "more than %d are asked for place %d of visit %s", muster.MaxOffers, o.Place, o.Visit)
		}
		if has, taken := given[at]; taken {
			t.add("I7", t.id, "offer %s is open, its place belongs to assignment %s", o.ID, has)
		}
		if t.f.now.Before(o.Deadline) && !t.holds(o) {
			t.add("I7", t.id, "offer %s is open and holds nothing on tour %s", o.ID, o.Tour)
		}
	}
}

func (t *ticketCheck) holds(o muster.Offer) bool {
	tour, _ := t.tours[string(o.Tour)].(*muster.Tour)
	if tour == nil {
		return false
	}
	for _, s := range tour.Stops {
		if s.Offer == o.ID {
			return true
		}
	}
	return false
}
