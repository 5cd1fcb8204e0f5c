package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Unassign takes a ticket back from the expert who has it, or who was asked, and queues it again. It needs a
// reason, which the assignment keeps.
func (d *Dispatch) Unassign(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbUnassign, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		return unassign(k, req)
	})
}

func unassign(k *desk, req TicketRequest) error {
	if err := k.begin(verbUnassign); err != nil {
		return err
	}
	if err := reasonGiven("reason", req.Reason); err != nil {
		return err
	}
	k.reason = req.Reason
	return k.proceed(verbUnassign, "")
}
