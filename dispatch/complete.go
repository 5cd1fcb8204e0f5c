package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Complete closes the work on a ticket without a visit: a carry-in was handed back, or the fault could be
// fixed from afar. A visit that was planned ends with the ticket.
func (d *Dispatch) Complete(ctx context.Context, cmd muster.Command, req CompleteRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbComplete, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		return complete(k, req)
	})
}

func complete(k *desk, req CompleteRequest) error {
	if err := k.begin(verbComplete); err != nil {
		return err
	}
	if !req.Outcome.Completes() {
		return muster.Invalid("outcome", string(req.Outcome), "one of fixed, beyond_repair, fault_not_found")
	}
	if err := textFits("note", req.Note); err != nil {
		return err
	}
	k.ticket.Outcome = string(req.Outcome)
	if req.Note != "" {
		k.ticket.Outcome += ": " + req.Note
	}
	k.reason = "done without a visit"
	return k.proceed(verbComplete, "")
}
