package torture

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/api"
	"github.com/sysopssquad/muster/demo"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/jobs/notify"
)

// hamlet is a company of one server and one worker whose time passes while somebody waits.
type hamlet struct {
	*testing.T
	*muster.FakeClock
	store    *sqlite.Store
	dispatch *dispatch.Dispatch
	steps    *jobs.Steps
	writer   *notify.Steps

	looked    time.Time
	graphAway bool // nobody can write anything down
	unsaid    bool // that answers can reach us is not kept
	rests     bool // the worker does nothing while Redis is away
	idle      bool // it does nothing now
}

func newHamlet(t *testing.T) *hamlet {
	t.Helper()
	v := &hamlet{T: t, FakeClock: muster.NewFakeClock(graphtest.Start)}
	var err error
	v.store, err = sqlite.Open(t.Context(), sqlite.Memory, v.FakeClock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, v.store.Close(context.Background())) })
	require.NoError(t, v.store.Migrate(t.Context()))
	quietly := slog.New(slog.DiscardHandler)
	run := jobs.New(jobs.Config{
		Store: v.store, Queue: memory.NewQueue(v.FakeClock), Stream: memory.NewStream(), Clock: v.FakeClock, Log: quietly, Seed: 1,
	})
	require.NoError(t, run.ReadClock(t.Context()))
	v.dispatch = dispatch.New(run.Store(), v.FakeClock)
	require.NoError(t, demo.Load(t.Context(), v.dispatch, demo.Options{Experts: 10, Tickets: 1, Seed: 1, Now: v.Now()}))
	w := notify.New(notify.Config{Store: run.Store(), Stream: run.Stream(), Clock: v.FakeClock, Log: quietly})
	n := 0
	v.writer = w.Steps(func() string { n++; return fmt.Sprint(n) })
	run.Handle(muster.KindMessage, w.Take)
	v.steps = run.Steps(jobs.Work{Due: v.dispatch.Due, Prompt: func(context.Context, muster.TicketID) error { return nil }})
	return v
}

// Sleep lets time pass, with everything that takes place by itself.
func (v *hamlet) Sleep(ctx context.Context, d time.Duration) error {
	for until := v.Now().Add(d); v.Now().Before(until); {
		v.Advance(min(until.Sub(v.Now()), 5*time.Second))
		if v.graphAway || v.Now().Sub(v.looked) < jobs.SweepEvery {
			continue
		}
		v.looked = v.Now()
		if !v.unsaid {
			require.NoError(v, v.dispatch.Reachable(ctx))
		}
		if !v.idle {
			_, err := v.steps.Sweep(ctx)
			require.NoError(v, err)
			v.read(ctx)
		}
	}
	return ctx.Err()
}

// read numbers all events, and lets them be read by who tells people of them.
func (v *hamlet) read(ctx context.Context) {
	for more, err := v.steps.Relay(ctx); ; more, err = v.steps.Relay(ctx) {
		require.NoError(v, err)
		if !more {
			break
		}
	}
	for n, err := v.writer.Follow(ctx); ; n, err = v.writer.Follow(ctx) {
		require.NoError(v, err)
		if n == 0 {
			break
		}
	}
}

// outage has one, without servers and processes, and tells what it shows of the district.
func (v *hamlet) outage(outage string, lasts time.Duration) OutageEvidence {
	v.Helper()
	h, err := api.New(api.Config{
		Graph: v.store, Dispatch: v.dispatch, Clock: v.FakeClock, Version: "test",
		Stream: func(int64) api.Feed { return nil },
	})
	require.NoError(v, err)
	s := httptest.NewServer(h)
	defer s.Close()
	l, err := openLedger(v.TempDir())
	require.NoError(v, err)
	defer l.close()
	c := newClient([]string{strings.TrimPrefix(s.URL, "http://")}, l)
	defer c.send.(*http.Transport).CloseIdleConnections()
	d := &district{http: &http.Client{Transport: c}, clock: v}
	ctx := v.Context()
	require.NoError(v, d.expose(ctx, lasts))
	require.NoError(v, v.Sleep(ctx, settleFirst))
	_, head, err := v.store.Bounds(ctx)
	require.NoError(v, err)
	began := v.Now()
	v.graphAway = outage == GraphDown
	v.idle = v.rests && outage == RedisDown
	require.NoError(v, d.act(ctx, outage, began))
	require.NoError(v, v.Sleep(ctx, began.Add(lasts).Sub(v.Now())))
	v.graphAway, v.idle = false, false
	recovered := v.Now()
	if outage == GraphDown {
		require.NoError(v, d.catchUp(ctx))
	}
	require.NoError(v, v.Sleep(ctx, 4*answerTime))
	v.read(ctx)
	e := OutageEvidence{Outage: outage, During: 1, Accepted: 1, Exposed: d.count(muster.Window{Start: began, End: recovered})}
	require.NoError(v, d.heard(ctx, v.store, e.Exposed))
	require.NoError(v, d.harm(ctx, v.store, head, outage, &e))
	return e
}

func TestTheDistrictIsWhereItIsNoon(t *testing.T) {
	for hour := range 24 {
		at := time.Date(2026, 11, 23, hour, 30, 0, 0, time.UTC)
		lng, zone := noonAt(at)
		local, err := time.LoadLocation(zone)
		require.NoError(t, err, hour)
		require.Equal(t, 12, at.In(local).Hour())
		require.LessOrEqual(t, lng, 180.0)
	}
}

func TestWhoeverHasADeadlineInAnOutageIsHeard(t *testing.T) {
	for _, outage := range []string{RedisDown, GraphDown} {
		e := newHamlet(t).outage(outage, longEnough)
		require.True(t, e.Sound(), "%s: %+v %+v", outage, e, e.Exposed)
		require.Equal(t, exposedEach, e.Exposed.Leaving)
	}
}

func TestDeadlinesThatAreNotPutOffAreNoticed(t *testing.T) {
	v := newHamlet(t)
	v.unsaid = true
	e := v.outage(GraphDown, longEnough)
	require.False(t, e.Sound())
	require.Positive(t, e.Reassigned, "%+v", e.Exposed)
	require.Positive(t, e.Apologies)
	for _, what := range deadlines {
		require.Contains(t, strings.Join(e.Exposed.Wronged, "\n"), "("+string(what)+")")
	}
}

// So is a worker that waits for Redis: it asks nobody.
func TestWorkersThatRestWithoutRedisAreNoticed(t *testing.T) {
	v := newHamlet(t)
	v.rests = true
	e := v.outage(RedisDown, longEnough)
	require.False(t, e.Sound())
	require.Less(t, e.Exposed.Asked, e.Exposed.Leaving)
}
