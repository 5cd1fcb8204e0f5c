package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Check looks at one thing that this process needs in order to work, such as the relay or the sweeps. Look
// returns what it measured, as words for people, and an error if the process can't work like this.
type Check struct {
	Name string
	Look func(ctx context.Context) (figures string, err error)
}

// clockMay is how far the store's clock and this process's may be apart: deadlines are judged by both.
const clockMay = 2 * time.Second

// lookTime is how long one check may take; a store that needs longer is as good as away.
const lookTime = 5 * time.Second

// Health says that the process lives.
type Health struct {
	Status  string `json:"status" example:"ok"`
	Version string `json:"version" example:"0.1.0"`
}

// Readiness says whether the process can work, check by check.
type Readiness struct {
	Ready  bool          `json:"ready"`
	Checks []CheckResult `json:"checks" nullable:"false"`
}

// CheckResult is what one check found.
type CheckResult struct {
	Name    string `json:"name" example:"clock"`
	OK      bool   `json:"ok"`
	Figures string `json:"figures,omitempty" example:"store 12 ms ahead"`
	Error   string `json:"error,omitempty" doc:"What is wrong and what to do."`
	Millis  int64  `json:"ms" doc:"How long the check took."`
}

func (s *server) health(api huma.API) {
	type liveness struct{ Body Health }
	op := open(http.MethodGet, "/healthz", "healthz", "health", "Does the process live?")
	op.Description = "Looks at nothing but itself: a store that is away is no reason to restart this process."
	register(s, api, op, func(context.Context, *struct{}) (*liveness, error) {
		return &liveness{Body: Health{Status: "ok", Version: s.Version}}, nil
	})

	type readiness struct {
		Status int
		Body   Readiness
	}
	op = open(http.MethodGet, "/readyz", "readyz", "health", "Can the process work?")
	op.Description = "Asks the store, compares the clocks, and looks at what else runs here. 503 if any check fails, with the same body."
	op.DefaultStatus = http.StatusOK
	op.Responses["503"] = &huma.Response{
		Description: "Not ready.",
		Content: map[string]*huma.MediaType{
			"application/json": {Schema: api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[Readiness](), true, "")},
		},
	}
	register(s, api, op, func(ctx context.Context, _ *struct{}) (*readiness, error) {
		body := s.look(ctx)
		out := &readiness{Status: http.StatusOK, Body: body}
		if !body.Ready {
			out.Status = http.StatusServiceUnavailable
		}
		return out, nil
	})
}

// look runs all checks, in order.
func (s *server) look(ctx context.Context) Readiness {
	r := Readiness{Ready: true}
	for _, c := range append([]Check{{"store", s.storeCheck}, {"clock", s.clockCheck}}, s.Checks...) {
		looking, cancel := context.WithTimeout(ctx, lookTime)
		began := time.Now()
		figures, err := c.Look(looking)
		cancel()
		result := CheckResult{Name: c.Name, OK: err == nil, Figures: figures, Millis: time.Since(began).Milliseconds()}
		if err != nil {
			p := problem(ctx, err)
			result.Error = p.Detail
			if p.Hint != "" {
				result.Error += ": " + p.Hint
			}
			r.Ready = false
		}
		r.Checks = append(r.Checks, result)
	}
	return r
}

// storeCheck asks whether the store answers, with the schema that this binary reads.
func (s *server) storeCheck(ctx context.Context) (string, error) {
	have, err := s.Graph.Version(ctx)
	figures := fmt.Sprintf("schema %d, this binary %d", have, graph.SchemaVersion)
	switch {
	case err != nil:
		return "", err
	case have > graph.SchemaVersion:
		return figures, muster.E(muster.CodeNewerSchema, "the store was written by a newer Muster", "run that version, or a newer one")
	case have < graph.SchemaVersion:
		return figures, muster.E(muster.CodeUnavailable, "the store's schema is older than this binary", "run muster schema")
	}
	return figures, nil
}

// clockCheck compares the store's clock with ours, halfway through the question.
func (s *server) clockCheck(ctx context.Context) (string, error) {
	before := s.Clock.Now()
	store, err := s.Graph.Now(ctx)
	if err != nil {
		return "", err
	}
	after := s.Clock.Now()
	ahead := store.Sub(before.Add(after.Sub(before) / 2))
	figures := fmt.Sprintf("store %+d ms", ahead.Milliseconds())
	if ahead.Abs() > clockMay {
		return figures, muster.E(muster.CodeUnavailable,
			fmt.Sprintf("this machine's clock and the store's are %s apart", ahead.Abs().Round(time.Millisecond)), "set both by NTP")
	}
	return figures, nil
}
