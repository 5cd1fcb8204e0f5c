package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestSomebodyMustBeNamed(t *testing.T) {
	c := newCompany(t)
	for route, op := range routes {
		method, path, _ := strings.Cut(route, " ")
		if !strings.HasPrefix(path, "/v1/") || op == "list-users" || op == "begin-session" || op == "end-session" {
			continue
		}
		path = strings.NewReplacer("{id}", "tic_1", "{expert}", "exp_1").Replace(path)
		for _, who := range []muster.UserID{"", "usr_nobody", "usr_gone", "dana", "usr_;DROP"} {
			p := into[Problem](t, http.StatusUnauthorized, c.as(who, method, path, nil))
			require.Equal(t, codeNoActor, p.Code, route)
			require.Contains(t, p.Hint, "GET /v1/users", route)
			require.Contains(t, p.Hint, "/", route)
		}
	}
}

func TestANewPersonCanActAtOnce(t *testing.T) {
	r := newRig(t)
	require.Equal(t, http.StatusUnauthorized, r.as("usr_new", "GET", "/v1/session", nil).StatusCode)
	into[any](t, http.StatusOK, r.as(admin, "POST", "/v1/users", map[string]any{"id": "usr_new", "name": "Nia", "role": "helpdesk"}))
	me := into[muster.Actor](t, http.StatusOK, r.as("usr_new", "GET", "/v1/session", nil))
	require.Equal(t, muster.Actor{ID: "usr_new", Name: "Nia", Role: muster.RoleHelpdesk}, me)

	into[any](t, http.StatusOK, r.as(admin, "POST", "/v1/users", map[string]any{"id": "usr_new", "name": "Nia", "role": "helpdesk", "suspended": true}))
	r.clock.Advance(usersFor + 1)
	require.Equal(t, http.StatusUnauthorized, r.as("usr_new", "GET", "/v1/session", nil).StatusCode)
}

// TestAStrangerHoldsNobodyUp: while the graph hangs, somebody who has to be looked up there makes nobody else wait.
func TestAStrangerHoldsNobodyUp(t *testing.T) {
	asked := make(chan struct{}, 10)
	p := people{clock: muster.NewFakeClock(began), at: began, byID: byID([]*muster.User{{ID: ruth}})}
	p.read = func(ctx context.Context) ([]*muster.User, error) {
		asked <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	}
	ctx, giveUp := context.WithCancel(t.Context())
	var stranger sync.WaitGroup
	stranger.Go(func() { _, _ = p.find(ctx, "usr_new") })
	<-asked
	known := make(chan error, 1)
	stranger.Go(func() {
		_, err := p.find(t.Context(), ruth)
		known <- err
	})
	select {
	case err := <-known:
		require.NoError(t, err)
	case <-time.After(time.Second):
		t.Error("who is known waits for a stranger")
	}
	giveUp()
	stranger.Wait()
}

// TestAStrangerIsToldSoon: who waits for a graph that hangs keeps a place from those who needn't.
func TestAStrangerIsToldSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := people{clock: muster.NewFakeClock(began)}
		p.read = func(ctx context.Context) ([]*muster.User, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		begin := time.Now()
		_, err := p.find(t.Context(), "usr_new")
		require.Equal(t, http.StatusServiceUnavailable, problem(t.Context(), err).Status)
		require.LessOrEqual(t, time.Since(begin), 2*time.Second)
	})
}

