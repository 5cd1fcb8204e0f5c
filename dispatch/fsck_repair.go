package dispatch

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// What fsck repairs is what follows from other things that are there:
//
//	an open ticket's timers                       from its state (I2)
//	the brief of a ticket's open visit            from the visit and its parts (I4)
//	who holds the keys of visit and places        from the open visit and the active assignments (I4)
//	stops of assignments that are withdrawn       they go (I6)
//	holds of offers that have ended               they go (I6)
//
// All else is for people: which of two visits or assignments is the right one, what happened at a visit, an event
// that is missing. Each repair is a command with an event of its own, by the actor fsck.

// repaired repairs what follows from other things, and looks again: what doesn't stand any more is marked.
func (f *fsck) repaired(ctx context.Context, id string, stands []Breach, check func(id string) (found, error)) ([]Breach, error) {
	var err error
	switch muster.KindOf(id) {
	case muster.KindTicket:
		err = f.repairTicket(ctx, muster.TicketID(id))
	case muster.KindTour:
		err = f.repairTour(ctx, muster.TourID(id))
	default:
		return stands, nil
	}
	if code := muster.CodeOf(err); code == muster.CodeState || code == muster.CodeConflict || code == muster.CodeTaken {
		return stands, nil // it doesn't follow from anything, or others are at it
	}
	if err != nil {
		return nil, err
	}
	left, err := f.stands(ctx, id, check)
	for i := range stands {
		stands[i].Repaired = err == nil && !slices.ContainsFunc(left, func(b Breach) bool { return b.Text == stands[i].Text })
	}
	return stands, err
}

// command is a new command of fsck.
func (f *fsck) command() muster.Command {
	f.looks++
	return muster.Command{ID: muster.CommandID(fmt.Sprintf("fsck-%s-%d", f.run, f.looks)), Actor: muster.System("fsck")}
}

func (f *fsck) repairTicket(ctx context.Context, id muster.TicketID) error {
	_, err := decide(ctx, f.d, f.command(), "fsck.repair_ticket", id, func(ctx context.Context, cmd muster.Command) (Answer, graph.Change, error) {
		c, err := f.store.TicketCase(ctx, cmd.ID, graph.CaseRef{Ticket: id})
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		if err := f.tellsItself(&c); err != nil {
			return Answer{}, graph.Change{}, err
		}
		k := newDraft(cmd, f.now, f.on).desk(&c)
		k.event = "ticket.repaired"
		if err := f.clearStops(ctx, k); err != nil {
			return Answer{}, graph.Change{}, err
		}
		if err := f.rightKeys(ctx, k); err != nil {
			return Answer{}, graph.Change{}, err
		}
		answer := k.answer() // brief and timers
		change, err := k.change()
		return answer, change, err
	})
	return err
}

// tellsItself refuses a ticket whose parts contradict each other: what is right can't be told from them.
func (f *fsck) tellsItself(c *graph.TicketCase) error {
	no := func(why string) error {
		return muster.E(muster.CodeState, c.Ticket.Ref()+" can't be repaired: "+why, "look at its history, and decide")
	}
	var open *muster.Visit
	for i := range c.Visits {
		if c.Visits[i].Open() && open != nil {
			return no("two visits are open")
		}
		if c.Visits[i].Open() {
			open = &c.Visits[i]
		}
	}
	if (open != nil) != (c.Ticket.State == muster.Scheduled) {
		return no("its state and its visits differ")
	}
	places := make(map[int]bool)
	for _, a := range c.Assignments {
		if a.State != muster.AssignmentActive {
			continue
		}
		if open == nil || a.Visit != open.ID || a.Place >= open.Crew || places[a.Place] {
			return no("assignment " + string(a.ID) + " is active, and has no place of its own")
		}
		places[a.Place] = true
	}
	for _, o := range c.Offers {
		if o.State == muster.OfferOpen && (open == nil || o.Visit != open.ID) {
			return no("offer " + string(o.ID) + " is open, and its visit isn't")
		}
	}
	return nil
}

// clearStops takes stops off the tours that the ticket's withdrawn assignments and ended offers have left there.
func (f *fsck) clearStops(ctx context.Context, k *desk) error {
	over := make(map[string]bool)
	tours := make(map[string]bool)
	for _, a := range k.loaded.Assignments {
		if a.State == muster.AssignmentWithdrawn {
			over[string(a.ID)], tours[string(a.Tour)] = true, true
		}
	}
	for _, o := range k.loaded.Offers {
		if o.State != muster.OfferOpen {
			over[string(o.ID)], tours[string(o.Tour)] = true, true
		}
	}
	records, err := f.store.Records(ctx, "", slices.Sorted(maps.Keys(tours))...)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(records)) {
		if t, ok := records[id].(*muster.Tour); ok {
			k.lay(*t)
		}
	}
	for _, s := range k.sheets {
		if err := f.without(ctx, s, func(stop muster.Stop) bool {
			return over[string(stop.Assignment)] || stop.Held() && over[string(stop.Offer)]
		}); err != nil {
			return err
		}
	}
	return nil
}

