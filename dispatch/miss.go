package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Miss notes which of a ticket's deadlines have passed: clocks and the promise to the customer. It puts them before a
// person; the ticket keeps what was missed.
func (d *Dispatch) Miss(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbMiss, req, graph.CaseRef{Ticket: req.Ticket}, miss)
}

func miss(k *desk) error {
	if err := k.begin(verbMiss); err != nil {
		return err
	}
	if next := k.nextDeadline(); next.IsZero() || k.now.Before(next) {
		return tooEarly(k.ticket.Ref()+" keeps its deadlines", next)
	}
	k.event, k.judged = verbMiss.rule().event, true
	return nil // the desk does it, as with whatever else happens on that ticket
}
