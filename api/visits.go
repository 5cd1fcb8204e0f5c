package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// VisitPath names a visit in a path.
type VisitPath struct {
	ID muster.VisitID `path:"id" example:"vis_7q0m2c5x9d1k4trw"`
}

// EndBody ends a visit.
type EndBody struct {
	Outcome muster.VisitOutcome `json:"outcome" enum:"fixed,beyond_repair,fault_not_found,part_needed,other_skill_needed,second_person_needed,no_access,refused,unsafe" example:"fixed"`
	Note    string              `json:"note,omitempty" maxLength:"5000" doc:"What was found and done."`
	Needs   []muster.Need       `json:"needs,omitempty" maxItems:"20" doc:"For other_skill_needed: what it takes."`
	Carry   []string            `json:"carry,omitempty" maxItems:"50" doc:"For part_needed: which parts."`
	Until   time.Time           `json:"until,omitzero" doc:"For part_needed, no_access, refused: try again then."`
	At      time.Time           `json:"at,omitzero" example:"2026-11-24T16:10:00Z" doc:"When it ended, by the phone's clock, if it could not be told at once. Clocks and later arrivals count from then; both times are kept."`
}

// StepBody says when a step happened.
type StepBody struct {
	At time.Time `json:"at,omitzero" example:"2026-11-24T15:04:00Z" doc:"When it happened, by the phone's clock, if it could not be told at once. Both times are kept."`
}

// AnswerBody is the answer of an expert who should have left.
type AnswerBody struct {
	Coming bool      `json:"coming"`
	At     time.Time `json:"at,omitzero" doc:"When they expect to be there; as planned if left out."`
}

func (s *server) visits(api huma.API) {
	type list struct {
		Body List[muster.Visit]
	}
	op := read("/v1/tickets/{id}/visits", "list-visits", "visits", "A ticket's visits, in order", "")
	register(s, api, op, func(ctx context.Context, in *TicketPath) (*list, error) {
		c, err := s.ticketCase(ctx, in.ID)
		return &list{Body: List[muster.Visit]{Items: filled(c.Visits)}}, err
	})

	type one struct {
		VisitPath
		Conditional
	}
	op = readOne("/v1/visits/{id}", "show-visit", "visits", "One visit", "Its revision is its ticket's.")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[muster.Visit], error) {
		c, err := s.visibleCase(ctx, graph.CaseRef{Visit: in.ID}, muster.KindVisit, string(in.ID))
		if err != nil {
			return nil, err
		}
		for _, v := range c.Visits {
			if v.ID == in.ID {
				return single(in.Conditional, c.Ticket.Rev, v), nil
			}
		}
		return nil, muster.NotFound(muster.KindVisit, string(in.ID))
	})

	type coming struct {
		VisitPath
		Commanded
		Body AnswerBody
	}
	op = change(http.MethodPost, "/v1/visits/{id}/answer", "answer-visit", "visits", "Say whether the expert is coming",
		"Whoever should have left is asked. Coming closes the alarm until the time that they expect; who can't come keeps the visit until a person has reassigned it.")
	register(s, api, op, func(ctx context.Context, in *coming) (*TicketOutcome, error) {
		req := dispatch.ComingRequest{Visit: in.ID, Coming: in.Body.Coming, At: in.Body.At}
		return carry(ctx, &in.Commanded, req, s.Dispatch.AnswerVisit, outcome(http.StatusOK))
	})

	step(s, api, "depart", "Leave for the visit", "The expert is on the way.", s.Dispatch.Depart)
	step(s, api, "arrive", "Arrive", "The expert is there.", s.Dispatch.Arrive)
	step(s, api, "start", "Begin the work", "", s.Dispatch.Start)

	type end struct {
		VisitPath
		Commanded
		Body EndBody
	}
	op = change(http.MethodPost, "/v1/visits/{id}/end", "end-visit", "visits", "End the visit with an outcome",
		"fixed, beyond_repair and fault_not_found complete the ticket; the others send it back with corrected needs.")
	register(s, api, op, func(ctx context.Context, in *end) (*TicketOutcome, error) {
		b := in.Body
		req := dispatch.EndRequest{Visit: in.ID, Outcome: b.Outcome, Note: b.Note, Needs: b.Needs, Carry: b.Carry, Until: b.Until, At: b.At}
		return carry(ctx, &in.Commanded, req, s.Dispatch.End, outcome(http.StatusOK))
	})
}

// step registers POST /v1/visits/{id}/NAME, whose body may be left out.
func step(s *server, api huma.API, name, summary, description string,
	do func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error),
) {
	type input struct {
		VisitPath
		Commanded
		Body *StepBody
	}
	op := change(http.MethodPost, "/v1/visits/{id}/"+name, name+"-visit", "visits", summary, description)
	register(s, api, op, func(ctx context.Context, in *input) (*TicketOutcome, error) {
		req := dispatch.VisitRequest{Visit: in.ID}
		if in.Body != nil {
			req.At = in.Body.At
		}
		return carry(ctx, &in.Commanded, req, do, outcome(http.StatusOK))
	})
}
