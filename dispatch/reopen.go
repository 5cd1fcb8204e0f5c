package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Reopen takes a completed or resolved ticket up again: it gets a new visit, if it can by the same expert.
func (d *Dispatch) Reopen(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbReopen, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		return reopen(k, req)
	})
}

func reopen(k *desk, _ TicketRequest) error {
	if err := k.begin(verbReopen); err != nil {
		return err
	}
	for _, a := range k.loaded.Assignments {
		if a.State == muster.AssignmentDone {
			k.ticket.Prefer = a.Expert // the last one; they are in order of time
		}
	}
	return k.proceed(verbReopen, branchOf(&k.ticket))
}
