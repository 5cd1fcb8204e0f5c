package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph/graphtest"
)

func TestOutboxShowsStaffWhatPeopleAreTold(t *testing.T) {
	c := newCompany(t, func(c *Config) { c.Outbox = true })
	ticket := c.submit()
	m := graphtest.Message(ticket.ID, c.customer, 1)
	m.State, m.Timers, m.Channel, m.Address = muster.MessageSent, nil, muster.ChannelSMS, "+1 617 555 0100"
	m.Text, m.Language = "T-1: <b>Ana</b> va", "es"
	_, err := c.store.Commit(t.Context(), graphtest.Change("cmd_m", m))
	require.NoError(t, err)
	get := func(path string, who muster.UserID) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1"+path, nil)
		if who != "" {
			r.AddCookie(&http.Cookie{Name: ActorCookie, Value: string(who)})
		}
		w := httptest.NewRecorder()
		c.handle.ServeHTTP(w, r)
		return w
	}
	page := get("/outbox", dana)
	require.Equal(t, http.StatusOK, page.Code)
	for _, part := range []string{
		"T-1", "Ruth Ortiz", "1 617 555 0100", `lang="es"`, "&lt;b&gt;Ana&lt;/b&gt;", "<caption", `scope="col"`, `<html lang="en">`, "</span> sent",
	} {
		require.Contains(t, page.Body.String(), part)
	}
	require.NotContains(t, page.Body.String(), "style=", "the policy blocks it")
	require.Contains(t, page.Header().Get("Content-Security-Policy"), "style-src 'self'")
	require.Equal(t, http.StatusOK, get("/outbox.css", "").Code)

	require.Equal(t, http.StatusSeeOther, get("/outbox", "").Code, "nobody")
	require.Equal(t, http.StatusSeeOther, get("/outbox", "usr_none").Code)
	require.Equal(t, http.StatusForbidden, get("/outbox", ruth).Code)
	require.Equal(t, http.StatusForbidden, get("/outbox", ana).Code)
	other := newCompany(t)
	w := httptest.NewRecorder()
	other.handle.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/outbox", nil))
	require.Equal(t, http.StatusNotFound, w.Code, "only where it is asked for")
	require.False(t, strings.Contains(w.Body.String(), "Outbox"))
}
