package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// LeaveBody is time off.
type LeaveBody struct {
	Start time.Time `json:"start" example:"2026-12-24T08:00:00Z"`
	End   time.Time `json:"end" example:"2026-12-28T08:00:00Z"`
	Kind  string    `json:"kind,omitempty" enum:"holiday,sick,training" doc:"holiday if left out."`
}

func (s *server) leave(api huma.API) {
	type one struct {
		ExpertPath
		Conditional
	}
	op := readOne("/v1/experts/{id}/leave", "list-leave", "experts", "An expert's time off", "")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[List[muster.Leave]], error) {
		e, err := s.expert(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return single(in.Conditional, e.Rev, List[muster.Leave]{Items: filled(e.Leave)}), nil
	})

	type add struct {
		ExpertPath
		Commanded
		Body LeaveBody
	}
	op = change(http.MethodPost, "/v1/experts/{id}/leave", "add-leave", "experts", "Add time off", "Visits in that time go to others who come within the promised windows; where nobody can, a person calls the customer.")
	op.DefaultStatus = http.StatusCreated
	register(s, api, op, func(ctx context.Context, in *add) (*ExpertOutcome, error) {
		b := in.Body
		req := dispatch.LeaveRequest{Expert: in.ID, Leave: muster.Leave{Window: muster.Window{Start: b.Start, End: b.End}, Kind: b.Kind}}
		return carry(ctx, &in.Commanded, req, called(s.Dispatch.AddLeave, inside("leave", "end")), expertOutcome(http.StatusCreated))
	})
}
