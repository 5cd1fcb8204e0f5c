package api

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// TestSameKeySameAnswer holds every kind of command to the promise: once, and the same bytes again.
func TestSameKeySameAnswer(t *testing.T) {
	c := newCompany(t)
	ticket := "/v1/tickets/" + string(c.submit().ID)
	expert := "/v1/experts/" + string(c.expert)
	for _, k := range []struct {
		who          muster.UserID
		method, path string
		body, other  any
	}{
		{ruth, "POST", "/v1/tickets", c.ticket("windows", []any{map[string]any{"start": "2026-06-02T09:00:00-07:00", "end": "2026-06-02T12:00:00.5-07:00"}}), c.ticket("title", "Another")},
		{dana, "POST", ticket + "/assign", map[string]any{"expert": c.expert}, map[string]any{"expert": c.expert, "start": "2026-06-02T16:00:00Z"}},
		{dana, "POST", ticket + "/unassign", map[string]any{"reason": "ill"}, map[string]any{"reason": "well"}},
		{dana, "POST", "/v1/customers", map[string]any{"name": "Sam", "sites": []any{map[string]any{"place": spot(37.77, -122.42), "devices": []any{map[string]any{"category": "oven"}}}}}, map[string]any{"name": "Tom"}},
		{dana, "PUT", "/v1/customers/" + string(c.customer), map[string]any{"name": "Ruth O."}, map[string]any{"name": "R. Ortiz"}},
		{dana, "POST", "/v1/customers/" + string(c.customer) + "/sites", map[string]any{"place": spot(37.78, -122.41)}, map[string]any{"place": spot(37.79, -122.41)}},
		{dana, "POST", "/v1/customers/" + string(c.customer) + "/devices", map[string]any{"category": "oven", "site": c.site}, map[string]any{"category": "lamp", "site": c.site}},
		{dana, "POST", "/v1/experts", map[string]any{"name": "Li Wei", "base": spot(37.8, -122.27), "shifts": every(), "skills": []any{}}, map[string]any{"name": "Wei Li", "base": spot(37.8, -122.27), "shifts": every(), "skills": []any{}}},
		{dana, "PUT", expert + "/shifts", map[string]any{"shifts": every()[:5]}, map[string]any{"shifts": every()[:4]}},
		{dana, "POST", expert + "/leave", map[string]any{"start": "2026-07-01T00:00:00Z", "end": "2026-07-08T00:00:00Z"}, map[string]any{"start": "2026-07-01T00:00:00Z", "end": "2026-07-09T00:00:00Z"}},
		{admin, "PUT", "/v1/skills", map[string]any{"skills": []any{map[string]any{"name": "Ovens"}}}, map[string]any{"skills": []any{map[string]any{"name": "Lamps"}}}},
		{admin, "PUT", "/v1/policy", muster.DefaultPolicy(), func() any { p := muster.DefaultPolicy(); p.Push = true; return p }()},
	} {
		t.Run(k.method+" "+k.path, func(t *testing.T) {
			key := []string{"Idempotency-Key", "key of " + k.method + k.path}
			key[1] = "k-" + muster.Fingerprint(k.method, k.path)
			first := c.as(k.who, k.method, k.path, k.body, key...)
			require.Less(t, first.StatusCode, 300, "%s", first.body)
			require.Equal(t, key[1], first.Header.Get("Idempotency-Key"))
			before := c.everything(t)
			c.clock.Advance(time.Minute)
			again := c.as(k.who, k.method, k.path, k.body, key...)
			require.Equal(t, first.StatusCode, again.StatusCode, "%s", again.body)
			require.Equal(t, string(first.body), string(again.body))
			require.Equal(t, first.Header.Get("ETag"), again.Header.Get("ETag"))
			require.Equal(t, first.Header.Get("Location"), again.Header.Get("Location"))

			p := into[Problem](t, http.StatusUnprocessableEntity, c.as(k.who, k.method, k.path, k.other, key...))
			require.Equal(t, muster.CodeReused, p.Code)
			require.Equal(t, before, c.everything(t), "something was done twice")
		})
	}
}

func TestKeysOfTwoPeopleNeverMeet(t *testing.T) {
	c := newCompany(t)
	a := into[TicketAnswer](t, http.StatusCreated, c.as(ruth, "POST", "/v1/tickets", c.ticket(), "Idempotency-Key", "1"))
	b := into[TicketAnswer](t, http.StatusCreated, c.as(dana, "POST", "/v1/tickets", c.ticket("title", "Another"), "Idempotency-Key", "1"))
	require.NotEqual(t, a.ID, b.ID)
}

func TestAKeyIsMadeWhereNoneIsGiven(t *testing.T) {
	c := newCompany(t)
	first := c.as(ruth, "POST", "/v1/tickets", c.ticket())
	key := first.Header.Get("Idempotency-Key")
	require.NotEmpty(t, key)
	require.NotEqual(t, key, c.as(ruth, "POST", "/v1/tickets", c.ticket()).Header.Get("Idempotency-Key"))
	again := c.as(ruth, "POST", "/v1/tickets", c.ticket(), "Idempotency-Key", key)
	require.Equal(t, string(first.body), string(again.body))

	for _, bad := range []string{"two words", "caf\u00e9", string(make([]byte, 201))} {
		p := into[Problem](t, http.StatusUnprocessableEntity, c.as(ruth, "POST", "/v1/tickets", c.ticket(), "Idempotency-Key", bad))
		require.Equal(t, "Idempotency-Key", p.Field)
	}
}

func TestRevisionReadsItsOwnETags(t *testing.T) {
	for _, rev := range []int64{0, 1, 7, 1 << 60} {
		got, err := revision("If-Match", etag(rev))
		require.NoError(t, err)
		require.Equal(t, rev, *got)
	}
}

func TestAPartsFieldsAreTheBodysOwn(t *testing.T) {
	as := inside("leave", "end")
	for theirs, ours := range map[string]string{
		"leave": "end", "leave.kind": "kind", "leave.start": "start",
		"leave[3]": "leave[3]", "leaves": "leaves", "name": "name", "": "",
	} {
		require.Equal(t, ours, as(theirs), theirs)
	}
}
