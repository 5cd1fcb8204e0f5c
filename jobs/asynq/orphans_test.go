package asynq

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/servertest"
)

const keys = "asynq:{muster}:"

// orphaned is a queue on a real Redis, with a look at what Asynq keeps there.
func orphaned(t *testing.T) (*Queue, *redis.Client) {
	t.Helper()
	s, err := servertest.StartRedis("")
	require.NoError(t, err)
	r, err := Open(s.URL, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	o, err := redis.ParseURL(s.URL)
	require.NoError(t, err)
	admin := redis.NewClient(o)
	t.Cleanup(func() {
		require.NoError(t, admin.Close())
		require.NoError(t, r.Close())
		require.NoError(t, s.Stop())
	})
	return r.Queue(), admin
}

// working runs a queue until the end of the test, which ticks for it.
func working(t *testing.T, q *Queue, handle jobs.Handler) (tick chan time.Time) {
	t.Helper()
	tick = make(chan time.Time)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.run(ctx, jobs.Handlers{"a": handle}, tick) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	return tick
}

func within[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(20 * time.Second):
		require.FailNow(t, what)
		panic("unreachable")
	}
}

// orphan makes a waiting task active without a lease, as a failover between the two or an evicted key leaves it.
func orphan(t *testing.T, admin *redis.Client, id string) {
	t.Helper()
	ctx := t.Context()
	require.EqualValues(t, 1, admin.LRem(ctx, keys+"pending", 0, id).Val())
	require.NoError(t, admin.LPush(ctx, keys+"active", id).Err())
	require.NoError(t, admin.HSet(ctx, keys+"t:"+id, "state", "active").Err())
}

// TestATaskWithoutALeaseIsTakenUpAgain: Asynq itself never looks at one again, and its id stays blocked.
func TestATaskWithoutALeaseIsTakenUpAgain(t *testing.T) {
	t.Parallel()
	q, admin := orphaned(t)
	got := make(chan string, 10)
	stuck := jobs.Task{Name: "a", ID: "prompt:tic_1:4", Payload: []byte("tic_1 at 4"), Keep: time.Minute}
	require.NoError(t, q.Enqueue(t.Context(), stuck))
	orphan(t, admin, stuck.ID)
	require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "a", ID: "prompt:tic_2:1"})) // one whose message was lost
	orphan(t, admin, "prompt:tic_2:1")
	require.NoError(t, admin.HDel(t.Context(), keys+"t:prompt:tic_2:1", "msg").Err())

	// A stuck hint holds up no other of the same ticket: an id names one revision.
	later := jobs.Task{Name: "a", ID: "prompt:tic_1:5", Payload: []byte("tic_1 at 5"), Keep: time.Minute}
	require.NoError(t, q.Enqueue(t.Context(), later))

	tick := working(t, q, func(_ context.Context, p []byte) error { got <- string(p); return nil })
	require.ElementsMatch(t, []string{"tic_1 at 4", "tic_1 at 5"},
		[]string{within(t, got, "nothing is handled"), within(t, got, "the stuck task is not handled")})

	// It is found while the process runs, too.
	for n := range 3 {
		task := jobs.Task{Name: "a", ID: fmt.Sprint("x:", n), Payload: fmt.Append(nil, n), At: time.Now().Add(time.Hour)}
		require.NoError(t, q.Enqueue(t.Context(), task))
		require.EqualValues(t, 1, admin.ZRem(t.Context(), keys+"scheduled", task.ID).Val())
		require.NoError(t, admin.LPush(t.Context(), keys+"active", task.ID).Err())
		require.NoError(t, admin.HSet(t.Context(), keys+"t:"+task.ID, "state", "active").Err())
		tick <- time.Now()
		require.Equal(t, fmt.Sprint(n), within(t, got, "not found at the tick"))
	}
	require.Eventually(t, func() bool { return admin.LLen(t.Context(), keys+"active").Val() == 0 }, 20*time.Second, 10*time.Millisecond)
	left := admin.Keys(t.Context(), keys+"t:*").Val()
	for _, key := range left {
		require.True(t, strings.HasSuffix(key, stuck.ID) || strings.HasSuffix(key, later.ID), "only what is remembered is left: %v", left)
	}
}

// TestATaskUnderWayIsNoOrphan: it has its lease.
func TestATaskUnderWayIsNoOrphan(t *testing.T) {
	t.Parallel()
	q, admin := orphaned(t)
	begun, free := make(chan string, 10), make(chan struct{})
	t.Cleanup(func() { close(free) })
	tick := working(t, q, func(ctx context.Context, p []byte) error {
		begun <- string(p)
		select {
		case <-free:
		case <-ctx.Done():
		}
		return nil
	})
	for n := range parallel - 1 {
		require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "a", ID: fmt.Sprint(n), Payload: fmt.Append(nil, n)}))
		within(t, begun, "not begun")
	}
	tick <- time.Now()
	tick <- time.Now() // the look before has ended
	n, err := q.orphans(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
	require.EqualValues(t, parallel-1, admin.LLen(t.Context(), keys+"active").Val())
	require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "a", Payload: []byte("next")}))
	require.Equal(t, "next", within(t, begun, "nothing else was given back"))
}
