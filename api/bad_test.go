package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// TestBadInput holds every refusal to naming field, value and remedy, and to having done nothing.
func TestBadInput(t *testing.T) {
	c := newCompany(t)
	ticket := "/v1/tickets/" + string(c.submit().ID)
	customer := "/v1/customers/" + string(c.customer)
	expert := "/v1/experts/" + string(c.expert)
	need := func(skill string, level any) any { return []map[string]any{{"skill": skill, "level": level}} }
	window := func(start, end string) any { return []map[string]any{{"start": start, "end": end}} }
	site := func(lat, lng float64) map[string]any { return map[string]any{"place": spot(lat, lng)} }
	devices := func(at map[string]any, kinds ...string) map[string]any {
		var all []any
		for _, k := range kinds {
			all = append(all, map[string]any{"category": k})
		}
		at["devices"] = all
		return at
	}
	policy := func(spoil func(*muster.Policy)) muster.Policy {
		p := muster.DefaultPolicy()
		spoil(&p)
		return p
	}

	for _, k := range []struct {
		name   string
		method string
		path   string
		body   any
		status int
		code   muster.Code
		field  string
		value  string
		says   string // in the detail or the hint
	}{
		{"level 6", "POST", "/v1/tickets", c.ticket("needs", need("skl_gas", 6)), 422, muster.CodeInvalid, "needs[0].level", "6", "<= 5"},
		{"level 0", "POST", "/v1/tickets", c.ticket("needs", need("skl_gas", 0)), 422, muster.CodeInvalid, "needs[0].level", "0", ">= 1"},
		{"level 2.5", "POST", "/v1/tickets", c.ticket("needs", need("skl_gas", 2.5)), 422, muster.CodeInvalid, "needs[0].level", "2.5", "integer"},
		{"level in words", "POST", "/v1/tickets", c.ticket("needs", need("skl_gas", "five")), 422, muster.CodeInvalid, "needs[0].level", "five", "integer"},
		{"unknown skill", "POST", "/v1/tickets", c.ticket("needs", need("skl_magic", 1)), 422, muster.CodeInvalid, "needs[0].skill", "skl_magic", "skill of the tree"},
		{"not a skill's id", "POST", "/v1/tickets", c.ticket("needs", need("magic", 1)), 422, muster.CodeInvalid, "needs[0].skill", "magic", "starts with skl_"},
		{"unknown customer", "POST", "/v1/tickets", c.ticket("customer", "cus_nobody"), 404, muster.CodeNotFound, "customer", "cus_nobody", "check the id"},
		{"unknown site", "POST", "/v1/tickets", c.ticket("site", "sit_nowhere"), 422, muster.CodeInvalid, "site", "sit_nowhere", "customer"},
		{"unknown device", "POST", "/v1/tickets", c.ticket("device", "dev_none"), 422, muster.CodeInvalid, "device", "dev_none", "leave it out"},
		{"no title", "POST", "/v1/tickets", map[string]any{"customer": c.customer, "site": c.site}, 422, muster.CodeInvalid, "title", "", "add it"},
		{"empty title", "POST", "/v1/tickets", c.ticket("title", ""), 422, muster.CodeInvalid, "title", "", ">= 1"},
		{"unknown field", "POST", "/v1/tickets", c.ticket("colour", "blue"), 422, muster.CodeInvalid, "colour", "blue", "leave it out"},
		{"unknown field inside", "POST", "/v1/tickets", c.ticket("needs", []any{map[string]any{"skill": "skl_gas", "level": 1, "grade": 3}}), 422, muster.CodeInvalid, "needs[0].grade", "3", "leave it out"},
		{"another case", "POST", "/v1/tickets", c.ticket("Text", "x"), 422, muster.CodeInvalid, "Text", "x", "spelling"},
		{"window ends before it starts", "POST", "/v1/tickets", c.ticket("windows", window("2026-06-02T17:00:00Z", "2026-06-02T15:00:00Z")), 422, muster.CodeInvalid, "windows[0]", "2026-06-02T17:00:00Z to 2026-06-02T15:00:00Z", "end must be after the start"},
		{"window without length", "POST", "/v1/tickets", c.ticket("windows", window("2026-06-02T17:00:00Z", "2026-06-02T17:00:00Z")), 422, muster.CodeInvalid, "windows[0]", "", "end must be after the start"},
		{"window over", "POST", "/v1/tickets", c.ticket("windows", window("2026-05-02T15:00:00Z", "2026-05-02T17:00:00Z")), 422, muster.CodeInvalid, "windows[0].end", "2026-05-02T17:00:00Z", "after now"},
		{"time without zone", "POST", "/v1/tickets", c.ticket("windows", window("2026-06-02T15:00:00", "2026-06-02T17:00:00Z")), 422, muster.CodeInvalid, "windows[0].start", "2026-06-02T15:00:00", "zone"},
		{"date alone", "POST", ticket + "/wait", map[string]any{"for": "parts", "until": "2026-06-09"}, 422, muster.CodeInvalid, "until", "2026-06-09", "zone"},
		{"wait until the past", "POST", ticket + "/wait", map[string]any{"for": "parts", "until": "2026-05-09T00:00:00Z"}, 422, muster.CodeInvalid, "until", "2026-05-09T00:00:00Z", "after now"},
		{"unknown mode", "POST", "/v1/tickets", c.ticket("mode", "teleport"), 422, muster.CodeInvalid, "mode", "teleport", "home_visit"},
		{"unknown priority", "POST", "/v1/tickets", c.ticket("priority", "asap"), 422, muster.CodeInvalid, "priority", "asap", "critical"},
		{"crew of three", "POST", "/v1/tickets", c.ticket("crew", 3), 422, muster.CodeInvalid, "crew", "3", "<= 2"},
		{"a point in the sea", "POST", customer + "/sites", site(0, -150), 422, muster.CodeInvalid, "place.point", "0, -150", "zone"},
		{"a point beyond the pole", "POST", customer + "/sites", site(91, 0), 422, muster.CodeInvalid, "place.point.lat", "91", "<= 90"},
		{"a site of nobody", "POST", "/v1/customers/cus_nobody/sites", site(37.7, -122.4), 404, muster.CodeNotFound, "customer", "cus_nobody", "check the id"},
		{"a device at another's site", "POST", customer + "/devices", map[string]any{"category": "oven", "site": "sit_nowhere"}, 422, muster.CodeInvalid, "site", "sit_nowhere", "same customer"},
		{"an unknown zone", "POST", customer + "/sites", map[string]any{"place": map[string]any{"point": map[string]any{"lat": 37.7, "lng": -122.4}, "zone": "Mars/Olympus"}}, 422, muster.CodeInvalid, "place.zone", "Mars/Olympus", "IANA"},
		{"shift that ends before it starts", "PUT", expert + "/shifts", map[string]any{"shifts": []any{map[string]any{"weekday": 1, "from": 600, "to": 500}}}, 422, muster.CodeInvalid, "shifts[0]", "600 to 500", "midnight"},
		{"leave that ends before it starts", "POST", expert + "/leave", map[string]any{"start": "2026-07-02T00:00:00Z", "end": "2026-07-01T00:00:00Z"}, 422, muster.CodeInvalid, "end", "", "end must be after the start"},
		{"a cell that is none", "POST", "/v1/experts", map[string]any{"name": "X", "skills": []any{}, "shifts": []any{}, "base": spot(37.7, -122.4), "territory": []string{"zz"}}, 422, muster.CodeInvalid, "territory[0]", "zz", "hexadecimal"},
		{"a cell that is no cell", "POST", "/v1/experts", map[string]any{"name": "X", "skills": []any{}, "shifts": []any{}, "base": spot(37.7, -122.4), "territory": []string{"ffffffffffffffff"}}, 422, muster.CodeInvalid, "territory[0]", "", "H3"},
		{"unknown expert", "POST", ticket + "/assign", map[string]any{"expert": "exp_nobody"}, 404, muster.CodeNotFound, "expert", "exp_nobody", "check the id"},
		{"a start in the past", "POST", ticket + "/assign", map[string]any{"expert": c.expert, "start": "2026-05-01T15:00:00Z"}, 409, muster.CodeUnfit, "", "", "2026-05-01T15:00:00Z"},
		{"unknown ticket", "GET", "/v1/tickets/tic_nothing", nil, 404, muster.CodeNotFound, "ticket", "tic_nothing", "check the id"},
		{"unknown number", "GET", "/v1/tickets/T-999999", nil, 404, muster.CodeNotFound, "ticket", "", "check the id"},
		{"not a ticket's id", "GET", "/v1/tickets/elephant", nil, 422, muster.CodeInvalid, "ticket", "elephant", "T-4821"},
		{"unknown visit", "POST", "/v1/visits/vis_nothing/arrive", nil, 404, muster.CodeNotFound, "visit", "vis_nothing", "check the id"},
		{"unknown offer", "POST", "/v1/offers/off_nothing/accept", nil, 404, muster.CodeNotFound, "offer", "off_nothing", "check the id"},
		{"another kind's id", "GET", "/v1/offers/tic_1", nil, 422, muster.CodeInvalid, "id", "tic_1", "starts with off_"},
		{"unknown expert read", "GET", "/v1/experts/exp_nobody", nil, 404, muster.CodeNotFound, "expert", "exp_nobody", "check the id"},
		{"unknown expert changed", "PUT", "/v1/experts/exp_nobody", map[string]any{"name": "X", "skills": []any{}, "shifts": []any{}, "base": spot(37.7, -122.4)}, 404, muster.CodeNotFound, "expert", "exp_nobody", "check the id"},
		{"unknown site read", "GET", "/v1/sites/sit_nowhere", nil, 404, muster.CodeNotFound, "site", "sit_nowhere", "check the id"},
		{"unknown customer read", "GET", "/v1/customers/cus_nobody", nil, 404, muster.CodeNotFound, "customer", "cus_nobody", "check the id"},
		{"two ids", "PUT", "/v1/sites/" + string(c.site), map[string]any{"id": "sit_other", "place": spot(37.7, -122.4)}, 422, muster.CodeInvalid, "id", "sit_other", "the path says"},
		{"unknown state", "GET", "/v1/tickets?state=lost", nil, 422, muster.CodeInvalid, "state[0]", "lost", "queued"},
		{"unknown parameter", "GET", "/v1/tickets?status=queued", nil, 422, muster.CodeInvalid, "status", "", "spelling"},
		{"too many at once", "GET", "/v1/tickets?limit=501", nil, 422, muster.CodeInvalid, "limit", "501", "<= 500"},
		{"none at once", "GET", "/v1/tickets?limit=0", nil, 422, muster.CodeInvalid, "limit", "0", ">= 1"},
		{"a cursor of somebody's own", "GET", "/v1/tickets?after=abc", nil, 422, muster.CodeInvalid, "after", "abc", "next of the page before"},
		{"since without zone", "GET", "/v1/tickets?since=2026-06-02T15:00:00", nil, 422, muster.CodeInvalid, "since", "2026-06-02T15:00:00", "zone"},
		{"tours the wrong way round", "GET", "/v1/tours?from=2026-06-03T00:00:00Z&to=2026-06-02T00:00:00Z", nil, 422, muster.CodeInvalid, "to", "", "end must be after the start"},
		{"tours of a day without a time", "GET", "/v1/tours?from=2026-06-03&to=2026-06-04T00:00:00Z", nil, 422, muster.CodeInvalid, "from", "2026-06-03", "expected date, time and zone give"},
		{"a state that there isn't", "GET", "/v1/tickets?state=queud", nil, 422, muster.CodeInvalid, "state[0]", "queud", "expected one of open, triage, "},
		{"tours of a year", "GET", "/v1/tours?from=2026-06-03T00:00:00Z&to=2027-06-02T00:00:00Z", nil, 422, muster.CodeInvalid, "to", "2027-06-02T00:00:00Z", "32 days"},
		{"events after a word", "GET", "/v1/events?after=yesterday", nil, 422, muster.CodeInvalid, "after", "yesterday", "number of the last event"},
		{"no such verb", "POST", ticket + "/explode", map[string]any{}, 404, codeNoRoute, "", "", "/openapi.json"},
		{"no such method", "PATCH", ticket, map[string]any{}, 405, codeNoMethod, "", "", "Allow"},
		{"a key twice", "POST", "/v1/tickets", `{"title":"a","title":"b"}`, 400, codeMalformed, "title", "title", "give each key once"},
		{"no UTF-8", "POST", "/v1/tickets", "{\"title\":\"caf\xe9\"}", 400, codeMalformed, "body", "byte 0xe9 at offset 13", "UTF-8"},
		{"trailing garbage", "POST", "/v1/tickets", `{"title":"a"}garbage`, 400, codeMalformed, "body", "", "nothing after it"},
		{"no JSON", "POST", "/v1/tickets", `title=a`, 400, codeMalformed, "body", "title=a", "one JSON object"},
		{"a list", "POST", "/v1/tickets", `[]`, 422, muster.CodeInvalid, "body", "", "object"},
		{"null", "POST", "/v1/tickets", `null`, 422, muster.CodeInvalid, "body", "", "object"},
		{"nothing", "POST", "/v1/tickets", ``, 400, codeMalformed, "body", "", "send a JSON object"},
		{"10 MB", "POST", "/v1/tickets", strings.Repeat(" ", 10<<20), 413, muster.CodeTooLarge, "body", "10485760 bytes", "1048576"},
		{"a text beyond its limit", "POST", "/v1/tickets", c.ticket("text", strings.Repeat("a", 16_001)), 422, muster.CodeInvalid, "text", strings.Repeat("a", 120) + "...", "<= 16000"},
		{"outcome that nobody may say", "POST", "/v1/visits/vis_x/end", map[string]any{"outcome": "withdrawn"}, 422, muster.CodeInvalid, "outcome", "withdrawn", "fault_not_found"},
		{"a decline without a reason", "POST", "/v1/offers/off_x/decline", map[string]any{}, 422, muster.CodeInvalid, "reason", "", "add it"},
		{"a decline with a reason of one's own", "POST", "/v1/offers/off_x/decline", map[string]any{"reason": "tired"}, 422, muster.CodeInvalid, "reason", "tired", "too_far"},
		{"a circle of skills", "PUT", "/v1/skills", map[string]any{"skills": []any{map[string]any{"id": "skl_white-goods", "name": "White goods", "narrows": "skl_refrigerator"}}}, 422, muster.CodeInvalid, "skills[0].narrows", "skl_refrigerator", "itself"},
		{"an e-mail that is none", "POST", "/v1/customers", map[string]any{"name": "X", "email": "nope"}, 422, muster.CodeInvalid, "email", "nope", "joan@example.com"},
		{"a customer's site in the sea", "POST", "/v1/customers", map[string]any{"name": "X", "sites": []any{site(37.7, -122.4), site(0, -150)}}, 422, muster.CodeInvalid, "sites[1].place.point", "0, -150", "zone"},
		{"a customer's device without a kind", "POST", "/v1/customers", map[string]any{"name": "X", "sites": []any{site(37.7, -122.4), devices(site(37.7, -122.4), "oven", " ")}}, 422, muster.CodeInvalid, "sites[1].devices[1].category", "", "what kind"},
		{"a device without a kind", "PUT", "/v1/devices/" + string(c.device), map[string]any{"category": " ", "site": c.site}, 422, muster.CodeInvalid, "category", "", "what kind"},
		{"a site moved to the sea", "PUT", "/v1/sites/" + string(c.site), site(0, -150), 422, muster.CodeInvalid, "place.point", "0, -150", "zone"},
		{"a base in the sea", "POST", "/v1/experts", map[string]any{"name": "X", "skills": []any{}, "shifts": []any{}, "base": spot(0, -150)}, 422, muster.CodeInvalid, "base.point", "0, -150", "zone"},
		{"an expert that there is not, blocked", "PUT", customer, map[string]any{"name": "Ruth", "blocked": []any{map[string]any{"expert": "exp_none"}}}, 422, muster.CodeInvalid, "blocked[0].expert", "exp_none", "no such expert"},
		{"an expert that there is not, preferred", "PUT", customer, map[string]any{"name": "Ruth", "preferred": []string{"exp_x"}}, 422, muster.CodeInvalid, "preferred[0]", "exp_x", "no such expert"},
		{"a person who is no expert", "POST", "/v1/users", map[string]any{"name": "X", "role": "expert", "expert": "exp_none"}, 422, muster.CodeInvalid, "expert", "exp_none", "no such expert"},
		{"a person who is no customer", "POST", "/v1/users", map[string]any{"name": "X", "role": "customer", "customer": "cus_none"}, 422, muster.CodeInvalid, "customer", "cus_none", "no such customer"},
		{"a title too long by a letter", "POST", "/v1/tickets", c.ticket("title", strings.Repeat("冷", 201)), 422, muster.CodeInvalid, "title", strings.Repeat("冷", 40) + "...", "<= 200"},
		{"U+0000 in a text", "POST", "/v1/tickets", c.ticket("text", "a\x00b"), 422, muster.CodeInvalid, "text", `"a\x00b"`, "leave out U+0000"},
		{"U+0000 in a list", "POST", "/v1/tickets", c.ticket("carry", []string{"a", "\x00"}), 422, muster.CodeInvalid, "carry[1]", `"\x00"`, "leave out U+0000"},
		{"U+0000 in a key", "POST", "/v1/tickets", `{"ti\u0000tle":"x"}`, 422, muster.CodeInvalid, "", "", "leave out U+0000"},
		{"a limit in letters", "GET", "/v1/tickets?limit=x", nil, 422, muster.CodeInvalid, "limit", "x", "whole number"},
		{"an instant in letters", "GET", "/v1/tickets?since=yesterday", nil, 422, muster.CodeInvalid, "since", "yesterday", "zone"},
		{"a truth in letters", "GET", "/v1/skills?retired=perhaps", nil, 422, muster.CodeInvalid, "retired", "perhaps", "true or false"},
		{"an unknown parameter", "GET", "/v1/tickets?colour=blue", nil, 422, muster.CodeInvalid, "colour", "blue", "leave it out"},
		{"a query that is no UTF-8", "GET", "/v1/customers?text=%ff", nil, 400, codeMalformed, "text", `"\xff"`, "UTF-8"},
		{"a query with U+0000", "GET", "/v1/customers?text=a%00b", nil, 400, codeMalformed, "text", `"a\x00b"`, "U+0000"},
		{"a query that is cut", "GET", "/v1/customers?text=%f", nil, 400, codeMalformed, "query", "text=%f", "percent"},
		{"a path that is no UTF-8", "GET", "/v1/tickets/%ff", nil, 400, codeMalformed, "path", `"/v1/tickets/\xff"`, "UTF-8"},
		{"minutes at the door below nothing", "PUT", "/v1/policy", policy(func(p *muster.Policy) { p.Travel.Fixed = -1000 }), 422, muster.CodeInvalid, "travel.fixed", "-1000", "from 0 to 240"},
		{"a weight below nothing", "PUT", "/v1/policy", policy(func(p *muster.Policy) { p.Weights.Lateness = -1 }), 422, muster.CodeInvalid, "weights.lateness", "-1", "from 0 to 1000"},
		{"an e-mail that is taken", "POST", "/v1/customers", map[string]any{"name": "X", "email": "ruth@example.com"}, 409, muster.CodeTaken, "", "", "choose another"},
	} {
		t.Run(k.name, func(t *testing.T) {
			before := c.everything(t)
			who := dana
			if slices.Contains([]string{"/v1/skills", "/v1/policy", "/v1/users"}, k.path) {
				who = admin
			}
			a := c.as(who, k.method, k.path, k.body)
			p := into[Problem](t, k.status, a)
			require.Equal(t, "application/problem+json", a.Header.Get("Content-Type"))
			require.Equal(t, k.code, p.Code, "%s", a.body)
			require.Equal(t, k.status, p.Status)
			require.Equal(t, "urn:muster:problem:"+string(k.code), p.Type)
			require.NotEmpty(t, p.Title)
			require.NotEmpty(t, p.Detail)
			require.NotEmpty(t, p.Hint, "%s", a.body)
			require.Equal(t, a.Header.Get("X-Request-Id"), p.RequestID)
			if k.field != "" {
				require.Equal(t, k.field, p.Field, "%s", a.body)
			}
			if k.value != "" {
				require.Equal(t, k.value, p.Value, "%s", a.body)
			}
			require.Contains(t, p.Detail+" "+p.Hint, k.says)
			require.Equal(t, before, c.everything(t), "something was done")
		})
	}
}

