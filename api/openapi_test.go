package api

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

var update = flag.Bool("update", false, "write docs/openapi.json anew")

const committed = "../docs/openapi.json"

// routes is everything that the API answers, with the operation that does. It is a promise to others: a
// path that is here may not go away.
var routes = map[string]string{
	"GET /healthz":      "healthz",
	"GET /readyz":       "readyz",
	"GET /openapi.json": "",

	"GET /v1/users":      "list-users",
	"POST /v1/users":     "save-user",
	"GET /v1/session":    "show-session",
	"POST /v1/session":   "begin-session",
	"DELETE /v1/session": "end-session",

	"POST /v1/tickets":                    "submit-ticket",
	"GET /v1/tickets":                     "list-tickets",
	"GET /v1/tickets/counts":              "count-tickets",
	"GET /v1/tickets/{id}":                "show-ticket",
	"GET /v1/tickets/{id}/history":        "show-ticket-history",
	"GET /v1/tickets/{id}/visits":         "list-visits",
	"GET /v1/tickets/{id}/messages":       "list-messages",
	"GET /v1/tickets/{id}/offers":         "list-offers",
	"GET /v1/tickets/{id}/assignments":    "list-assignments",
	"GET /v1/tickets/{id}/match":          "match-ticket",
	"GET /v1/tickets/{id}/match/{expert}": "match-expert",

	"GET /v1/tickets/{id}/match/{expert}/starts": "list-starts",

	"POST /v1/tickets/{id}/triage":   "triage-ticket",
	"POST /v1/tickets/{id}/queue":    "queue-ticket",
	"POST /v1/tickets/{id}/assign":   "assign-ticket",
	"POST /v1/tickets/{id}/offer":    "offer-ticket",
	"POST /v1/tickets/{id}/wait":     "wait-ticket",
	"POST /v1/tickets/{id}/wake":     "wake-ticket",
	"POST /v1/tickets/{id}/complete": "complete-ticket",
	"POST /v1/tickets/{id}/resolve":  "resolve-ticket",
	"POST /v1/tickets/{id}/cancel":   "cancel-ticket",

	"POST /v1/tickets/{id}/choose-windows":  "choose-windows-ticket",
	"POST /v1/tickets/{id}/accept-proposal": "accept-proposal-ticket",

	"POST /v1/tickets/{id}/reopen":     "reopen-ticket",
	"POST /v1/tickets/{id}/need-part":  "need-part-ticket",
	"POST /v1/tickets/{id}/order-part": "order-part-ticket",
	"POST /v1/tickets/{id}/part-there": "part-there-ticket",
	"POST /v1/tickets/{id}/merge":      "merge-ticket",
	"POST /v1/tickets/{id}/reassign":   "reassign-ticket",
	"POST /v1/tickets/{id}/unassign":   "unassign-ticket",
	"POST /v1/tickets/{id}/undo":       "undo-ticket",

	"GET /v1/exceptions":                                "list-exceptions",
	"POST /v1/tickets/{id}/exceptions/{kind}/take":      "take-exception",
	"POST /v1/tickets/{id}/exceptions/{kind}/contact":   "contact-exception",
	"POST /v1/tickets/{id}/exceptions/{kind}/hand-over": "hand-over-exception",
	"POST /v1/tickets/{id}/exceptions/{kind}/settle":    "settle-exception",

	"GET /v1/visits/{id}":         "show-visit",
	"POST /v1/visits/{id}/answer": "answer-visit",
	"POST /v1/visits/{id}/depart": "depart-visit",
	"POST /v1/visits/{id}/arrive": "arrive-visit",
	"POST /v1/visits/{id}/start":  "start-visit",
	"POST /v1/visits/{id}/end":    "end-visit",

	"GET /v1/offers/{id}":          "show-offer",
	"POST /v1/offers/{id}/accept":  "accept-offer",
	"POST /v1/offers/{id}/decline": "decline-offer",

	"POST /v1/customers":              "add-customer",
	"GET /v1/customers":               "list-customers",
	"GET /v1/customers/{id}":          "show-customer",
	"PUT /v1/customers/{id}":          "change-customer",
	"POST /v1/customers/{id}/sites":   "add-site",
	"GET /v1/sites/{id}":              "show-site",
	"PUT /v1/sites/{id}":              "change-site",
	"POST /v1/customers/{id}/devices": "add-device",
	"GET /v1/devices/{id}":            "show-device",
	"PUT /v1/devices/{id}":            "change-device",

	"POST /v1/experts":             "add-expert",
	"GET /v1/experts":              "list-experts",
	"GET /v1/experts/{id}":         "show-expert",
	"PUT /v1/experts/{id}":         "change-expert",
	"DELETE /v1/experts/{id}":      "remove-expert",
	"GET /v1/experts/{id}/shifts":  "show-shifts",
	"PUT /v1/experts/{id}/shifts":  "save-shifts",
	"GET /v1/experts/{id}/leave":   "list-leave",
	"POST /v1/experts/{id}/leave":  "add-leave",
	"GET /v1/experts/{id}/sick":    "plan-sick",
	"POST /v1/experts/{id}/sick":   "enter-sick",
	"POST /v1/experts/{id}/leaves": "expert-leaves",
	"GET /v1/tours":                "list-tours",

	"GET /v1/skills":   "list-skills",
	"PUT /v1/skills":   "save-skills",
	"GET /v1/policy":   "show-policy",
	"PUT /v1/policy":   "save-policy",
	"GET /v1/regions":  "list-regions",
	"GET /v1/coverage": "show-coverage",
	"GET /v1/events":   "follow-events",
}

