package asynq_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	hibiken "github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/asynq"
	"github.com/sysopssquad/muster/jobs/queuetest"
	"github.com/sysopssquad/muster/servertest"
)

const patience = 20 * time.Second

func TestURLs(t *testing.T) {
	for _, at := range []string{
		"redis://localhost:6379/0", "rediss://user:secret@redis.example.com:6380/1", "redis://h", "unix:///run/redis.sock",
		"redis-sentinel://a:26379,b:26379,c:26379/mymaster", "redis-sentinel://user:sec%20ret@a:26379/mymaster/3",
		"redis-cluster://a:6379,b:6379", "redis-cluster://:secret@a:6379",
	} {
		r, err := asynq.Open(at, quiet)
		require.NoError(t, err, at)
		require.NoError(t, r.Close())
	}
	for _, at := range []string{
		"", "localhost:6379", "http://localhost", "redis://h:6379/zero", "redis://:secret@h:port", "redis-sentinel://a:26379", "redis-sentinel://a/m",
		"redis-sentinel://a:26379/m/x", "redis-cluster://", "redis-cluster://a:6379/2", "redis-cluster://a:%zz@a:6379",
	} {
		_, err := asynq.Open(at, quiet)
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "%s: %v", at, err)
		require.NotContains(t, err.Error(), "secret")
		require.ErrorContains(t, err, "give redis://")
	}
	require.Equal(t, "redis://user:xxxxx@h:6379/1", asynq.Shown("redis://user:secret@h:6379/1"))
	require.Equal(t, "redis://h:6379/1", asynq.Shown("redis://h:6379/1"))
	require.Equal(t, "redis://...", asynq.Shown("redis://:secret"), "a password without its host")
	require.Equal(t, "...@h", asynq.Shown("redis:secret@h"))
}

// dedicated is a real Redis that one test may ruin.
func dedicated(t *testing.T) (*servertest.Server, *redis.Client) {
	t.Helper()
	s, err := servertest.StartRedis("")
	require.NoError(t, err)
	o, err := redis.ParseURL(s.URL)
	require.NoError(t, err)
	admin := redis.NewClient(o)
	t.Cleanup(func() {
		require.NoError(t, admin.Close())
		require.NoError(t, s.Stop())
	})
	return s, admin
}

func TestCheckOfARealRedis(t *testing.T) {
	t.Parallel()
	s, admin := dedicated(t)
	r := open(t, s.URL)
	warnings, err := r.Check(t.Context())
	require.NoError(t, err)
	require.Empty(t, warnings)

	require.NoError(t, admin.ConfigSet(t.Context(), "appendonly", "no").Err())
	warnings, err = r.Check(t.Context())
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "appendonly yes")

	require.NoError(t, admin.ConfigSet(t.Context(), "maxmemory-policy", "allkeys-lru").Err())
	_, err = r.Check(t.Context())
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
	require.ErrorContains(t, err, "allkeys-lru")

	require.NoError(t, s.Kill())
	_, err = r.Check(t.Context())
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.ErrorContains(t, err, s.URL)
}

func TestQueueSurvivesAKilledRedis(t *testing.T) {
	t.Parallel()
	s, _ := dedicated(t)
	require.NoError(t, s.Kill()) // down when the process starts
	q := open(t, s.URL).Queue()
	ctx, cancel := context.WithCancel(t.Context())
	ended, got := make(chan error, 1), make(chan string, 10)
	go func() {
		ended <- q.Run(ctx, jobs.Handlers{"a": func(_ context.Context, p []byte) error { got <- string(p); return nil }})
	}()
	for round := range 2 {
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(q.Enqueue(t.Context(), jobs.Task{Name: "a"})))
		require.NoError(t, s.Start())
		require.Eventually(t, func() bool { // the client looks for a server that was gone once a second
			return q.Enqueue(t.Context(), jobs.Task{Name: "a", Payload: fmt.Append(nil, round)}) == nil
		}, patience, 50*time.Millisecond)
		select {
		case p := <-got:
			require.Equal(t, fmt.Sprint(round), p)
		case <-time.After(patience):
			require.Fail(t, "the task is not handled")
		}
		require.NoError(t, s.Kill())
	}
	cancel()
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		require.Fail(t, "Run doesn't end while Redis is down")
	}
}

