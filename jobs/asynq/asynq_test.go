package asynq_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/asynq"
	"github.com/sysopssquad/muster/jobs/queuetest"
	"github.com/sysopssquad/muster/servertest"
)

func TestMain(m *testing.M) {
	// The client looks for a lost server once a second, and notices that it was closed when it looks again.
	servertest.Main(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

var quiet = slog.New(slog.DiscardHandler)

// open connects to a Redis until the test ends.
func open(t *testing.T, url string) *asynq.Redis {
	t.Helper()
	r, err := asynq.Open(url, quiet)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, r.Close()) })
	return r
}

func backend(t *testing.T, url string) queuetest.Backend {
	o, err := redis.ParseURL(url)
	require.NoError(t, err)
	admin := redis.NewClient(o)
	t.Cleanup(func() { require.NoError(t, admin.Close()) })
	require.NoError(t, admin.FlushDB(t.Context()).Err())
	return queuetest.Backend{
		Queue:  func() jobs.Queue { return open(t, url).Queue() },
		Stream: func() jobs.Stream { return open(t, url).Stream() },
		Now:    time.Now,
		Pass:   func(d time.Duration) { <-time.After(d) }, // Asynq knows no other clock than the machine's
		Wipe:   func(t *testing.T) { require.NoError(t, admin.FlushDB(t.Context()).Err()) },
	}
}

// embedded is a back end in this process.
func embedded(t *testing.T) queuetest.Backend {
	url, stop, err := asynq.Embedded()
	require.NoError(t, err)
	t.Cleanup(stop)
	b := backend(t, url)
	b.Cut = func(*testing.T) { stop() }
	return b
}

// databases of the real Redis that no test uses now.
var databases = func() chan int {
	c := make(chan int, 15)
	for n := range 15 {
		c <- n + 1
	}
	return c
}()

// server is a back end on the real Redis that tests share: a database of its own.
func server(t *testing.T) queuetest.Backend {
	n := <-databases
	t.Cleanup(func() { databases <- n })
	return backend(t, fmt.Sprintf("%s/%d", strings.TrimSuffix(servertest.Redis(t), "/0"), n))
}

func TestQueueEmbedded(t *testing.T)  { queuetest.Queue(t, embedded) }
func TestStreamEmbedded(t *testing.T) { queuetest.Stream(t, embedded) }
func TestQueueServer(t *testing.T)    { queuetest.Queue(t, server) }
func TestStreamServer(t *testing.T)   { queuetest.Stream(t, server) }
