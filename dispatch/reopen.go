package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Reopen takes a completed or resolved ticket up again: it gets a new visit, if it can by the same expert.
func (d *Dispatch) Reopen(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbReopen, req, graph.CaseRef{Ticket: req.Ticket}, reopen)
}

func reopen(k *desk) error {
	if err := k.begin(verbReopen); err != nil {
		return err
	}
	c, s := &k.loaded.Customer, &k.loaded.Site
	if c.Removed || s.Removed {
		return muster.E(muster.CodeState, "the customer or site of "+k.ticket.Ref()+" has been removed", "take it into service again, or submit a new ticket")
	}
	k.rest(graph.At(string(c.ID), c.Rev))
	for _, a := range k.loaded.Assignments {
		if a.State == muster.AssignmentDone {
			k.ticket.Prefer = a.Expert // the last one; they are in order of time
		}
	}
	return k.proceed(verbReopen, branchOf(&k.ticket))
}
