package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestATagIsOfAllThatIsShown changes one aggregate after the other: whatever shows something else afterwards must
// have another tag, or a browser goes on showing what was.
func TestATagIsOfAllThatIsShown(t *testing.T) {
	c := newCompany(t)
	sent := c.submit()
	ticket := "/v1/tickets/" + string(sent.ID)
	offered := into[TicketAnswer](t, http.StatusOK, c.as(dana, "POST", ticket+"/offer", map[string]any{"expert": c.expert}))
	customer, expert := "/v1/customers/"+string(c.customer), "/v1/experts/"+string(c.expert)

	places := map[string]string{
		"/v1/tickets/{id}":        ticket,
		"/v1/visits/{id}":         "/v1/visits/" + string(offered.Visit.ID),
		"/v1/offers/{id}":         "/v1/offers/" + string(offered.Offers[0].ID),
		"/v1/customers/{id}":      customer,
		"/v1/sites/{id}":          "/v1/sites/" + string(c.site),
		"/v1/devices/{id}":        "/v1/devices/" + string(c.device),
		"/v1/experts/{id}":        expert,
		"/v1/experts/{id}/shifts": expert + "/shifts",
		"/v1/experts/{id}/leave":  expert + "/leave",
		"/v1/skills":              "/v1/skills",
		"/v1/policy":              "/v1/policy",
	}
	for path, item := range described(t, c.rig).Paths {
		for _, p := range item["get"].Parameters {
			if p.Name == "If-None-Match" {
				require.Contains(t, places, path)
			}
		}
	}

	type shown struct{ tag, body string }
	look := func() map[string]shown {
		all := make(map[string]shown)
		for _, path := range places {
			a := c.as(dana, "GET", path, nil)
			require.Equal(t, http.StatusOK, a.StatusCode, path)
			all[path] = shown{a.Header.Get("ETag"), string(a.body)}
		}
		return all
	}
	policy := muster.DefaultPolicy()
	policy.UndoSeconds = 11
	changed := make(map[string]bool)
	for _, edit := range []struct {
		who          muster.UserID
		method, path string
		body         any
	}{
		{dana, "PUT", customer, map[string]any{"name": "Ruth Other", "email": "ruth@example.com"}},
		{dana, "PUT", "/v1/sites/" + string(c.site), map[string]any{"place": spot(37.7563, -122.4212), "city": "Daly City"}},
		{dana, "PUT", "/v1/devices/" + string(c.device), map[string]any{"category": "refrigerator", "brand": "Miele", "site": c.site}},
		{dana, "PUT", expert + "/shifts", map[string]any{"shifts": every()[:5]}},
		{dana, "POST", expert + "/leave", map[string]any{"start": "2026-08-01T00:00:00Z", "end": "2026-08-02T00:00:00Z"}},
		{admin, "PUT", "/v1/skills", map[string]any{"skills": []any{map[string]any{"id": "skl_gas", "name": "Gas fitting"}}}},
		{admin, "PUT", "/v1/policy", policy},
		{dana, "POST", "/v1/offers/" + string(offered.Offers[0].ID) + "/decline", map[string]any{"reason": "not_then"}},
	} {
		before := look()
		a := c.as(edit.who, edit.method, edit.path, edit.body)
		require.Less(t, a.StatusCode, 300, "%s %s", edit.path, a.body)
		for path, is := range look() {
			if was := before[path]; is.body != was.body {
				changed[path] = true
				require.NotEqual(t, was.tag, is.tag, "%s shows what %s %s changed under the tag of before", path, edit.method, edit.path)
			}
		}
	}
	for _, path := range places {
		require.True(t, changed[path], "nothing has changed %s", path)
	}
}

// TestAReadsTagMayBeMatched: a ticket's tag goes with its customer's, but commands on the ticket ask for its own.
func TestAReadsTagMayBeMatched(t *testing.T) {
	c := newCompany(t)
	ticket := "/v1/tickets/" + string(c.submit().ID)
	tag := c.as(dana, "GET", ticket, nil).Header.Get("ETag")
	require.Regexp(t, `^"1-\d+"$`, tag)
	into[any](t, http.StatusOK, c.as(dana, "PUT", "/v1/customers/"+string(c.customer), map[string]any{"name": "Ruth Other"}))
	a := c.as(dana, "POST", ticket+"/cancel", map[string]any{"reason": "x"}, "If-Match", tag)
	require.Equal(t, http.StatusOK, a.StatusCode, "%s", a.body)
	p := into[Problem](t, http.StatusPreconditionFailed, c.as(dana, "POST", ticket+"/reopen", nil, "If-Match", tag))
	require.Equal(t, strings.TrimSpace(tag), p.Value)
}
