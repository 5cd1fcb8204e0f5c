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
func (d *Dispatch) leaveSooner(ctx context.Context, k *desk) error {
	for _, s := range slices.Clone(k.sheets) {
		if !s.dirty {
			continue
		}
		for i := range s.tour.Stops {
			stop := &s.tour.Stops[i]
			if !k.behindChange(s, i) || !stop.Depart.After(k.now) || slices.ContainsFunc(k.desks, func(o *desk) bool { return o.ticket.ID == stop.Ticket }) {
				continue
			}
			t, err := load[muster.Ticket](ctx, d, "", string(stop.Ticket))
			if err != nil {
				return err
			}
			if at, waits := t.Timers[muster.TimerDepart]; !waits || !at.After(stop.Depart) {
				continue
			}
			c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: stop.Ticket})
			if err != nil {
				return err
			}
			k.desk(&c).event = leavesSooner
		}
	}
	return nil
}

// behindChange tells whether somebody is to leave for a stop from another place than before: its leaving time has changed,
// or the stop before has just been given to them.
func (k *desk) behindChange(s *sheet, at int) bool {
	stop := &s.tour.Stops[at]
	if stop.Held() || !stop.EndedAt.IsZero() || !stop.LeftAt.IsZero() {
		return false
	}
	if at > 0 && slices.ContainsFunc(k.crew, func(a *muster.Assignment) bool {
		return a.ID == s.tour.Stops[at-1].Assignment && a.At.Equal(k.now)
	}) {
		return true
	}
	for _, o := range k.desks {
		for _, was := range o.loaded.Tours[s.tour.ID].Stops {
			if was.Visit == stop.Visit {
				return stop.Depart.Before(was.Depart)
			}
		}
	}
	return false
}
