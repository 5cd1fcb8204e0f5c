package api

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func (s *server) match(api huma.API) {
	type input struct {
		TicketPath
		Relax    bool `query:"relax" doc:"Also the least changes, one or two together, that would let somebody take it who can't, with the experts that each opens."`
		Excluded int  `query:"excluded" minimum:"0" maximum:"100000" default:"100000" doc:"Show at most so many of those who can't; counts always has all."`
	}
	type output struct{ Body muster.Match }
	op := read("/v1/tickets/{id}/match", "match-ticket", "match", "Who can take a ticket, and why everyone else can't",
		"Candidates by cost, in expected minutes lost, broken down by term; those who can't with every reason and the numbers that were compared. For staff.")
	register(s, api, op, func(ctx context.Context, in *input) (*output, error) {
		if err := staffOnly(scope(ctx), "candidates"); err != nil {
			return nil, err
		}
		ref, err := dispatch.ParseTicketRef(in.ID)
		if err != nil {
			return nil, err
		}
		find := s.Dispatch.Match
		if in.Relax {
			find = s.Dispatch.Relax
		}
		m, err := find(ctx, ref)
		if err != nil {
			return nil, err
		}
		m.Candidates = filled(m.Candidates)
		m.Excluded = filled(m.Excluded[:min(len(m.Excluded), in.Excluded)])
		return &output{Body: m}, nil
	})

	type one struct {
		TicketPath
		Expert muster.ExpertID `path:"expert" example:"exp_5d2m8x0q7r1kzt4c"`
		Relax  bool            `query:"relax" doc:"Also the least changes, one or two together, that would let the expert take it. For staff, at the cheapest start."`
		Start  time.Time       `query:"start" example:"2026-11-24T15:00:00Z" doc:"At this start alone; the cheapest if left out. A start that runs into another visit is refused with the times of both."`
	}
	type verdict struct{ Body dispatch.Verdict }
	op = read("/v1/tickets/{id}/match/{expert}", "match-expert", "match", "Can this expert take this ticket, and why not?",
		"Experts may ask about themselves and the tickets that concern them.")
	register(s, api, op, func(ctx context.Context, in *one) (*verdict, error) {
		c, err := s.ticketCase(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if !seesExpert(scope(ctx), in.Expert) {
			return nil, muster.NotFound(muster.KindExpert, string(in.Expert))
		}
		if in.Relax {
			if err := staffOnly(scope(ctx), "relaxations"); err != nil {
				return nil, err
			}
			if !in.Start.IsZero() {
				return nil, muster.Invalid("relax", "true", "leave out start: changes are looked for at any start")
			}
			v, err := s.Dispatch.RelaxOne(ctx, dispatch.TicketRef{ID: c.Ticket.ID}, in.Expert)
			return &verdict{Body: v}, err
		}
		v, err := s.Dispatch.WhyAt(ctx, dispatch.TicketRef{ID: c.Ticket.ID}, in.Expert, in.Start)
		return &verdict{Body: v}, err
	})

	type when struct {
		TicketPath
		Expert muster.ExpertID `path:"expert" example:"exp_5d2m8x0q7r1kzt4c"`
		Limit  int             `query:"limit" minimum:"1" maximum:"100" default:"10" doc:"At most so many."`
	}
	type starts struct{ Body List[muster.Candidate] }
	op = read("/v1/tickets/{id}/match/{expert}/starts", "list-starts", "match", "When can this expert take this ticket?",
		"Starts within the horizon, the cheapest first; none for an expert who can't. Experts may ask about themselves and the tickets that concern them.")
	register(s, api, op, func(ctx context.Context, in *when) (*starts, error) {
		c, err := s.ticketCase(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		if !seesExpert(scope(ctx), in.Expert) {
			return nil, muster.NotFound(muster.KindExpert, string(in.Expert))
		}
		all, err := s.Dispatch.Starts(ctx, dispatch.TicketRef{ID: c.Ticket.ID}, in.Expert, in.Limit)
		return &starts{Body: List[muster.Candidate]{Items: filled(all)}}, err
	})
}
