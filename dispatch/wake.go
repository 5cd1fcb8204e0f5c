package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Wake ends a wait: the ticket is queued again, or put before a person. The system may when the time has come, a customer
// when it waits for their answer. If it needs a part that nobody has ordered by then, or an approval that nobody has given, a
// person looks.
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
	w := k.ticket.Wait
	if k.cmd.Actor.Role == muster.RoleCustomer && w.For != muster.WaitCustomer {
		return muster.E(muster.CodeForbidden, k.ticket.Ref()+" doesn't wait for you, but for: "+string(w.For), "call us if it takes too long")
	}
	if k.cmd.Actor.Role == muster.RoleSystem && w.For == muster.WaitApproval {
		return k.proceed(verbWake, needsPerson) // it wasn't given by then: nobody is sent without
	}
	if (k.cmd.Actor.Role == muster.RoleSystem || k.cmd.Actor.Role == muster.RoleCustomer) && k.unordered() {
		if err := k.proceed(verbWake, needsPerson); err != nil {
			return err
		}
		k.askForParts() // a visit would be for nothing
		return nil
	}
	return k.proceed(verbWake, branchOf(&k.ticket))
}
