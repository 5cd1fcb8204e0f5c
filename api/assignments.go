package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
)

func (s *server) assignments(api huma.API) {
	type output struct {
		Body List[muster.Assignment]
	}
	op := read("/v1/tickets/{id}/assignments", "list-assignments", "tickets", "Who has and had a ticket",
		"All assignments in order of time, withdrawn ones too, each with what it was decided on: cost by term, rank, overrides, revisions of policy and skills.")
	register(s, api, op, func(ctx context.Context, in *TicketPath) (*output, error) {
		c, err := s.ticketCase(ctx, in.ID)
		return &output{Body: List[muster.Assignment]{Items: filled(c.Assignments)}}, err
	})
}
