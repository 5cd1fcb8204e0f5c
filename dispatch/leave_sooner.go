package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// leavesSooner is the event of a ticket whose expert has to leave for it sooner than it was told.
const leavesSooner = "ticket.leaves_sooner"

// leaveSooner sets the timers of visits anew for which somebody has to leave sooner than their tickets know, because of what
// happened to the stop before: else they would be asked when it is too late. Who has to leave later is only looked at too
// early. A leaving time that is over by now nobody could have kept: those are asked as it was planned.
func (d *Dispatch) leaveSooner(ctx context.Context, on *draft) error {
	var sooner []muster.Stop
	var ids []string
	for _, s := range on.sheets {
		for i, stop := range s.tour.Stops {
			if s.dirty && stop.Depart.After(on.now) && s.behindChange(i) && !on.has(stop.Ticket) {
				sooner, ids = append(sooner, stop), append(ids, string(stop.Ticket))
			}
		}
	}
	if len(sooner) == 0 {
		return nil
	}
	found, err := d.store.Records(ctx, "", ids...)
	if err != nil {
		return err
	}
	for _, stop := range sooner {
		t, known := found[string(stop.Ticket)].(*muster.Ticket)
		if !known || on.has(t.ID) || !t.Timers[muster.TimerDepart].After(stop.Depart) { // nobody is waited for, or they are looked at in time
			continue
		}
		c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: t.ID, Latest: lastVisits})
		if err != nil {
			return err
		}
		on.desk(&c).event = leavesSooner
	}
	return nil
}

// has tells whether a ticket is being worked on.
func (d *draft) has(t muster.TicketID) bool {
	return slices.ContainsFunc(d.desks, func(o *desk) bool { return o.ticket.ID == t })
}

// behindChange tells whether somebody is to leave for a stop from another place than before: its leaving time has changed,
// or the stop before, which was held for them until now, has just been given to them.
func (s *sheet) behindChange(at int) bool {
	stop := &s.tour.Stops[at]
	if stop.Held() || !stop.EndedAt.IsZero() || !stop.LeftAt.IsZero() {
		return false
	}
	held := func(v muster.VisitID) bool {
		return slices.ContainsFunc(s.was, func(o muster.Stop) bool { return o.Visit == v && o.Held() })
	}
	if at > 0 && !s.tour.Stops[at-1].Held() && held(s.tour.Stops[at-1].Visit) {
		return true
	}
	i := slices.IndexFunc(s.was, func(o muster.Stop) bool { return o.Visit == stop.Visit })
	return i >= 0 && stop.Depart.Before(s.was[i].Depart)
}
