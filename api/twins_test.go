package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// spelled gives the same JSON object in other words: members in another order, white space, escapes.
func spelled(t *testing.T, body map[string]any) []string {
	t.Helper()
	plain, err := json.Marshal(body)
	require.NoError(t, err)
	var wide bytes.Buffer
	require.NoError(t, json.Indent(&wide, plain, "\t", "\r\n  "))
	var turned strings.Builder
	turned.WriteString(`{ "needs" :[ {"level": 2, "skill":"skl_white\u002dgoods"}]`)
	for _, name := range []string{"title", "device", "site", "customer"} {
		value, err := json.Marshal(body[name])
		require.NoError(t, err)
		turned.WriteString(" ,\n\"" + name + "\":" + strings.ReplaceAll(string(value), "R", `\u0052`))
	}
	turned.WriteString("\t}\n")
	return []string{string(plain), wide.String(), turned.String()}
}

// A try is a request under a key that others use at the same time.
type try struct {
	what   string // those of one kind ask for the same
	who    muster.UserID
	path   string
	body   string
	server int
	answer reply
}

// send sends it over HTTP.
func (a *try) send(servers []*httptest.Server, key string) error {
	server := servers[a.server]
	req, err := http.NewRequest(http.MethodPost, server.URL+a.path, strings.NewReader(a.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(ActorHeader, string(a.who))
	req.Header.Set("Idempotency-Key", key)
	res, err := server.Client().Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	a.answer = reply{res, body}
	return err
}

// TestAKeyUnderAttack sends one key many times at once to two servers on one store: with the same request in other words,
// with other requests, to another path, and by somebody else. One request under it is carried out, once; who sent the same
// gets its answer, byte for byte, and all others are told that the key is taken.
func TestAKeyUnderAttack(t *testing.T) {
	c := newCompany(t)
	second, err := New(Config{
		Graph: c.store, Dispatch: dispatch.New(c.store, c.clock), Clock: c.clock, Version: "test", Log: c.server.log,
		Stream: func(int64) Feed { return silent{} },
	})
	require.NoError(t, err)
	servers := []*httptest.Server{httptest.NewServer(c.handle), httptest.NewServer(second)}
	for _, s := range servers {
		t.Cleanup(s.Close)
		known := &try{who: ruth, path: "/v1/tickets", body: "{}"} // whose customer she is, it reads while nobody else asks
		require.NoError(t, known.send([]*httptest.Server{s}, "k-known"))
	}
	asked := map[string][]string{
		"a ticket":       spelled(t, c.ticket()),
		"another ticket": spelled(t, c.ticket("title", "Refrigerator leaks")),
		"a customer":     {`{"name":"Sam"}`, "{ \"name\" : \"S\\u0061m\" }"},
	}
	tickets := 0
	for n := range 30 {
		var tries []*try
		for what, bodies := range asked {
			path := "/v1/tickets"
			if what == "a customer" {
				path = "/v1/customers"
			}
			for i, body := range bodies {
				tries = append(tries, &try{what: what, who: dana, path: path, body: body, server: (n + i) % 2})
				tries = append(tries, &try{what: what, who: dana, path: path, body: body, server: (n + i + 1) % 2})
			}
		}
		body := spelled(t, c.ticket())[n%3]
		tries = append(tries, &try{what: "ruth's ticket", who: ruth, path: "/v1/tickets", body: body, server: n % 2})
		rand.Shuffle(len(tries), func(i, j int) { tries[i], tries[j] = tries[j], tries[i] })
		key := "k-" + itoa(n)
		for _, again := range []bool{false, true} {
			var g sync.WaitGroup
			for i, a := range tries {
				if again { // one after the other: none has to wait
					a.server = i % 2
					require.NoError(t, a.send(servers, key))
					continue
				}
				g.Go(func() {
					if err := a.send(servers, key); err != nil {
						t.Error(err)
					}
				})
			}
			g.Wait()
			first := make(map[muster.UserID]*try)
			for _, a := range tries {
				switch a.answer.StatusCode {
				case http.StatusCreated:
					if before := first[a.who]; before != nil {
						require.Equal(t, before.what, a.what, "two requests were carried out under %s", key)
						require.Equal(t, string(before.answer.body), string(a.answer.body))
						require.Equal(t, before.answer.Header["Etag"], a.answer.Header["Etag"])
						require.Equal(t, before.answer.Header["Location"], a.answer.Header["Location"])
					}
					first[a.who] = a
				case http.StatusUnprocessableEntity:
					require.Equal(t, muster.CodeReused, into[Problem](t, http.StatusUnprocessableEntity, a.answer).Code)
				default:
					require.False(t, again, "%s", a.answer.body)
					require.Equal(t, http.StatusConflict, a.answer.StatusCode, "%s of %s: %s", a.what, a.who, a.answer.body)
				}
			}
			require.NotNil(t, first[dana], "nobody got an answer")
			require.NotNil(t, first[ruth], "somebody else's key stood in the way")
			require.NotEqual(t, string(first[dana].answer.body), string(first[ruth].answer.body))
			for _, a := range tries {
				if a.answer.StatusCode == http.StatusUnprocessableEntity {
					require.NotEqual(t, first[a.who].what, a.what, "the same request in other words: %s", a.body)
				}
			}
			if !again {
				if tickets++; first[dana].what != "a customer" {
					tickets++
				}
			}
		}
	}
	found, _, err := c.store.Tickets(t.Context(), muster.Scope{Everything: true}, graph.TicketFilter{}, graph.Page{Limit: 500})
	require.NoError(t, err)
	require.Len(t, found, tickets, "a request was carried out twice")
}

// TestOneKeyDoesNotTakeAllPlaces: of those that wait for the first under their key only a few may, and hold the places of
// others no longer; the next is told at once.
func TestOneKeyDoesNotTakeAllPlaces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{Config: Config{}}
		free := make(chan struct{})
		defer close(free) // whatever fails, nobody stays behind
		h := s.oneAtATime(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
		for range 1 + twinsWaiting {
			go h.ServeHTTP(httptest.NewRecorder(), keyed(t))
		}
		synctest.Wait()
		began, w := time.Now(), httptest.NewRecorder()
		h.ServeHTTP(w, keyed(t))
		require.Equal(t, http.StatusConflict, w.Code)
		require.Zero(t, time.Since(began), "at once")
		other := keyed(t)
		other.Header.Set("Idempotency-Key", "another")
		ran := make(chan struct{})
		go func() { h.ServeHTTP(httptest.NewRecorder(), other); close(ran) }()
		for range 2 + twinsWaiting {
			free <- struct{}{}
		}
		<-ran
		synctest.Wait()
		go func() { free <- struct{}{} }()
		h.ServeHTTP(httptest.NewRecorder(), keyed(t))
	})
}

// TestWhoStopsWaitingLeavesTheirPlaceUnderTheKey: a client that gives up and asks again waits like the first time.
func TestWhoStopsWaitingLeavesTheirPlaceUnderTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{Config: Config{}}
		free := make(chan struct{})
		defer close(free) // whatever fails, nobody stays behind
		h := s.oneAtATime(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-free }))
		go h.ServeHTTP(httptest.NewRecorder(), keyed(t))
		synctest.Wait()
		ctx, stop := context.WithCancel(t.Context())
		for range twinsWaiting {
			go h.ServeHTTP(httptest.NewRecorder(), keyed(t).WithContext(ctx))
		}
		synctest.Wait()
		stop()
		synctest.Wait()
		w, answered := httptest.NewRecorder(), make(chan struct{})
		go func() { h.ServeHTTP(w, keyed(t)); close(answered) }()
		synctest.Wait()
		free <- struct{}{}
		free <- struct{}{}
		<-answered
		require.Equal(t, http.StatusOK, w.Code)
	})
}
