// Package queuetest is the suite that every implementation of jobs.Queue and jobs.Stream passes.
package queuetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/jobs"
)

// Backend is what an implementation brings: one empty place where tasks and events are kept.
type Backend struct {
	Queue  func() jobs.Queue  // as another process sees it, at each call
	Stream func() jobs.Stream // the same
	Now    func() time.Time
	Pass   func(time.Duration) // lets time pass on the back end's clock
	Wipe   func(t *testing.T)  // loses everything, as a flushed server does; nil: can't happen
	Cut    func(t *testing.T)  // makes it unreachable for good; nil: can't happen
	Exact  bool                // time passes only when told to
}

// patience is how long the suite waits for what must happen, in real time.
const patience = 20 * time.Second

// runner is a process that handles tasks.
type runner struct {
	stop func() // ends it and waits for it
}

// run starts a process that handles tasks; it ends with the test at the latest.
func run(t *testing.T, q jobs.Queue, h jobs.Handlers) runner {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx, h) }()
	stop := sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			require.NoError(t, err)
		case <-time.After(patience):
			require.Fail(t, "Run doesn't end")
		}
	})
	t.Cleanup(stop)
	return runner{stop}
}

// collect is a handler that passes on what it gets.
func collect(into chan<- string) jobs.Handler {
	return func(ctx context.Context, payload []byte) error {
		select {
		case into <- string(payload):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// receive waits for the next that arrives.
func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		require.FailNow(t, "nothing arrives")
		panic("unreachable")
	}
}

// put adds a task.
func put(t *testing.T, q jobs.Queue, task jobs.Task) {
	t.Helper()
	require.NoError(t, q.Enqueue(t.Context(), task))
}