func TestSessionOfABrowser(t *testing.T) {
	c := newCompany(t)
	users := into[List[muster.User]](t, http.StatusOK, c.as("", "GET", "/v1/users", nil))
	for _, u := range users.Items {
		require.False(t, u.Suspended)
	}
	require.Len(t, into[List[muster.User]](t, http.StatusOK, c.as("", "GET", "/v1/users?role=dispatcher", nil)).Items, 1)

	begun := c.as("", "POST", "/v1/session", map[string]any{"user": dana})
	require.Equal(t, http.StatusOK, begun.StatusCode, "%s", begun.body)
	cookie := begun.Cookies()[0]
	require.Equal(t, ActorCookie, cookie.Name)
	require.True(t, cookie.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, cookie.SameSite)
	require.Equal(t, http.StatusOK, c.as("", "GET", "/v1/tickets", nil, "Cookie", cookie.String()).StatusCode)

	me := into[muster.Actor](t, http.StatusOK, c.as(ruth, "GET", "/v1/session", nil, "Cookie", cookie.String()))
	require.Equal(t, ruth, me.ID, "the header is the more deliberate one")

	ended := c.as("", "DELETE", "/v1/session", nil)
	require.Equal(t, http.StatusNoContent, ended.StatusCode)
	require.Negative(t, ended.Cookies()[0].MaxAge)
	require.Equal(t, http.StatusUnauthorized, c.as("", "POST", "/v1/session", map[string]any{"user": "usr_nobody"}).StatusCode)
}

// TestEverybodySeesTheirOwn: what isn't somebody's reads like what isn't there, letter for letter.
func TestEverybodySeesTheirOwn(t *testing.T) {
	c := newCompany(t)
	mine := c.submit()
	path := "/v1/tickets/" + string(mine.ID)
	strangers := []struct {
		who  muster.UserID
		path string
	}{
		{otto, path},
		{otto, path + "/visits"},
		{otto, path + "/assignments"},
		{otto, path + "/history"},
		{otto, "/v1/tickets/" + mine.Ref},
		{otto, "/v1/customers/" + string(c.customer)},
		{otto, "/v1/sites/" + string(c.site)},
		{otto, "/v1/devices/" + string(c.device)},
		{otto, "/v1/experts/" + string(c.expert)},
		{ruth, "/v1/experts/" + string(c.expert)},
		{ana, path},
		{ana, path + "/offers"},
		{ana, "/v1/customers/" + string(c.customer)},
		{ana, "/v1/sites/" + string(c.site)},
	}
	for _, s := range strangers {
		hidden := into[Problem](t, http.StatusNotFound, c.as(s.who, "GET", s.path, nil))
		gone := strings.NewReplacer(
			string(mine.ID), "tic_missing", mine.Ref, "T-77", string(c.customer), "cus_missing", string(c.site), "sit_missing",
			string(c.device), "dev_missing", string(c.expert), "exp_missing",
		)
		missing := into[Problem](t, http.StatusNotFound, c.as(s.who, "GET", gone.Replace(s.path), nil))
		hidden.RequestID, missing.RequestID = "", ""
		was, err := json.Marshal(hidden)
		require.NoError(t, err)
		is, err := json.Marshal(missing)
		require.NoError(t, err)
		require.Equal(t, gone.Replace(string(was)), string(is), s.path)
	}
	for _, s := range []struct {
		who  muster.UserID
		path string
	}{{ruth, path + "/match"}, {ana, path + "/match"}, {ruth, "/v1/policy"}, {otto, "/v1/regions"}} {
		p := into[Problem](t, http.StatusForbidden, c.as(s.who, "GET", s.path, nil))
		require.Equal(t, muster.CodeForbidden, p.Code)
	}
	require.Empty(t, into[List[TicketRow]](t, http.StatusOK, c.as(otto, "GET", "/v1/tickets", nil)).Items)
	require.Empty(t, into[List[TicketRow]](t, http.StatusOK, c.as(ana, "GET", "/v1/tickets", nil)).Items)
	require.Len(t, into[List[TicketRow]](t, http.StatusOK, c.as(ruth, "GET", "/v1/tickets", nil)).Items, 1)
	require.Len(t, into[List[muster.Expert]](t, http.StatusOK, c.as(ana, "GET", "/v1/experts", nil)).Items, 1)
	require.Empty(t, into[List[muster.Customer]](t, http.StatusOK, c.as(otto, "GET", "/v1/customers", nil)).Items)

	into[any](t, http.StatusOK, c.as(dana, "POST", path+"/assign", map[string]any{"expert": c.expert}))
	require.Equal(t, http.StatusOK, c.as(ana, "GET", path, nil).StatusCode, "now it is hers")
	require.Len(t, into[List[TicketRow]](t, http.StatusOK, c.as(ana, "GET", "/v1/tickets", nil)).Items, 1)
	v := into[map[string]any](t, http.StatusOK, c.as(ana, "GET", path+"/match/"+string(c.expert), nil))
	require.NotEmpty(t, v["ticket"])
	require.Equal(t, http.StatusNotFound, c.as(ana, "GET", path+"/match/exp_other", nil).StatusCode)
	require.Equal(t, http.StatusForbidden, c.as(otto, "POST", path+"/cancel", map[string]any{"reason": "x"}).StatusCode)
}