// without takes stops off a tour, and plans the ways between the others anew.
func (f *fsck) without(ctx context.Context, s *sheet, over func(muster.Stop) bool) error {
	for _, stop := range slices.Clone(s.tour.Stops) {
		if !over(stop) {
			continue
		}
		same := 0
		for _, other := range s.tour.Stops {
			if other.Visit == stop.Visit {
				same++
			}
		}
		if same > 1 { // it was given to the same expert again: only the stop itself goes
			s.tour.Stops = slices.DeleteFunc(s.tour.Stops, func(o muster.Stop) bool { return o.Assignment == stop.Assignment && o.Offer == stop.Offer })
			s.dirty = true
			continue
		}
		records, err := f.store.Records(ctx, "", string(s.tour.Expert))
		if err != nil {
			return err
		}
		e, ok := records[string(s.tour.Expert)].(*muster.Expert)
		if !ok {
			return muster.E(muster.CodeState, fmt.Sprintf("tour %s is of nobody", s.tour.ID), "look at its history, and decide")
		}
		matcher.Remove(&s.tour, stop.Visit, e, f.on.travel)
		s.dirty = true
	}
	return nil
}

// rightKeys gives the keys of visit and places to those who should hold them.
func (f *fsck) rightKeys(ctx context.Context, k *desk) error {
	want := map[muster.Key]string{muster.OpenVisitKey(k.ticket.ID): ""}
	for _, v := range k.loaded.Visits {
		for n := range v.Crew {
			want[muster.PlaceKey(v.ID, n)] = ""
		}
	}
	if k.visit != nil {
		want[muster.OpenVisitKey(k.ticket.ID)] = string(k.visit.ID)
	}
	for _, a := range k.crew {
		want[muster.PlaceKey(a.Visit, a.Place)] = string(a.ID)
	}
	keys := slices.Sorted(maps.Keys(want))
	have, err := f.store.Owners(ctx, keys...)
	if err != nil {
		return err
	}
	for _, key := range keys {
		if have[key] == want[key] {
			continue
		}
		if have[key] != "" {
			k.release = append(k.release, muster.Claim{Key: key, Owner: have[key]})
		}
		if want[key] != "" {
			k.claim = append(k.claim, muster.Claim{Key: key, Owner: want[key]})
		}
	}
	return nil
}

// repairTour takes stops off a tour whose assignment is withdrawn, or another tour's, or not there, and holds whose
// offer has ended or isn't there.
func (f *fsck) repairTour(ctx context.Context, id muster.TourID) error {
	_, err := decide(ctx, f.d, f.command(), "fsck.repair_tour", id, func(ctx context.Context, cmd muster.Command) (muster.Tour, graph.Change, error) {
		records, err := f.store.Records(ctx, cmd.ID, string(id))
		if err != nil {
			return muster.Tour{}, graph.Change{}, err
		}
		t, ok := records[string(id)].(*muster.Tour)
		if !ok {
			return muster.Tour{}, graph.Change{}, muster.NotFound(muster.KindTour, string(id))
		}
		d := newDraft(cmd, f.now, f.on)
		s := d.lay(*t)
		over, err := f.overOn(ctx, d, t)
		if err == nil {
			err = f.without(ctx, s, func(stop muster.Stop) bool { return over[stop.Visit] })
		}
		if err == nil && !s.dirty {
			err = muster.E(muster.CodeState, fmt.Sprintf("tour %s can't be repaired", id), "look at its history, and decide")
		}
		if err != nil {
			return muster.Tour{}, graph.Change{}, err
		}
		s.tour.Rev, s.dirty = s.base+1, false
		return one(d, "tour.repaired", s.base, s.tour, &s.tour)
	})
	return err
}

// overOn lists the visits whose stops have no business on a tour. It rests on the tickets of these.
func (f *fsck) overOn(ctx context.Context, d *draft, t *muster.Tour) (map[muster.VisitID]bool, error) {
	var ids []string
	for _, s := range t.Stops {
		ids = append(ids, string(s.Ticket), string(s.Assignment), string(s.Offer))
	}
	ids = slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	records, err := f.store.Records(ctx, "", ids...)
	if err != nil {
		return nil, err
	}
	over := make(map[muster.VisitID]bool)
	for _, s := range t.Stops {
		a, _ := records[string(s.Assignment)].(*muster.Assignment)
		o, _ := records[string(s.Offer)].(*muster.Offer)
		if s.Held() {
			over[s.Visit] = o == nil || o.Tour != t.ID || o.State != muster.OfferOpen
		} else {
			over[s.Visit] = a == nil || a.Tour != t.ID || a.Visit != s.Visit || a.State == muster.AssignmentWithdrawn
		}
		if ticket, ok := records[string(s.Ticket)].(*muster.Ticket); ok && over[s.Visit] {
			d.rest(graph.At(string(ticket.ID), ticket.Rev))
		}
	}
	return over, nil
}
