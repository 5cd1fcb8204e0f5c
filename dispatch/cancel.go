package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Cancel closes a ticket on which no more is to be done. A customer may do so until somebody is on the way.
// A completed ticket can only be reopened.
func (d *Dispatch) Cancel(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbCancel, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		return cancel(k, req)
	})
}

func cancel(k *desk, req TicketRequest) error {
	if err := k.begin(verbCancel); err != nil {
		return err
	}
	if k.cmd.Actor.Role == muster.RoleCustomer && k.visit != nil && k.visit.State == muster.VisitEnRoute {
		return muster.E(muster.CodeForbidden, "the expert is on the way already", "call us; a dispatcher can still cancel")
	}
	if err := textFits("reason", req.Reason); err != nil {
		return err
	}
	k.reason, k.ticket.Outcome = "cancelled", "cancelled"
	if req.Reason != "" {
		k.reason, k.ticket.Outcome = req.Reason, req.Reason
	}
	return k.proceed(verbCancel, "")
}
