package api

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

func (s *server) messages(api huma.API) {
	type list struct {
		Body List[*muster.Message]
	}
	op := read("/v1/tickets/{id}/messages", "list-messages", "messages", "What people were told about a ticket",
		"In order of time, with what became of it. Customers and experts get what was for them; staff get all. At most the newest 500.")
	register(s, api, op, func(ctx context.Context, in *TicketPath) (*list, error) {
		c, err := s.ticketCase(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		found, err := s.Graph.Messages(ctx, scope(ctx), []muster.TicketID{c.Ticket.ID}, graph.MaxPage)
		slices.Reverse(found)
		return &list{Body: List[*muster.Message]{Items: filled(found)}}, err
	})
}
