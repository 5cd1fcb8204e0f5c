package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// shownToCustomers is what becomes of each read of the document that a customer sends about something of theirs.
var shownToCustomers = map[string]int{
	"/healthz": 200, "/readyz": 200, // nobody is named
	"/v1/users":   200, // who can act, for everybody until people sign in
	"/v1/session": 200, "/v1/tickets": 200, "/v1/tickets/counts": 200, "/v1/tickets/{id}": 200, "/v1/tickets/{id}/history": 200,
	"/v1/tickets/{id}/visits": 200, "/v1/tickets/{id}/offers": 200, "/v1/tickets/{id}/assignments": 200, "/v1/tickets/{id}/messages": 200,
	"/v1/visits/{id}": 200, "/v1/customers": 200, "/v1/customers/{id}": 200, "/v1/sites/{id}": 200, "/v1/devices/{id}": 200,
	"/v1/skills": 200, "/v1/events": 200, "/v1/experts": 200,
	"/v1/offers/{id}": 404, "/v1/experts/{id}": 404, "/v1/experts/{id}/shifts": 404, "/v1/experts/{id}/leave": 404, "/v1/experts/{id}/sick": 403,
	"/v1/tours": 200, "/v1/exceptions": 403, "/v1/policy": 403, "/v1/regions": 403, "/v1/coverage": 403,
	"/v1/tickets/{id}/match": 403, "/v1/tickets/{id}/match/{expert}": 404, "/v1/tickets/{id}/match/{expert}/starts": 404,
}

// TestACustomerSeesLess walks every read of the document as the customer of a ticket about which staff have written, experts
// have said no and people have decided: nothing of that is in any answer.
func TestACustomerSeesLess(t *testing.T) {
	c := newCompany(t)
	other := into[muster.Expert](t, http.StatusCreated, c.as(dana, "POST", "/v1/experts", map[string]any{
		"name": "Zed Nolan", "base": spot(37.7749, -122.4194), "shifts": every(), "skills": []any{map[string]any{"skill": "skl_refrigerator", "level": 4}},
	}))
	mine := c.submit()
	path := "/v1/tickets/" + string(mine.ID)
	do := func(who muster.UserID, path string, body any) TicketAnswer {
		t.Helper()
		return into[TicketAnswer](t, http.StatusOK, c.as(who, "POST", path, body))
	}
	said := func(what string) string { return "SECRET " + what }
	offer := do(dana, path+"/offer", map[string]any{"expert": other.ID}).Offers[0].ID
	do(dana, "/v1/offers/"+string(offer)+"/decline", map[string]any{"reason": "too_far"})
	given := do(dana, path+"/assign", map[string]any{"expert": c.expert})
	c.clock.Set(given.Visit.Start.Add(-10 * time.Minute))
	visit := "/v1/visits/" + string(given.Visit.ID)
	do(ana, visit+"/depart", nil)
	do(ana, visit+"/arrive", nil)
	do(ana, visit+"/end", map[string]any{"outcome": "no_access", "note": said("visit")})
	do(dana, path+"/exceptions/no_access/contact", map[string]any{"whom": "customer", "how": "phone", "result": "no_answer", "note": said("contact")})
	do(dana, path+"/wait", map[string]any{"for": "customer", "until": c.clock.Now().Add(24 * time.Hour), "note": said("wait")})
	do(dana, path+"/wake", map[string]any{"reason": said("wake")})
	do(dana, path+"/assign", map[string]any{"expert": other.ID, "overrides": []string{"declined"}, "why": said("why")})
	do(dana, path+"/unassign", map[string]any{"reason": said("unassign")})
	do(dana, path+"/assign", map[string]any{"expert": c.expert})
	staff := string(c.as(dana, "GET", path, nil).body) + string(c.as(dana, "GET", path+"/history", nil).body)
	for _, word := range []string{"SECRET visit", "SECRET contact", "SECRET wait", "SECRET unassign", `"decided"`, `"declines"`, `"exceptions"`, "Dana"} {
		require.Contains(t, staff, word, "staff see it")
	}

	var doc struct {
		Paths map[string]map[string]any
	}
	require.NoError(t, json.Unmarshal(c.as("", "GET", "/openapi.json", nil).body, &doc))
	reads := 0
	for _, at := range slices.Sorted(maps.Keys(doc.Paths)) {
		if doc.Paths[at]["get"] == nil {
			continue
		}
		want, known := shownToCustomers[at]
		require.True(t, known, "what does a customer see of GET %s?", at)
		reads++
		id := map[string]string{
			"tickets": string(mine.ID), "visits": string(given.Visit.ID), "offers": string(offer), "customers": string(c.customer),
			"sites": string(c.site), "devices": string(c.device), "experts": string(c.expert),
		}[strings.Split(at+"//", "/")[2]]
		url := strings.NewReplacer("{id}", id, "{expert}", string(c.expert)).Replace(at)
		switch at {
		case "/v1/events":
			url += "?after=0&limit=500"
		case "/v1/tours":
			url += "?from=2026-06-01T00:00:00Z&to=2026-06-08T00:00:00Z"
		}
		a := c.as(ruth, "GET", url, nil, "Accept", "application/json")
		require.Equal(t, want, a.StatusCode, "%s: %s", at, a.body)
		if at == "/v1/users" || a.StatusCode != http.StatusOK {
			continue
		}
		for _, word := range []string{
			"SECRET", "Zed", string(other.ID), "Dana", "usr_dana", "Ada", "Ana Lima", `"decided":{"by":{"id":"usr`, `"terms"`, `"declines"`,
			`"exceptions"`, `"no_expert"`, `"contacts"`, `"overrides"`, `"clocks"`, `"reports"`,
		} {
			require.NotContains(t, string(a.body), word, "GET %s", at)
		}
	}
	require.Len(t, shownToCustomers, reads)

	seen := into[TicketWhole](t, http.StatusOK, c.as(ruth, "GET", path, nil))
	require.Equal(t, "Refrigerator warm", seen.Ticket.Title)
	require.Equal(t, []muster.ExpertID{c.expert}, seen.Ticket.Visit.Experts, "who comes")
	require.Len(t, seen.Assignments, 2, "who came, and who comes")
	require.NotEmpty(t, seen.Visits[0].Outcome)
	cancelled := into[TicketAnswer](t, http.StatusOK, c.as(ruth, "POST", path+"/cancel", map[string]any{"reason": "sold it"}))
	require.Empty(t, cancelled.Ticket.Declines, "what a command answers is no wider")
}

// TestWhatACustomerMayNotSay about a ticket of theirs is refused, with the field.
func TestWhatACustomerMayNotSay(t *testing.T) {
	c := newCompany(t)
	for field, value := range map[string]any{"priority": "critical", "division": "north", "crew": 2} {
		p := into[Problem](t, http.StatusForbidden, c.as(ruth, "POST", "/v1/tickets", c.ticket(field, value)))
		require.Equal(t, muster.CodeForbidden, p.Code)
		require.Equal(t, field, p.Field)
		require.NotEmpty(t, p.Value)
		require.Equal(t, http.StatusCreated, c.as(dana, "POST", "/v1/tickets", c.ticket(field, value)).StatusCode)
	}
	require.Equal(t, http.StatusCreated, c.as(ruth, "POST", "/v1/tickets", c.ticket()).StatusCode)
}