// everything is what a refused command must leave as it was: all revisions of all aggregates.
func (c *company) everything(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, kind := range []muster.Kind{
		muster.KindCustomer, muster.KindTicket, muster.KindExpert, muster.KindTour, muster.KindSkillTree, muster.KindPolicy, muster.KindUser,
	} {
		records, err := c.store.Scan(t.Context(), kind, "", 1000)
		require.NoError(t, err)
		for _, r := range records {
			all = append(all, fmt.Sprintf("%s/%d", r.RecordID(), r.(muster.Root).Revision()))
		}
	}
	return all
}

func TestEveryRefusedFieldIsNamed(t *testing.T) {
	c := newCompany(t)
	p := into[Problem](t, http.StatusUnprocessableEntity, c.as(dana, "POST", "/v1/tickets", map[string]any{
		"customer": "nobody", "site": c.site, "title": "", "crew": 9, "colour": "blue",
	}))
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
		require.NotEmpty(t, e.Message)
		require.NotEmpty(t, e.Hint)
	}
	require.ElementsMatch(t, []string{"customer", "title", "crew", "colour"}, fields)
	require.Contains(t, p.Detail, "3 more")
}

func TestOtherContentTypesAreRefused(t *testing.T) {
	c := newCompany(t)
	for _, kind := range []string{"application/x-www-form-urlencoded", "text/plain", "application/xml"} {
		p := into[Problem](t, http.StatusUnsupportedMediaType, c.as(dana, "POST", "/v1/tickets", `{"title":"x"}`, "Content-Type", kind))
		require.Equal(t, codeMediaType, p.Code)
		require.Contains(t, p.Hint, "application/json")
	}
	ok := c.as(ruth, "POST", "/v1/tickets", c.ticket(), "Content-Type", "application/json; charset=utf-8")
	require.Equal(t, http.StatusCreated, ok.StatusCode, "%s", ok.body)
}

