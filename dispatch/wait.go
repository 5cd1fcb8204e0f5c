package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Wait sets a ticket to waiting, for something and until a moment. A visit that was planned is withdrawn.
func (d *Dispatch) Wait(ctx context.Context, cmd muster.Command, req WaitRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbWait, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		return wait(k, req)
	})
}

func wait(k *desk, req WaitRequest) error {
	if err := k.begin(verbWait); err != nil {
		return err
	}
	switch req.For {
	case muster.WaitParts, muster.WaitCustomer, muster.WaitApproval, muster.WaitDate:
	default:
		return muster.Invalid("for", string(req.For), "one of parts, customer, approval, date")
	}
	if err := k.later("until", req.Until); err != nil {
		return err
	}
	if err := textFits("note", req.Note); err != nil {
		return err
	}
	k.reason = "waits for " + string(req.For)
	k.ticket.Wait = muster.Wait{For: req.For, Until: muster.Instant(req.Until), Note: req.Note}
	return k.proceed(verbWait, "")
}
