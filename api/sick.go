package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// SickBody says until when somebody is sick.
type SickBody struct {
	Until time.Time `json:"until,omitzero" example:"2026-11-25T08:00:00Z" doc:"The end of the day where the expert lives if left out."`
}

// LeavesBody says from when on somebody works here no longer.
type LeavesBody struct {
	From time.Time `json:"from" example:"2026-12-31T18:00:00Z"`
}

// SickOutcome is what became of the visits of somebody who is sick.
type SickOutcome struct {
	Keyed
	Body dispatch.SickReport
}

func (s *server) sick(api huma.API) {
	type ask struct {
		ExpertPath
		Until time.Time `query:"until" example:"2026-11-25T08:00:00Z" doc:"The end of the day where the expert lives if left out."`
	}
	type plan struct {
		Body dispatch.SickReport
	}
	op := read("/v1/experts/{id}/sick", "plan-sick", "experts", "What would become of an expert's visits if they were sick from now on",
		"Nothing is changed. Of each visit: who comes within the promised window, or that a person would have to call the customer.")
	register(s, api, op, func(ctx context.Context, in *ask) (*plan, error) {
		report, err := s.Dispatch.SickPlan(ctx, actorOf(ctx), dispatch.SickRequest{Expert: in.ID, Until: in.Until})
		return &plan{Body: report}, err
	})

	type enter struct {
		ExpertPath
		Commanded
		Body *SickBody
	}
	op = change(http.MethodPost, "/v1/experts/{id}/sick", "enter-sick", "experts", "An expert is sick from now on",
		"Their visits in that time are given to others at once, within the promised windows. A customer whose window nobody can keep becomes a call task.")
	register(s, api, op, func(ctx context.Context, in *enter) (*SickOutcome, error) {
		req := dispatch.SickRequest{Expert: in.ID}
		if in.Body != nil {
			req.Until = in.Body.Until
		}
		return carry(ctx, &in.Commanded, req, s.Dispatch.Sick, func(key string, r dispatch.SickReport) *SickOutcome {
			return &SickOutcome{Keyed: Keyed{Key: key}, Body: r}
		})
	})

	type leaves struct {
		ExpertPath
		Commanded
		Body LeavesBody
	}
	op = change(http.MethodPost, "/v1/experts/{id}/leaves", "expert-leaves", "experts", "An expert works here no longer from a moment on",
		"What they have after it is given to others at once, within the promised windows, or becomes a call task. They are removed when the moment has come.")
	register(s, api, op, func(ctx context.Context, in *leaves) (*ExpertOutcome, error) {
		req := dispatch.LeavesRequest{Expert: in.ID, From: muster.Instant(in.Body.From)}
		return carry(ctx, &in.Commanded, req, s.Dispatch.ExpertLeaves, expertOutcome(http.StatusOK))
	})
}