func TestStaleRevision(t *testing.T) {
	c := newCompany(t)
	path := "/v1/tickets/" + string(c.submit().ID)
	for _, tag := range []string{`"7"`, `W/"7"`, `"7-1"`} {
		p := into[Problem](t, http.StatusPreconditionFailed, c.as(dana, "POST", path+"/cancel", map[string]any{"reason": "x"}, "If-Match", tag))
		require.Equal(t, muster.CodeStale, p.Code)
		require.Equal(t, "If-Match", p.Field)
		require.Equal(t, tag, p.Value)
		require.Contains(t, p.Detail, "revision 1, not 7")
	}
	for _, tag := range []string{"7", `"seven"`, `"-1"`, `"7`, `"7-"`, `"7-x"`, `"7-1-1"`} {
		p := into[Problem](t, http.StatusUnprocessableEntity, c.as(dana, "POST", path+"/cancel", map[string]any{"reason": "x"}, "If-Match", tag))
		require.Equal(t, "If-Match", p.Field)
		require.Equal(t, tag, p.Value)
	}
	ok := c.as(dana, "POST", path+"/cancel", map[string]any{"reason": "x"}, "If-Match", "*")
	require.Equal(t, http.StatusOK, ok.StatusCode)
}

// TestAStaleBody: the revision may be in the body too, and then that is what is named.
func TestAStaleBody(t *testing.T) {
	c := newCompany(t)
	p := into[Problem](t, http.StatusPreconditionFailed, c.as(dana, "PUT", "/v1/customers/"+string(c.customer), map[string]any{"name": "Ruth", "rev": 7}, "If-Match", `"1"`))
	require.Equal(t, muster.CodeStale, p.Code)
	require.Equal(t, "rev", p.Field)
	require.Equal(t, "7", p.Value)
}