func TestRoutesAreThePromisedOnes(t *testing.T) {
	r := newRig(t)
	have := make(map[string]string)
	require.NoError(t, chi.Walk(r.handle.(chi.Router), func(method, route string, _ http.Handler, _ ...func(http.Handler) http.Handler) error {
		have[method+" "+route] = ""
		return nil
	}))
	for path, item := range described(t, r).Paths {
		for method, op := range item {
			at := strings.ToUpper(method) + " " + path
			require.Contains(t, have, at)
			have[at] = op.OperationID
		}
	}
	require.Equal(t, routes, have)
}

// document is an OpenAPI document, as far as it is looked at here.
type document struct {
	OpenAPI string
	Tags    []struct{ Name, Description string }
	Paths   map[string]map[string]operation
}

type operation struct {
	OperationID string
	Summary     string
	Tags        []string
	Security    []map[string][]string
	Parameters  []struct {
		Name, In, Description string
		Schema                map[string]any
	}
	Responses map[string]struct {
		Ref string `json:"$ref"`
	}
}

// described is the served document.
func described(t *testing.T, r *rig) (doc document) {
	t.Helper()
	a := r.as("", "GET", "/openapi.json", nil)
	require.Equal(t, "application/openapi+json", a.Header.Get("Content-Type"))
	require.NoError(t, json.Unmarshal(a.body, &doc))
	return doc
}

func TestOpenAPIIsCommitted(t *testing.T) {
	r := newRig(t, func(c *Config) { c.Version = muster.Version })
	served := r.as("", "GET", "/openapi.json", nil).body
	if *update {
		require.NoError(t, os.WriteFile(committed, served, 0o644))
	}
	have, err := os.ReadFile(committed)
	require.NoError(t, err)
	require.True(t, bytes.Equal(have, served),
		"docs/openapi.json is not what the code describes; write it anew: go generate ./api")
}

// TestOpenAPISaysEnough holds every operation to what somebody needs who has nothing but the document.
func TestOpenAPISaysEnough(t *testing.T) {
	r := newRig(t)
	doc := described(t, r)
	require.Equal(t, "3.1.0", doc.OpenAPI)
	var tagged []string
	for _, tag := range doc.Tags {
		tagged = append(tagged, tag.Name)
		require.NotEmpty(t, tag.Description, tag.Name)
	}
	seen := make(map[string]bool)
	for path, item := range doc.Paths {
		for method, op := range item {
			at := strings.ToUpper(method) + " " + path
			require.NotEmpty(t, op.OperationID, at)
			require.False(t, seen[op.OperationID], "%s: operation id twice", at)
			seen[op.OperationID] = true
			require.NotEmpty(t, op.Summary, at)
			require.Len(t, op.Tags, 1, at)
			require.Contains(t, tagged, op.Tags[0], at)
			for _, p := range op.Parameters {
				require.NotNil(t, p.Schema, "%s %s", at, p.Name)
				if p.In != "path" && p.In != "query" {
					require.NotEmpty(t, p.Description, "%s %s", at, p.Name)
				}
			}
			if strings.HasPrefix(path, "/v1/") {
				problems(t, at, op)
			}
			if slices.ContainsFunc(op.Security, func(m map[string][]string) bool { _, ok := m["actor"]; return ok }) {
				require.Contains(t, op.Responses, "401", at)
			}
		}
	}
}

// problems holds an operation to describing its refusals as problems.
func problems(t *testing.T, at string, op operation) {
	t.Helper()
	count := 0
	for status, res := range op.Responses {
		if status >= "400" {
			count++
			require.Equal(t, "#/components/responses/"+status, res.Ref, at)
		}
	}
	require.GreaterOrEqual(t, count, 2, at)
}

// TestOpenAPIRefsResolve finds references to schemas that are not there.
func TestOpenAPIRefsResolve(t *testing.T) {
	r := newRig(t)
	var doc struct {
		Components struct {
			Schemas   map[string]json.RawMessage `json:"schemas"`
			Responses map[string]json.RawMessage `json:"responses"`
		} `json:"components"`
	}
	body := r.as("", "GET", "/openapi.json", nil).body
	require.NoError(t, json.Unmarshal(body, &doc))
	const start = `"$ref": "#/components/`
	for rest := string(body); ; {
		_, after, ok := strings.Cut(rest, start)
		if !ok {
			break
		}
		to, _, _ := strings.Cut(after, `"`)
		kind, name, _ := strings.Cut(to, "/")
		if kind == "responses" {
			require.Contains(t, doc.Components.Responses, name)
		} else {
			require.Contains(t, doc.Components.Schemas, name)
		}
		rest = after
	}
	require.Greater(t, len(doc.Components.Schemas), 20)
}
