package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Queue lets a ticket that was triaged, or that waits, be planned by rounds now.
func (d *Dispatch) Queue(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbQueue, req, graph.CaseRef{Ticket: req.Ticket}, queue)
}

func queue(k *desk) error {
	if err := k.begin(verbQueue); err != nil {
		return err
	}
	return k.proceed(verbQueue, branchOf(&k.ticket))
}