func TestAKeyUsedTwiceIsNamed(t *testing.T) {
	c := newCompany(t)
	for _, again := range []struct {
		path string
		body any
	}{
		{"/v1/tickets", c.ticket("title", "Another")},
		{"/v1/customers", map[string]any{"name": "X"}},
	} {
		into[any](t, http.StatusCreated, c.as(dana, "POST", "/v1/tickets", c.ticket(), "Idempotency-Key", "k-1"))
		p := into[Problem](t, http.StatusUnprocessableEntity, c.as(dana, "POST", again.path, again.body, "Idempotency-Key", "k-1"))
		require.Equal(t, muster.CodeReused, p.Code)
		require.Equal(t, "Idempotency-Key", p.Field)
		require.Equal(t, "k-1", p.Value)
		require.Contains(t, p.Detail, "Idempotency-Key")
		require.NotContains(t, p.Detail+p.Hint, "command id")
	}
}

// broken is a store that can't be reached, or says something else that is wrong.
type broken struct {
	Graph
	err error
}

func (b *broken) TicketCase(context.Context, muster.CommandID, graph.CaseRef) (graph.TicketCase, error) {
	return graph.TicketCase{}, b.err
}

// TestEveryCodeHasItsStatus goes through the one table, and a code that is not in it.
func TestEveryCodeHasItsStatus(t *testing.T) {
	store := &broken{}
	r := newRig(t, func(c *Config) { store.Graph, c.Graph = c.Graph, store })
	tested := make(map[muster.Code]bool)
	for _, k := range []struct {
		err    error
		status int
		code   muster.Code
	}{
		{muster.E(muster.CodeInvalid, "x", "y"), 422, muster.CodeInvalid},
		{muster.E(muster.CodeNotFound, "x", "y"), 404, muster.CodeNotFound},
		{muster.E(muster.CodeForbidden, "x", "y"), 403, muster.CodeForbidden},
		{muster.E(muster.CodeConflict, "x", "y"), 409, muster.CodeConflict},
		{muster.E(muster.CodeStale, "x", "y"), 412, muster.CodeStale},
		{muster.E(muster.CodeState, "x", "y"), 409, muster.CodeState},
		{muster.E(muster.CodeOutOfOrder, "x", "y"), 409, muster.CodeOutOfOrder},
		{&muster.Error{Code: muster.CodeUnfit, Message: "x", Hint: "y", Reasons: []muster.Reason{{Code: muster.TooFar, Have: 70, Need: 60, Unit: "km"}}}, 409, muster.CodeUnfit},
		{muster.E(muster.CodeOfferGone, "x", "y"), 410, muster.CodeOfferGone},
		{muster.E(muster.CodeOfferOver, "x", "y"), 410, muster.CodeOfferOver},
		{muster.E(muster.CodeOfferOthers, "x", "y"), 403, muster.CodeOfferOthers},
		{muster.E(muster.CodeAnswered, "x", "y"), 409, muster.CodeAnswered},
		{muster.E(muster.CodeProposalGone, "x", "y"), 410, muster.CodeProposalGone},
		{muster.E(muster.CodeLookedAfter, "x", "y"), 409, muster.CodeLookedAfter},
		{muster.E(muster.CodeTaken, "x", "y"), 409, muster.CodeTaken},
		{muster.E(muster.CodeUndoOver, "x", "y"), 409, muster.CodeUndoOver},
		{muster.E(muster.CodeReused, "x", "y"), 422, muster.CodeReused},
		{muster.E(muster.CodeTooLarge, "x", "y"), 413, muster.CodeTooLarge},
		{muster.E(muster.CodeUnavailable, "x", "y"), 503, muster.CodeUnavailable},
		{muster.E(muster.CodeUnknown, "x", "y"), 503, muster.CodeUnknown},
		{muster.E(muster.CodeNewerSchema, "x", "y"), 503, muster.CodeNewerSchema},
		{muster.E(muster.CodeUnsuitable, "x", "y"), 503, muster.CodeUnsuitable},
		{muster.E(muster.CodePrecondition, "x", "y"), 428, muster.CodePrecondition},
		{muster.E(muster.CodeInternal, "x", "y"), 500, muster.CodeInternal},
		{muster.E("brand_new", "x", "y"), 500, "brand_new"},
		{fmt.Errorf("dial tcp 10.0.0.7:7687: secret"), 500, muster.CodeInternal},
		{fmt.Errorf("reading: %w", context.DeadlineExceeded), 503, muster.CodeUnavailable},
		{fmt.Errorf("wrapped: %w", muster.E(muster.CodeForbidden, "x", "y").Because(fmt.Errorf("secret"))), 403, muster.CodeForbidden},
	} {
		store.err = k.err
		tested[k.code] = true
		r.log.Reset()
		a := r.as(dana, "GET", "/v1/tickets/T-1", nil, "X-Request-Id", "req-7")
		p := into[Problem](t, k.status, a)
		require.Equal(t, k.code, p.Code)
		require.NotEmpty(t, p.Hint)
		require.Equal(t, "req-7", p.RequestID)
		require.NotContains(t, string(a.body), "secret", "causes stay on this side")
		if k.status >= 500 {
			require.Contains(t, r.log.String(), "request_id=req-7")
		}
		if k.code == muster.CodeUnfit {
			require.Equal(t, muster.TooFar, p.Reasons[0].Code)
		}
		if k.code == muster.CodeUnavailable || k.code == muster.CodeUnknown {
			require.NotEmpty(t, a.Header.Get("Retry-After"))
		}
	}
	ours := []muster.Code{codeMalformed, codeNoActor, codeNoRoute, codeNoMethod, codeMediaType, codeSlow, codeBusy, codeMisdirected}
	for code := range statuses { // those of HTTP have tests of their own
		require.True(t, tested[code] || slices.Contains(ours, code), "no test sees %s", code)
	}
}

