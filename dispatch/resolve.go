package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Resolve closes a completed ticket: the customer says that all is well, or the policy's time has passed.
func (d *Dispatch) Resolve(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbResolve, req, graph.CaseRef{Ticket: req.Ticket}, resolve)
}

func resolve(k *desk) error {
	if err := k.begin(verbResolve); err != nil {
		return err
	}
	return k.proceed(verbResolve, "")
}
