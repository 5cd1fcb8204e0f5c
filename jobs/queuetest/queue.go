package queuetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
)

// Queue runs the suite of queues. Each test asks for a back end of its own.
func Queue(t *testing.T, open func(t *testing.T) Backend) {
	for name, test := range map[string]func(*testing.T, Backend){
		"a task reaches its handler":                      reaches,
		"one id is one task":                              oneID,
		"an id is remembered as long as asked":            remembered,
		"a task waits for its time":                       waits,
		"a handler that fails is tried again":             triedAgain,
		"a handler that always fails is dropped":          dropped,
		"a panic is a failure":                            panics,
		"a task without a handler holds nobody up":        unknown,
		"a slow handler holds nobody up":                  slow,
		"the end of Run cancels handlers and waits":       ends,
		"a task that the end cut short is done elsewhere": cutShort,
		"every task is handled, however many enqueue":     many,
		"what no queue takes is refused":                  refused,
		"a queue that was wiped goes on":                  wiped,
		"a queue that can't be reached says so":           unreachable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func reaches(t *testing.T, b Backend) {
	got := make(chan string, 10)
	run(t, b.Queue(), jobs.Handlers{"a": collect(got), "b": func(context.Context, []byte) error { return nil }})
	text := "\x00 Grüße, 世界 " + strings.Repeat("x", 1000)
	put(t, b.Queue(), jobs.Task{Name: "a", Payload: []byte(text)})
	require.Equal(t, text, receive(t, got))
	put(t, b.Queue(), jobs.Task{Name: "a"})
	require.Empty(t, receive(t, got))
	require.NoError(t, b.Queue().Ping(t.Context()))
}

func oneID(t *testing.T, b Backend) {
	got := make(chan string, 10)
	for i := range 5 {
		put(t, b.Queue(), jobs.Task{Name: "a", ID: "same", Payload: fmt.Append(nil, i)})
	}
	put(t, b.Queue(), jobs.Task{Name: "a", ID: "other", Payload: []byte("other")})
	run(t, b.Queue(), jobs.Handlers{"a": collect(got)})
	require.ElementsMatch(t, []string{"0", "other"}, []string{receive(t, got), receive(t, got)})

	// Done and not kept: the id is free.
	again := make(chan string, 10)
	require.Eventually(t, func() bool {
		put(t, b.Queue(), jobs.Task{Name: "a", ID: "same", Payload: []byte("again")})
		select {
		case v := <-got:
			again <- v
			return true
		default:
			return false
		}
	}, patience, 10*time.Millisecond)
	require.Equal(t, "again", receive(t, again))
}

func remembered(t *testing.T, b Backend) {
	got := make(chan string, 10)
	run(t, b.Queue(), jobs.Handlers{"a": collect(got)})
	task := jobs.Task{Name: "a", ID: "slot:1", Payload: []byte("1"), Keep: 2 * time.Second}
	put(t, b.Queue(), task)
	receive(t, got)
	// Other tasks pass while the id is remembered.
	for i := range 3 {
		put(t, b.Queue(), task)
		put(t, b.Queue(), jobs.Task{Name: "a", Payload: fmt.Append(nil, "other ", i)})
		require.Equal(t, fmt.Sprint("other ", i), receive(t, got))
	}
	b.Pass(3 * time.Second)
	require.Eventually(t, func() bool {
		put(t, b.Queue(), task)
		select {
		case v := <-got:
			return v == "1"
		default:
			return false
		}
	}, patience, 20*time.Millisecond)
}

func waits(t *testing.T, b Backend) {
	got := make(chan string, 10)
	run(t, b.Queue(), jobs.Handlers{"a": collect(got)})
	at := b.Now().Add(2 * time.Second)
	put(t, b.Queue(), jobs.Task{Name: "a", Payload: []byte("later"), At: at})
	put(t, b.Queue(), jobs.Task{Name: "a", Payload: []byte("overdue"), At: at.Add(-time.Hour)})
	require.Equal(t, "overdue", receive(t, got))
	b.Pass(2 * time.Second)
	require.Equal(t, "later", receive(t, got))
	// Whole seconds count: a queue may be early by less than one.
	require.False(t, b.Now().Before(at.Add(-time.Second)), "handled %s early", at.Sub(b.Now()))
}

func triedAgain(t *testing.T, b Backend) {
	var tries atomic.Int32
	tried := make(chan int32, 10)
	run(t, b.Queue(), jobs.Handlers{"a": func(context.Context, []byte) error {
		n := tries.Add(1)
		tried <- n
		if n <= jobs.Retries {
			return errors.New("not yet")
		}
		return nil
	}})
	put(t, b.Queue(), jobs.Task{Name: "a", ID: "x"})
	for n := range int32(jobs.Retries + 1) {
		require.Equal(t, n+1, until(t, b, tried))
	}
}

func dropped(t *testing.T, b Backend) {
	tried := make(chan string, 10)
	run(t, b.Queue(), jobs.Handlers{
		"bad":  func(_ context.Context, p []byte) error { tried <- string(p); return errors.New("never") },
		"good": collect(tried),
	})
	put(t, b.Queue(), jobs.Task{Name: "bad", ID: "x", Payload: []byte("first"), Keep: time.Hour})
	for range jobs.Retries + 1 {
		require.Equal(t, "first", until(t, b, tried))
	}
	// Its id isn't blocked by its failure, and nothing of it comes any more.
	require.Eventually(t, func() bool {
		put(t, b.Queue(), jobs.Task{Name: "good", ID: "x", Payload: []byte("second")})
		select {
		case v := <-tried:
			require.Equal(t, "second", v)
			return true
		default:
			return false
		}
	}, patience, 10*time.Millisecond)
}

// until waits for what comes after a retry's delay.
func until[T any](t *testing.T, b Backend, from <-chan T) T {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		select {
		case v := <-from:
			return v
		case <-time.After(20 * time.Millisecond):
			require.True(t, time.Now().Before(deadline), "nothing arrives")
			if b.Exact {
				b.Pass(time.Second)
			}
		}
	}
}

func panics(t *testing.T, b Backend) {
	tried := make(chan string, 10)
	run(t, b.Queue(), jobs.Handlers{
		"bad":  func(context.Context, []byte) error { tried <- "bad"; panic("broken") },
		"good": collect(tried),
	})
	put(t, b.Queue(), jobs.Task{Name: "bad"})
	require.Equal(t, "bad", receive(t, tried))
	put(t, b.Queue(), jobs.Task{Name: "good", Payload: []byte("good")})
	require.Equal(t, "good", receive(t, tried))
	require.Equal(t, "bad", until(t, b, tried), "it is tried again")
}

func unknown(t *testing.T, b Backend) {
	got := make(chan string, 10)
	for range 50 {
		put(t, b.Queue(), jobs.Task{Name: "of a newer version"})
	}
	put(t, b.Queue(), jobs.Task{Name: "a", Payload: []byte("x")})
	run(t, b.Queue(), jobs.Handlers{"a": collect(got)})
	require.Equal(t, "x", receive(t, got))
}

func slow(t *testing.T, b Backend) {
	got, begun, free := make(chan string, 10), make(chan string, 10), make(chan struct{})
	t.Cleanup(func() { close(free) })
	run(t, b.Queue(), jobs.Handlers{"a": collect(got), "slow": func(ctx context.Context, _ []byte) error {
		begun <- ""
		select {
		case <-free:
		case <-ctx.Done():
		}
		return nil
	}})
	put(t, b.Queue(), jobs.Task{Name: "slow"})
	receive(t, begun)
	put(t, b.Queue(), jobs.Task{Name: "a", Payload: []byte("x")})
	require.Equal(t, "x", receive(t, got))
}

func ends(t *testing.T, b Backend) {
	begun, ended := make(chan string, 1), make(chan error, 1)
	r := run(t, b.Queue(), jobs.Handlers{"a": func(ctx context.Context, _ []byte) error {
		begun <- ""
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	}})
	put(t, b.Queue(), jobs.Task{Name: "a"})
	receive(t, begun)
	r.stop()
	select {
	case err := <-ended:
		require.ErrorIs(t, err, context.Canceled)
	default:
		require.Fail(t, "Run has ended before its handler")
	}
}

func cutShort(t *testing.T, b Backend) {
	begun, done := make(chan string, 1), make(chan string, 1)
	first := run(t, b.Queue(), jobs.Handlers{"a": func(ctx context.Context, _ []byte) error {
		begun <- ""
		<-ctx.Done()
		return ctx.Err()
	}})
	put(t, b.Queue(), jobs.Task{Name: "a", ID: "x", Payload: []byte("x")})
	receive(t, begun)
	first.stop()
	run(t, b.Queue(), jobs.Handlers{"a": collect(done)})
	require.Equal(t, "x", until(t, b, done))
}

func many(t *testing.T, b Backend) {
	const tasks, twins = 300, 3
	got := make(chan string, tasks*twins)
	run(t, b.Queue(), jobs.Handlers{"a": collect(got)})
	run(t, b.Queue(), jobs.Handlers{"a": collect(got)})
	for w := range twins {
		q := b.Queue()
		go func() {
			for i := range tasks {
				if err := q.Enqueue(t.Context(), jobs.Task{Name: "a", ID: fmt.Sprint(i), Payload: fmt.Append(nil, i), Keep: time.Hour}); err != nil {
					got <- fmt.Sprint("process ", w, ": ", err)
				}
			}
		}()
	}
	seen := make(map[string]int)
	for range tasks {
		seen[receive(t, got)]++
	}
	for i := range tasks {
		require.Equal(t, 1, seen[fmt.Sprint(i)], "task %d; all: %v", i, seen)
	}
}

func refused(t *testing.T, b Backend) {
	err := b.Queue().Enqueue(t.Context(), jobs.Task{Name: " "})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "%v", err)
	err = b.Queue().Enqueue(t.Context(), jobs.Task{Name: "a", Payload: make([]byte, jobs.MaxPayload+1)})
	require.Equal(t, muster.CodeTooLarge, muster.CodeOf(err), "%v", err)
	require.NoError(t, b.Queue().Enqueue(t.Context(), jobs.Task{Name: "a", Payload: make([]byte, jobs.MaxPayload)}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, b.Queue().Enqueue(ctx, jobs.Task{Name: "a"}), context.Canceled)
}

func wiped(t *testing.T, b Backend) {
	if b.Wipe == nil {
		return
	}
	got := make(chan string, 10)
	q := b.Queue()
	run(t, b.Queue(), jobs.Handlers{"a": collect(got)})
	put(t, q, jobs.Task{Name: "a", ID: "x", Payload: []byte("before"), Keep: time.Hour})
	require.Equal(t, "before", receive(t, got))
	b.Wipe(t)
	put(t, q, jobs.Task{Name: "a", ID: "x", Payload: []byte("after"), Keep: time.Hour})
	require.Equal(t, "after", receive(t, got))
}

func unreachable(t *testing.T, b Backend) {
	if b.Cut == nil {
		return
	}
	q := b.Queue()
	r := run(t, q, jobs.Handlers{})
	b.Cut(t)
	begin := time.Now()
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(q.Enqueue(t.Context(), jobs.Task{Name: "a"})))
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(q.Ping(t.Context())))
	require.Less(t, time.Since(begin), 5*time.Second, "a hint isn't worth waiting for")
	r.stop()
}
