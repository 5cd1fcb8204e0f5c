package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Wake ends a wait: the ticket is queued again, or put before a person. The system may when the time has come.
func (d *Dispatch) Wake(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbWake, req, graph.CaseRef{Ticket: req.Ticket}, wake)
}

func wake(k *desk) error {
	if err := k.begin(verbWake); err != nil {
		return err
	}
	if until := k.ticket.Wait.Until; k.cmd.Actor.Role == muster.RoleSystem && k.now.Before(until) {
		return tooEarly(k.ticket.Ref()+" waits", until)
	}
	return k.proceed(verbWake, branchOf(&k.ticket))
}