func TestAScopeForEveryRole(t *testing.T) {
	for _, role := range muster.Roles() {
		s := scopeOf(muster.Actor{Role: role, Expert: "exp_1", Customer: "cus_1"})
		require.NoError(t, s.Check(), role)
		require.Equal(t, role != muster.RoleCustomer && role != muster.RoleExpert, s.Everything, role)
	}
	require.Error(t, scopeOf(muster.Actor{}).Check(), "nobody sees nothing")
	require.Error(t, scopeOf(muster.Actor{Role: muster.RoleExpert}).Check(), "an expert who is nobody sees nothing")
}

func TestOtherPagesAndNamesAreKeptOut(t *testing.T) {
	c := newCompany(t)
	for _, host := range []string{"muster.example", "10.0.0.7:8080", "localhost.evil.example", "127.0.0.1.nip.io:80", ""} {
		req := httptest.NewRequest(http.MethodGet, "/v1/users", nil)
		req.Host = host
		w := httptest.NewRecorder()
		c.handle.ServeHTTP(w, req)
		require.Equal(t, http.StatusMisdirectedRequest, w.Code, host)
	}
	for _, host := range []string{"localhost", "127.0.0.1:8080", "127.8.9.1", "[::1]:8080", "[::1]"} {
		req := httptest.NewRequest(http.MethodGet, "/v1/users", nil)
		req.Host = host
		w := httptest.NewRecorder()
		c.handle.ServeHTTP(w, req)
		require.Equal(t, http.StatusOK, w.Code, host)
	}
	p := into[Problem](t, http.StatusForbidden, c.as(dana, "POST", "/v1/tickets", c.ticket(), "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"))
	require.Equal(t, muster.CodeForbidden, p.Code)
	ok := c.as(dana, "POST", "/v1/tickets", c.ticket(), "Origin", "http://localhost:8080", "Sec-Fetch-Site", "same-origin")
	require.Equal(t, http.StatusCreated, ok.StatusCode, "%s", ok.body)
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	c := newCompany(t, func(c *Config) {
		c.Board = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(strings.Repeat("<p>board</p>", 500)))
		})
	})
	for _, path := range []string{"/", "/v1/tickets", "/v1/nothing", "/healthz", "/openapi.json"} {
		a := c.as(dana, "GET", path, nil)
		for name, value := range securityHeaders {
			require.Equal(t, value, a.Header.Get(name), "%s %s", path, name)
		}
		require.NotContains(t, a.Header.Get("Content-Security-Policy"), "unsafe")
		require.NotEmpty(t, a.Header.Get("X-Request-Id"))
		require.Empty(t, a.Header.Get("Access-Control-Allow-Origin"), "no CORS")
	}
	require.Equal(t, "no-store", c.as(dana, "GET", "/v1/tickets", nil).Header.Get("Cache-Control"))
	require.Equal(t, "my-id", c.as(dana, "GET", "/healthz", nil, "X-Request-Id", "my-id").Header.Get("X-Request-Id"))
	require.NotContains(t, c.as(dana, "GET", "/healthz", nil, "X-Request-Id", "a\tb").Header.Get("X-Request-Id"), "\t")
	require.Equal(t, "gzip", c.as(dana, "GET", "/", nil, "Accept-Encoding", "gzip").Header.Get("Content-Encoding"))
	require.Equal(t, "gzip", c.as(dana, "GET", "/openapi.json", nil, "Accept-Encoding", "gzip").Header.Get("Content-Encoding"))
}
