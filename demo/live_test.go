package demo

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/api"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// village is a small company behind the real API, on a clock that only the test's waiting moves. Rounds take
// place every half minute, as a worker would hold them.
type village struct {
	*testing.T
	clock    *muster.FakeClock
	store    *sqlite.Store
	dispatch *dispatch.Dispatch
	url      string
	client   *http.Client

	mu    sync.Mutex
	posts int                      // that reached the server
	down  func(*http.Request) bool // the server is in trouble
}

// silent is a feed of nothing: life doesn't listen to events.
type silent struct{}

func (silent) Next(ctx context.Context) ([]muster.Event, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func newVillage(t *testing.T) *village {
	t.Helper()
	v := &village{T: t, clock: muster.NewFakeClock(noon)}
	var err error
	v.store, err = sqlite.Open(t.Context(), ":memory:", v.clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.store.Close(context.Background())) })
	require.NoError(t, v.store.Migrate(t.Context()))
	v.dispatch = dispatch.New(v.store, v.clock)
	require.NoError(t, Load(t.Context(), v.dispatch, Options{Experts: 60, Tickets: 30, Seed: 5, Now: noon}))
	handler, err := api.New(api.Config{
		Graph: v.store, Dispatch: v.dispatch, Clock: v.clock, Version: "test",
		Stream: func(int64) api.Feed { return silent{} },
	})
	require.NoError(t, err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v.mu.Lock()
		trouble := v.down != nil && v.down(r)
		if !trouble && r.Method == http.MethodPost {
			v.posts++
		}
		v.mu.Unlock()
		if trouble {
			http.Error(w, "out of order", http.StatusBadGateway)
			return
		}
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	v.url, v.client = s.URL, s.Client()
	t.Cleanup(v.client.CloseIdleConnections)
	return v
}

// trouble makes the server answer nothing else.
func (v *village) trouble(on bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.down = nil
	if on {
		v.down = func(*http.Request) bool { return true }
	}
}

func (v *village) posted() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.posts
}

var errOver = errors.New("the time of the test is over")

// options let time pass up to a moment. Each pause moves the clock; tell hears of it.
func (v *village) options(until time.Duration, tell func(passed time.Duration)) LiveOptions {
	next := v.clock.Now()
	return LiveOptions{
		URL: v.url, Client: v.client, Clock: v.clock, Seed: 5,
		wait: func(ctx context.Context, d time.Duration) error {
			if now := v.clock.Advance(d); !now.Before(next) {
				next = now.Add(30 * time.Second)
				if _, err := v.dispatch.Rounds(ctx); err != nil {
					return err
				}
			}
			passed := v.clock.Now().Sub(noon)
			if tell != nil {
				tell(passed)
			}
			if passed >= until {
				return errOver
			}
			return ctx.Err()
		},
	}
}

// events are all that happened after the load, by name, with when the first one was.
func (v *village) events() (names map[string]int, outcomes map[string]int, first time.Time) {
	v.Helper()
	all, err := v.store.Pending(v.Context(), 100_000)
	require.NoError(v, err)
	names, outcomes = map[string]int{}, map[string]int{}
	for _, e := range all {
		if e.Actor.ID == actor.ID || strings.HasPrefix(string(e.Actor.ID), "usr_rounds") {
			continue
		}
		names[e.Name]++
		if first.IsZero() || e.At.Before(first) {
			first = e.At
		}
		if e.Name == "ticket.visit_ended" {
			var b struct {
				Root struct {
					Outcome string `json:"outcome"`
				} `json:"root"`
			}
			require.NoError(v, json.Unmarshal(e.Body, &b))
			outcomes[b.Root.Outcome]++
		}
	}
	return names, outcomes, first
}

