package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// lister lists tickets.
type lister interface {
	Tickets(ctx context.Context, s muster.Scope, f graph.TicketFilter, p graph.Page) ([]*muster.Ticket, string, error)
}

// eachPage reads a list of tickets page by page. Pages follow on by the tickets' own order, so work may move
// tickets to other states meanwhile.
func eachPage(ctx context.Context, store lister, f graph.TicketFilter, work func([]*muster.Ticket) error) error {
	for page := (graph.Page{Limit: graph.MaxPage}); ; {
		tickets, next, err := store.Tickets(ctx, everything, f, page)
		if err != nil {
			return err
		}
		if err := work(tickets); err != nil || next == "" {
			return err
		}
		page.After = next
	}
}
