package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// object is a schema of the document, as far as it says what a body looks like.
type object struct {
	Ref        string             `json:"$ref"`
	Type       any                // a name, or a list with "null" in it
	Properties map[string]*object //
	Items      *object
	More       json.RawMessage `json:"additionalProperties"` // false, or what each entry of a table is
	Minimum    *float64
	Maximum    *float64
	Enum       []any
	Pattern    string
	Format     string
}

// bodies reads the document: the schema of each operation's body by "POST /v1/tickets", and how to follow a reference.
func bodies(t *testing.T, r *rig) (map[string]*object, func(*object) *object) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			RequestBody struct {
				Content map[string]struct{ Schema *object }
			}
		}
		Components struct{ Schemas map[string]*object }
	}
	require.NoError(t, json.Unmarshal(r.as("", "GET", "/openapi.json", nil).body, &doc))
	all := make(map[string]*object)
	for path, item := range doc.Paths {
		for method, op := range item {
			if c, ok := op.RequestBody.Content["application/json"]; ok {
				all[strings.ToUpper(method)+" "+path] = c.Schema
			}
		}
	}
	return all, func(o *object) *object {
		if o.Ref != "" {
			return doc.Components.Schemas[strings.TrimPrefix(o.Ref, "#/components/schemas/")]
		}
		return o
	}
}

// table is what the entries of a table are, nil if the object has fixed names.
func (o *object) table() *object {
	var each object
	if json.Unmarshal(o.More, &each) != nil {
		return nil
	}
	return &each
}

func (o *object) is(kind string) bool {
	list, _ := o.Type.([]any)
	return o.Type == kind || slices.Contains(list, any(kind))
}

// spoilt calls with each field that a body can have: its path, and a body in which it alone is of the wrong kind, or
// is one that there is not.
func spoilt(o *object, follow func(*object) *object, path string, wrap func(any) any, with func(path string, body any)) {
	o = follow(o)
	inside := func(name string, inner *object) {
		spoilt(inner, follow, strings.TrimPrefix(path+"."+name, "."), func(v any) any { return wrap(map[string]any{name: v}) }, with)
	}
	switch {
	case o.is("object") && o.table() == nil:
		for name, inner := range o.Properties {
			inside(name, inner)
		}
		with(strings.TrimPrefix(path+".nonsense", "."), wrap(map[string]any{"nonsense": 1}))
	case o.table() != nil:
		inside("x", o.table())
	case o.is("array"):
		spoilt(o.Items, follow, path+"[0]", func(v any) any { return wrap([]any{v}) }, with)
		with(path, wrap(7))
	case o.is("string"):
		with(path, wrap(7))
	default:
		with(path, wrap("x"))
	}
}

// TestEveryFieldOfABodyIsCalledAsItWasSent spoils each field that the document knows, of every command.
func TestEveryFieldOfABodyIsCalledAsItWasSent(t *testing.T) {
	c := newCompany(t)
	all, follow := bodies(t, c.rig)
	require.Greater(t, len(all), 25)
	count := 0
	for op, schema := range all {
		method, path, _ := strings.Cut(op, " ")
		path = c.real(path)
		spoilt(schema, follow, "", func(v any) any { return v }, func(field string, body any) {
			a := c.as(admin, method, path, body)
			p := into[Problem](t, http.StatusUnprocessableEntity, a)
			require.True(t, slices.ContainsFunc(p.Errors, func(e FieldError) bool { return e.Field == field }), "%s %v: %s is not in %s", op, body, field, a.body)
			count++
		})
	}
	require.Greater(t, count, 300)
}

// real puts an id in the place of {id}.
func (c *company) real(path string) string {
	for start, id := range map[string]string{
		"/v1/tickets/": "T-1", "/v1/visits/": "vis_x", "/v1/offers/": "off_x", "/v1/customers/": string(c.customer),
		"/v1/sites/": string(c.site), "/v1/devices/": string(c.device), "/v1/experts/": string(c.expert),
	} {
		if strings.HasPrefix(path, start) {
			return strings.Replace(path, "{id}", id, 1)
		}
	}
	return path
}