// A cluster of one: the client for clusters, with its own commands, on a server that knows them.
func TestQueueCluster(t *testing.T) {
	queuetest.Queue(t, cluster)
}

func TestStreamCluster(t *testing.T) {
	queuetest.Stream(t, cluster)
}

func cluster(t *testing.T) queuetest.Backend {
	m := miniredis.RunT(t)
	at := "redis-cluster://" + m.Addr()
	return queuetest.Backend{
		Queue:  func() jobs.Queue { return open(t, at).Queue() },
		Stream: func() jobs.Stream { return open(t, at).Stream() },
		Now:    time.Now,
		Pass:   func(d time.Duration) { <-time.After(d) },
	}
}

// inspect looks at what Asynq keeps.
func inspect(t *testing.T, at string) *hibiken.Inspector {
	t.Helper()
	o, err := redis.ParseURL(at)
	require.NoError(t, err)
	i := hibiken.NewInspector(hibiken.RedisClientOpt{Addr: o.Addr, DB: o.DB})
	t.Cleanup(func() { require.NoError(t, i.Close()) })
	return i
}

// After a wipe the queue is known again to those who look at Redis from outside.
func TestQueueIsRegisteredAgainAfterAWipe(t *testing.T) {
	t.Parallel()
	s, admin := dedicated(t)
	q := open(t, s.URL).Queue()
	require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "a"}))
	require.NoError(t, admin.FlushAll(t.Context()).Err())
	require.Eventually(t, func() bool {
		require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "a"}))
		queues, err := inspect(t, s.URL).Queues()
		require.NoError(t, err)
		return len(queues) == 1
	}, patience, 300*time.Millisecond)
}

func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	at, stop, err := asynq.Embedded()
	require.NoError(t, err)
	t.Cleanup(stop)
	q := open(t, at).Queue()
	ctx, cancel := context.WithCancel(t.Context())
	ended, calls := make(chan error, 1), make(chan string, 10)
	go func() {
		ended <- q.Run(ctx, jobs.Handlers{"bad": func(context.Context, []byte) error { calls <- ""; return context.DeadlineExceeded }})
	}()
	require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "bad", ID: "bad:1", Keep: time.Hour}))
	require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "nobody's", ID: "nobody:1"}))
	for range jobs.Retries + 1 {
		select {
		case <-calls:
		case <-time.After(patience):
			require.Fail(t, "not tried again")
		}
	}
	cancel()
	require.NoError(t, <-ended)
	info, err := inspect(t, at).GetQueueInfo("muster")
	require.NoError(t, err)
	require.Zero(t, info.Archived, "an id in the archive would block all later tasks of that id")
	require.Zero(t, info.Size, "%+v", info)
}

func TestEmbeddedKeysExpire(t *testing.T) {
	t.Parallel()
	at, stop, err := asynq.Embedded()
	require.NoError(t, err)
	defer stop()
	u, err := url.Parse(at)
	require.NoError(t, err)
	c := redis.NewClient(&redis.Options{Addr: u.Host})
	defer c.Close()
	require.NoError(t, c.Set(t.Context(), "k", "v", 2*time.Second).Err())
	require.Eventually(t, func() bool { return c.Exists(t.Context(), "k").Val() == 0 }, patience, 50*time.Millisecond)
	stop()
	stop() // twice is fine
}

func TestStreamRefusesWhatMusterDidNotWrite(t *testing.T) {
	t.Parallel()
	at, stop, err := asynq.Embedded()
	require.NoError(t, err)
	t.Cleanup(stop)
	s := open(t, at).Stream()
	c := redis.NewClient(&redis.Options{Addr: strings.TrimSuffix(strings.TrimPrefix(at, "redis://"), "/0")})
	t.Cleanup(func() { require.NoError(t, c.Close()) })
	require.NoError(t, c.XAdd(t.Context(), &redis.XAddArgs{Stream: "muster:events", ID: "7-0", Values: []string{"x", "y"}}).Err())
	_, err = s.Read(t.Context(), 0, 10, 0)
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err), "%v", err)
	require.ErrorContains(t, err, "7-0")
	require.NoError(t, s.Reset(t.Context()))
	n, err := s.Last(t.Context())
	require.NoError(t, err)
	require.Zero(t, n)
}
