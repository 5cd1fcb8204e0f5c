package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// What the board, the command line and whoever asks here get to read is one answer of one function, byte for byte.
func TestTheMatchIsThatOfDispatchByteForByte(t *testing.T) {
	c := newCompany(t)
	into[muster.Expert](t, http.StatusCreated, c.as(dana, "POST", "/v1/experts", map[string]any{
		"name": "Zed Nolan", "base": spot(37.7749, -122.4194), "shifts": every(),
		"skills": []any{map[string]any{"skill": "skl_refrigerator", "level": 1}},
	}))
	ticket := c.submit()
	path, ref := "/v1/tickets/"+ticket.Ref+"/match", dispatch.TicketRef{ID: ticket.ID}
	same := func(path string, answer any, err error) map[string]any {
		t.Helper()
		require.NoError(t, err)
		var want bytes.Buffer // as the command line writes it, too
		require.NoError(t, json.NewEncoder(&want).Encode(answer))
		got := c.as(dana, "GET", path, nil)
		require.Equal(t, http.StatusOK, got.StatusCode)
		require.Equal(t, want.String(), string(got.body))
		var m map[string]any
		require.NoError(t, json.Unmarshal(got.body, &m))
		return m
	}
	m, err := c.server.Dispatch.Match(t.Context(), ref)
	require.NotContains(t, same(path, m, err), "relaxations", "nobody asked")
	m, err = c.server.Dispatch.Relax(t.Context(), ref)
	all := same(path+"?relax=true", m, err)
	require.NotEmpty(t, all["relaxations"])
	v, err := c.server.Dispatch.Why(t.Context(), ref, c.expert)
	one := same(path+"/"+string(c.expert), v, err)
	require.Equal(t, all["candidates"].([]any)[0], one["candidate"])
	v, err = c.server.Dispatch.RelaxOne(t.Context(), ref, c.expert)
	require.Equal(t, []any{}, same(path+"/"+string(c.expert)+"?relax=true", v, err)["relaxations"], "who can come")
	whole, err := c.server.Dispatch.Coverage(t.Context(), "")
	require.NotEmpty(t, same("/v1/coverage", whole, err)["skills"])

	for _, who := range []muster.UserID{ruth, ana} {
		into[Problem](t, http.StatusForbidden, c.as(who, "GET", path+"?relax=true", nil))
		into[Problem](t, http.StatusForbidden, c.as(who, "GET", "/v1/coverage", nil))
	}
	into[any](t, http.StatusOK, c.as(dana, "POST", "/v1/tickets/"+ticket.Ref+"/assign", map[string]any{"expert": c.expert}))
	require.Equal(t, http.StatusOK, c.as(ana, "GET", path+"/"+string(c.expert), nil).StatusCode)
	into[Problem](t, http.StatusForbidden, c.as(ana, "GET", path+"/"+string(c.expert)+"?relax=true", nil))
	start := "&start=2026-06-02T17:00:00Z"
	into[Problem](t, http.StatusUnprocessableEntity, c.as(dana, "GET", path+"/"+string(c.expert)+"?relax=true"+start, nil))
	into[Problem](t, http.StatusUnprocessableEntity, c.as(dana, "GET", "/v1/coverage?region=Boston", nil))
}