// TestACommandsRefusalNamesTheFieldThatWasSent: what only the command can see, in a body that is well formed, is told
// under the name that the field has in the request.
func TestACommandsRefusalNamesTheFieldThatWasSent(t *testing.T) {
	c := newCompany(t)
	queued := "/v1/tickets/" + string(c.submit().ID)
	triage := "/v1/tickets/" + string(c.submit("needs", []any{}).ID)
	pair := "/v1/tickets/" + string(c.submit("crew", 2).ID)
	planned := "/v1/tickets/" + string(c.submit().ID)
	into[any](t, http.StatusOK, c.as(dana, "POST", planned+"/assign", map[string]any{"expert": c.expert}))
	assigned := "/v1/tickets/" + string(c.submit().ID)
	visit := "/v1/visits/" + string(into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", assigned+"/assign", map[string]any{"expert": c.expert})).Ticket.Visit.ID)
	for _, step := range []string{"/depart", "/arrive", "/start"} {
		into[any](t, http.StatusOK, c.as(dana, "POST", visit+step, nil))
	}

	type m = map[string]any
	type l = []any
	back := m{"start": "2026-07-02T00:00:00Z", "end": "2026-07-01T00:00:00Z"}
	backwards := m{"weekday": 1, "from": 600, "to": 500}
	magic := l{m{"skill": "skl_magic", "level": 1}}
	site := func(alter ...any) m { return with(m{"place": spot(37.7, -122.4)}, alter...) }
	device := func(alter ...any) m { return with(m{"category": "oven", "site": c.site}, alter...) }
	expert := func(alter ...any) m {
		return with(m{"name": "Li", "skills": l{}, "shifts": l{}, "base": spot(37.7, -122.4)}, alter...)
	}
	shifts := func(alter ...any) m { return with(m{"shifts": l{}}, alter...) }
	customer := func(alter ...any) m { return with(m{"name": "Ruth"}, alter...) }
	policy := func(alter func(*muster.Policy)) muster.Policy {
		p := muster.DefaultPolicy()
		alter(&p)
		return p
	}
	customers := []given{
		{"name", customer("name", " ")},
		{"email", customer("email", "nope")},
		{"preferred[1]", customer("preferred", l{c.expert, "exp_none"})},
		{"blocked[0].expert", customer("blocked", l{m{"expert": "exp_none"}})},
		{"blocked[0].declined", customer("blocked", l{m{"expert": c.expert, "declined": "tic_none"}})},
	}
	sites := []given{
		{"place.point", site("place", spot(0, -150))},
		{"place.zone", site("place", with(spot(37.7, -122.4), "zone", "Mars/Olympus"))},
		{"access_hours[1]", site("access_hours", l{m{"weekday": 1, "from": 0, "to": 60}, backwards})},
	}
	devices := []given{{"category", device("category", " ")}, {"site", device("site", "sit_none")}}
	hours := []given{
		{"shifts[0]", shifts("shifts", l{backwards})},
		{"breaks[0]", shifts("breaks", l{backwards})},
		{"extra[0]", shifts("extra", l{back})},
		{"on_call[0]", shifts("on_call", l{back})},
	}
	experts := []given{
		{"name", expert("name", " ")},
		{"skills[0].skill", expert("skills", magic)},
		{"skills[0].fixed", expert("skills", l{m{"skill": "skl_gas", "level": 1, "visits": 1, "fixed": 2}})},
		{"base.point", expert("base", spot(0, -150))},
		{"base.zone", expert("base", with(spot(37.7, -122.4), "zone", "Mars/Olympus"))},
		{"territory[0]", expert("territory", l{"ffffffffffffffff"})},
		{"leave[0]", expert("leave", l{back})},
		{"capacity.day_minutes", expert("capacity", m{"day_minutes": 10})},
		{"paid_weeks", expert("paid_weeks", 1<<40)},
	}
	for _, h := range hours {
		body := expert()
		for name, v := range h.body.(m) {
			body[name] = v
		}
		experts = append(experts, given{h.field, body})
	}
	assignments := []given{
		{"expert", m{"expert": "exp_none"}},
		{"second", m{"expert": c.expert, "second": "exp_none"}},
		{"overrides[0]", m{"expert": c.expert, "overrides": l{"no skill"}, "why": "x"}},
		{"why", m{"expert": c.expert, "overrides": l{"territory"}}},
	}

	rows := map[string][]given{
		"POST /v1/session": {{"user", m{"user": "usr_none"}}},
		"POST /v1/users": {
			{"name", m{"name": " ", "role": "manager"}},
			{"expert", m{"name": "X", "role": "expert", "expert": "exp_none"}},
			{"customer", m{"name": "X", "role": "customer"}},
		},
		"POST /v1/tickets": {
			{"customer", c.ticket("customer", "cus_none")},
			{"site", c.ticket("site", "sit_none")},
			{"device", c.ticket("device", "dev_none")},
			{"title", c.ticket("title", " ")},
			{"needs[1].skill", c.ticket("needs", append(l{m{"skill": "skl_gas", "level": 1}}, magic...))},
			{"windows[0]", c.ticket("windows", l{back})},
			{"windows[0].end", c.ticket("windows", l{m{"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}})},
			{"legacy", c.ticket("legacy", "4821")},
		},
		"POST " + triage + "/triage":         {{"needs[0].skill", m{"needs": magic}}},
		"POST " + queued + "/assign":         assignments[:1],
		"POST " + pair + "/assign":           assignments[1:],
		"POST " + planned + "/reassign":      {{"expert", m{"expert": "exp_none"}}},
		"POST " + queued + "/offer":          {{"expert", m{"expert": "exp_none"}}},
		"POST " + queued + "/choose-windows": {{"windows[0]", m{"windows": l{m{"start": "2026-11-24T15:00:00Z", "end": "2026-11-24T14:00:00Z"}}}}},
		"POST " + queued + "/wait":           {{"until", m{"for": "parts", "until": "2026-01-01T00:00:00Z"}}},
		"POST " + queued + "/order-part":     {{"eta", m{"name": "relay", "eta": "2001-01-01T00:00:00Z"}}},
		"POST " + queued + "/part-there":     {{"name", m{"name": "relay"}}},
		"POST " + queued + "/merge":          {{"into", m{"into": "nonsense"}}},
		"POST " + planned + "/unassign":      {{"reason", m{"reason": " "}}},
		"POST " + planned + "/exceptions/no_access/hand-over": {
			{"to", m{"to": "usr_none"}}, {"to", m{"to": ruth}}, // a customer
		},
		"POST " + visit + "/answer": {{"at", m{"coming": true, "at": "2026-01-01T00:00:00Z"}}},
		"POST " + visit + "/end": {
			{"needs", m{"outcome": "other_skill_needed"}},
			{"needs[0].skill", m{"outcome": "other_skill_needed", "needs": magic}},
			{"until", m{"outcome": "no_access", "until": "2026-01-01T00:00:00Z"}},
		},
		"POST /v1/customers": slices.Concat(customers, []given{
			{"sites[1].place.point", customer("sites", l{site(), site("place", spot(0, -150))})},
			{"sites[0].access_hours[0]", customer("sites", l{site("access_hours", l{backwards})})},
			{"sites[1].devices[1].category", customer("sites", l{site("devices", l{m{"category": "oven"}}), site("devices", l{m{"category": "oven"}, m{"category": " "}})})},
		}),
		"PUT /v1/customers/" + string(c.customer):               customers,
		"POST /v1/customers/" + string(c.customer) + "/sites":   sites,
		"PUT /v1/sites/" + string(c.site):                       append(sites, given{"id", site("id", "sit_other")}),
		"POST /v1/customers/" + string(c.customer) + "/devices": devices,
		"PUT /v1/devices/" + string(c.device):                   devices,
		"POST /v1/experts":                                      experts,
		"PUT /v1/experts/" + string(c.expert):                   append(experts, given{"rev", expert("rev", 99)}),
		"PUT /v1/experts/" + string(c.expert) + "/shifts":       hours,
		"POST /v1/experts/" + string(c.expert) + "/leave":       {{"end", back}},
		"POST /v1/experts/" + string(c.expert) + "/sick":        {{"until", m{"until": "2001-01-01T00:00:00Z"}}},
		"PUT /v1/skills": {
			{"skills[1].name", m{"skills": l{m{"name": "Ovens"}, m{"name": " "}}}},
			{"skills[0].narrows", m{"skills": l{m{"name": "Ovens", "narrows": "skl_none"}}}},
		},
		"PUT /v1/policy": {
			{"undo_seconds", policy(func(p *muster.Policy) { p.UndoSeconds = 601 })},
			{"due.critical", policy(func(p *muster.Policy) { p.Due[muster.PriorityCritical] = 0 })},
			{"due.soon", policy(func(p *muster.Policy) { p.Due["soon"] = 5 })},
			{"buffer_min.zip", policy(func(p *muster.Policy) { p.BufferMin[muster.PrecisionZIP] = 241 })},
			{"capacity.travel_km", policy(func(p *muster.Policy) { p.Capacity.TravelKm = 0 })},
			{"travel.speed_kmh[1]", policy(func(p *muster.Policy) { p.Travel.SpeedKmh[1] = 301 })},
			{"travel.dense[1]", policy(func(p *muster.Policy) { p.Travel.Dense = [2]int{10, 9} })},
			{"sla.acceptance.high", policy(func(p *muster.Policy) { p.SLA.Acceptance[muster.PriorityHigh] = -1 })},
			{"sla.calendars.never.hours", policy(func(p *muster.Policy) {
				p.SLA.Calendars = map[string]muster.Calendar{"never": {Zone: "UTC", Hours: []muster.Hours{}}}
			})},
			{"weights.waiting", policy(func(p *muster.Policy) { p.Weights.Waiting = 0 })},
		},
	}
	// These have no field that only the command could refuse; the test above spoils what they have.
	plain := []string{
		"queue-ticket", "wake-ticket", "resolve-ticket", "cancel-ticket", "reopen-ticket", "undo-ticket", "complete-ticket",
		"accept-proposal-ticket", "take-exception", "settle-exception", "contact-exception",
		"depart-visit", "arrive-visit", "start-visit", "accept-offer", "decline-offer", "expert-leaves", "need-part-ticket",
	}
	tested := make(map[string]bool)
	for op, all := range rows {
		method, path, _ := strings.Cut(op, " ")
		tested[c.operation(method, path)] = true
		for _, g := range all {
			t.Run(fmt.Sprintf("%s %s", op, g.field), func(t *testing.T) {
				who := dana
				if slices.Contains([]string{"/v1/skills", "/v1/policy", "/v1/users"}, path) {
					who = admin
				}
				a := c.as(who, method, path, g.body)
				var p Problem
				require.NoError(t, json.Unmarshal(a.body, &p))
				require.Equal(t, g.field, p.Field, "%s", a.body)
				require.GreaterOrEqual(t, a.StatusCode, 400)
				require.Less(t, a.StatusCode, 500)
				require.NotEmpty(t, p.Hint)
				if strings.Contains(p.Detail, ":") {
					require.True(t, strings.HasPrefix(p.Detail, p.Field), "the sentence names another field: %s", p.Detail)
				}
			})
		}
	}
	for op, id := range routes {
		if method, _, _ := strings.Cut(op, " "); method == "POST" || method == "PUT" {
			require.True(t, tested[id] != slices.Contains(plain, id), "%s: in exactly one of the two lists", op)
		}
	}
}

// given is a body that a command refuses, with the field that it has to name.
type given struct {
	field string
	body  any
}

// with is an object with some fields changed: name, value, ...
func with(o map[string]any, fields ...any) map[string]any {
	for i := 0; i < len(fields); i += 2 {
		o[fields[i].(string)] = fields[i+1]
	}
	return o
}

// operation is the id of the operation behind a path with ids in it.
func (c *company) operation(method, path string) string {
	parts := strings.Split(path, "/")
	if len(parts) > 3 {
		parts[3] = "{id}"
	}
	if len(parts) > 5 && parts[4] == "exceptions" {
		parts[5] = "{kind}"
	}
	return routes[method+" "+strings.Join(parts, "/")]
}
