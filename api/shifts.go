package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Shifts says when an expert works.
type Shifts struct {
	Zone   string          `json:"zone,omitempty" readOnly:"true" example:"America/Los_Angeles" doc:"Of the base: the weekly hours are in its local time. Follows from the base; a value sent here is not looked at."`
	Shifts []muster.Hours  `json:"shifts" maxItems:"100" nullable:"false" doc:"Weekly, in minutes from midnight."`
	Extra  []muster.Window `json:"extra,omitempty" maxItems:"500" doc:"Single shifts beside the weekly ones."`
	Breaks []muster.Hours  `json:"breaks,omitempty" maxItems:"100"`
	OnCall []muster.Window `json:"on_call,omitempty" maxItems:"500"`
}

func (s *server) shifts(api huma.API) {
	type one struct {
		ExpertPath
		Conditional
	}
	op := readOne("/v1/experts/{id}/shifts", "show-shifts", "experts", "When an expert works", "")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[Shifts], error) {
		e, err := s.expert(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		body := Shifts{Zone: e.Base.Zone, Shifts: filled(e.Shifts), Extra: e.Extra, Breaks: e.Breaks, OnCall: e.OnCall}
		return single(in.Conditional, e.Rev, body), nil
	})

	type save struct {
		ExpertPath
		Commanded
		Body Shifts
	}
	op = change(http.MethodPut, "/v1/experts/{id}/shifts", "save-shifts", "experts", "Say when an expert works", "All of it; what is left out is emptied. Planned visits stay.")
	register(s, api, op, func(ctx context.Context, in *save) (*ExpertOutcome, error) {
		b := in.Body
		req := dispatch.ShiftsRequest{Expert: in.ID, Shifts: b.Shifts, Extra: b.Extra, Breaks: b.Breaks, OnCall: b.OnCall}
		return carry(ctx, &in.Commanded, req, s.Dispatch.SaveShifts, expertOutcome(http.StatusOK))
	})
}
