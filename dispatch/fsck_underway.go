package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// oneVisitAtATime checks that nobody is on the way to two visits, or at them: of everybody the first ticket is kept
// that they are under way for.
func (f *fsck) oneVisitAtATime(ctx context.Context, page []graph.TicketCase) error {
	wrong := make(found)
	others := make(map[string][]muster.TicketID)
	for i := range page {
		id := page[i].Ticket.ID
		for _, e := range underWay(&page[i]) {
			if f.place.UnderWay == nil {
				f.place.UnderWay = make(map[muster.ExpertID]muster.TicketID)
			}
			if other, known := f.place.UnderWay[e]; known && other != id {
				wrong.twoAtOnce(e, id, other)
				others[string(id)] = append(others[string(id)], other)
			}
			f.place.UnderWay[e] = id
		}
	}
	return f.again(ctx, wrong, func(id string) (found, error) {
		wrong := make(found)
		one, err := f.store.TicketCase(ctx, "", graph.CaseRef{Ticket: muster.TicketID(id)})
		if err != nil {
			return nil, err
		}
		f.rests(&one.Ticket)
		for _, other := range others[id] {
			two, err := f.store.TicketCase(ctx, "", graph.CaseRef{Ticket: other})
			if err != nil {
				return nil, err
			}
			f.rests(&two.Ticket)
			for _, e := range underWay(&one) {
				for _, o := range underWay(&two) {
					if e == o {
						wrong.twoAtOnce(e, one.Ticket.ID, other)
					}
				}
			}
		}
		return wrong, nil
	})
}

// underWay lists who is on the way to a ticket's visit or at it.
func underWay(c *graph.TicketCase) (out []muster.ExpertID) {
	for _, v := range c.Visits {
		switch v.State {
		case muster.VisitEnRoute, muster.VisitArrived, muster.VisitInProgress:
			for _, a := range c.Assignments {
				if a.Visit == v.ID && a.State == muster.AssignmentActive {
					out = append(out, a.Expert)
				}
			}
		}
	}
	return out
}

func (f found) twoAtOnce(e muster.ExpertID, one, two muster.TicketID) {
	f.add("I6", string(one), "expert %s is under way for it and for %s at once", e, two)
}