// late is a body that stops coming.
type late struct{}

func (late) Read([]byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestABodyThatStopsComing(t *testing.T) {
	c := newCompany(t)
	for body, want := range map[io.Reader]muster.Code{late{}: codeSlow, iotest.ErrReader(io.ErrUnexpectedEOF): codeMalformed} {
		req := httptest.NewRequest(http.MethodPost, "/v1/tickets", body)
		req.Host = "localhost"
		req.Header.Set(ActorHeader, string(dana))
		w := httptest.NewRecorder()
		c.handle.ServeHTTP(w, req)
		var p Problem
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
		require.Equal(t, want, p.Code)
		require.Equal(t, statuses[want], w.Code)
	}
}

func TestAPanicIsAProblem(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Board = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a nil map") })
	})
	p := into[Problem](t, http.StatusInternalServerError, r.as("", "GET", "/", nil, "X-Request-Id", "req-8"))
	require.Equal(t, muster.CodeInternal, p.Code)
	require.Equal(t, "req-8", p.RequestID)
	require.NotContains(t, p.Detail, "nil map")
	require.Contains(t, r.log.String(), "a nil map")
	require.Contains(t, r.log.String(), "req-8")
}

// TestHalfAnAnswerIsCutOff: a client must not take what came before a panic for all of it.
func TestHalfAnAnswerIsCutOff(t *testing.T) {
	r := newRig(t, func(c *Config) {
		c.Board = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "half")
			panic("a nil map")
		})
	})
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { r.as("", "GET", "/", nil) })
	require.Contains(t, r.log.String(), "a nil map")
}
