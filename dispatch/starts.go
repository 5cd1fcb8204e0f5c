package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Starts gives up to limit starts at which one expert can take a ticket's visit, the cheapest first, of equal
// ones the earliest. It is empty for an expert whom a constraint excludes; Why says which.
func (d *Dispatch) Starts(ctx context.Context, ref TicketRef, expert muster.ExpertID, limit int) ([]muster.Candidate, error) {
	k, err := d.look(ctx, graph.CaseRef{Ticket: ref.ID, Number: ref.Number, Experts: []muster.ExpertID{expert}})
	if err != nil {
		return nil, err
	}
	p, err := k.person(expert)
	if err != nil {
		return nil, err
	}
	return k.on.world(k.now).Starts(k.job(0), p, limit), nil
}