func TestLifeGoesOn(t *testing.T) {
	v := newVillage(t)
	require.NoError(t, Live(t.Context(), v.options(7*time.Minute, nil)))
	names, outcomes, first := v.events()
	t.Log(names, outcomes)
	require.Less(t, first.Sub(noon), 5*time.Second, "something is to be seen within seconds")
	for _, what := range []string{
		"ticket.submitted", "ticket.accepted", "ticket.declined", "ticket.departed", "ticket.arrived", "ticket.started",
		"ticket.visit_ended", "ticket.triaged", "ticket.completed", "ticket.resolved", "customer.saved", "user.saved",
	} {
		require.Positive(t, names[what], "%s in %v", what, names)
	}
	require.Positive(t, outcomes["fixed"])
	require.Greater(t, len(outcomes), 2, "visits end in more than one way: %v", outcomes)
	require.LessOrEqual(t, v.posted(), int(7*time.Minute/(250*time.Millisecond))*3/2, "the pace is kept")
	known, _, err := v.store.Customers(t.Context(), muster.Scope{Everything: true}, "", graph.Page{Limit: graph.MaxPage})
	require.NoError(t, err)
	for _, c := range known {
		require.NotEmpty(t, c.Phone, "whoever can't be told anything becomes a call task: %s", c.Name)
	}
	r, err := v.dispatch.Fsck(t.Context(), v.store)
	require.NoError(t, err)
	require.Empty(t, r.Breaches)
}

func TestLifeLeavesPeopleToOthers(t *testing.T) {
	v := newVillage(t)
	o := v.options(2*time.Minute, nil)
	o.Others = func(muster.ExpertID) bool { return true }
	require.NoError(t, Live(t.Context(), o))
	names, _, _ := v.events()
	require.Positive(t, names["ticket.submitted"], "others go on")
	for _, what := range []string{"ticket.accepted", "ticket.declined", "ticket.departed"} {
		require.Zero(t, names[what], what)
	}
}

func TestLifeWaitsForTheServer(t *testing.T) {
	v := newVillage(t)
	v.trouble(true) // not there yet at the beginning, and away for a minute later
	before := 0
	require.NoError(t, Live(t.Context(), v.options(3*time.Minute, func(passed time.Duration) {
		v.trouble(passed < 40*time.Second || passed > 80*time.Second && passed < 2*time.Minute)
		if passed < 80*time.Second {
			before = v.posted()
		}
	})))
	require.Positive(t, before, "it began when the server came")
	require.Greater(t, v.posted(), before, "and went on after the trouble")
}

func TestLifeBeginsAnewWhereItWas(t *testing.T) {
	v := newVillage(t)
	require.NoError(t, Live(t.Context(), v.options(2*time.Minute, nil)))
	once, _, _ := v.events()
	require.NoError(t, Live(t.Context(), v.options(5*time.Minute, nil)))
	names, _, _ := v.events()
	require.Greater(t, names["ticket.visit_ended"], once["ticket.visit_ended"])
	r, err := v.dispatch.Fsck(t.Context(), v.store)
	require.NoError(t, err)
	require.Empty(t, r.Breaches)
}

func TestLifeCanBePaused(t *testing.T) {
	v := newVillage(t)
	var l *Life
	var before, paused, during, after int
	l = NewLife(v.options(2*time.Minute, func(passed time.Duration) {
		switch {
		case passed < 40*time.Second:
			before = v.posted()
		case passed < 80*time.Second:
			if l.Pause(); paused == 0 {
				paused = v.posted()
			}
			during = v.posted()
		default:
			l.Resume()
			after = v.posted()
		}
	}))
	require.NoError(t, l.Run(t.Context()))
	require.Positive(t, before)
	require.Equal(t, paused, during)
	require.Greater(t, after, during+10)
}

func TestLifeEndsWithItsContext(t *testing.T) {
	v := newVillage(t)
	ctx, cancel := context.WithCancel(t.Context())
	o := v.options(time.Hour, func(passed time.Duration) {
		if passed > 10*time.Second {
			cancel()
		}
	})
	require.NoError(t, Live(ctx, o))
	cancel()
	o.wait = nil // real time, on a context that is over
	require.NoError(t, Live(ctx, o))
}
