// Package memory keeps queue and stream in the process: for a single process without a Redis, for tests, and for
// simulations on a clock that their owner moves. Nothing is shared with other processes and nothing survives.
package memory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
)

// parallel is how many handlers Run has at work at once.
const parallel = 4

// Queue is a jobs.Queue on a clock that is passed in. RunDue makes it deterministic: one task after the
// other, by time and order of arrival.
type Queue struct {
	clock muster.Clock
	bell  chan struct{}

	mu      sync.Mutex
	n       int
	waiting []entry              // by at, n
	known   map[string]time.Time // until when an id is remembered; the zero time: while it waits or runs
}

type entry struct {
	task  jobs.Task
	at    time.Time
	n     int // order of arrival
	tries int
}

// NewQueue makes an empty queue.
func NewQueue(clock muster.Clock) *Queue {
	return &Queue{clock: clock, bell: make(chan struct{}, 1), known: make(map[string]time.Time)}
}

// Enqueue adds a task.
func (q *Queue) Enqueue(ctx context.Context, t jobs.Task) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := t.Check(); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Now()
	if t.ID != "" {
		if until, known := q.known[t.ID]; known && (until.IsZero() || now.Before(until)) {
			return nil
		}
		q.known[t.ID] = time.Time{}
	}
	at := t.At
	if at.Before(now) {
		at = now
	}
	t.Payload = slices.Clone(t.Payload)
	q.add(entry{task: t, at: at})
	return nil
}

func (q *Queue) add(e entry) {
	e.n = q.n
	q.n++
	i, _ := slices.BinarySearchFunc(q.waiting, e, func(a, b entry) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.n, b.n))
	})
	q.waiting = slices.Insert(q.waiting, i, e)
	q.Wake()
}

// Wake makes Run look at the clock again: call it after moving a muster.FakeClock.
func (q *Queue) Wake() {
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

// Ping is always fine.
func (q *Queue) Ping(context.Context) error { return nil }

// Waiting counts the tasks that have not run yet.
func (q *Queue) Waiting() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

// take removes the next task that is due; else it tells how long until one is, 0 if there is none.
func (q *Queue) take() (e entry, ok bool, until time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		return entry{}, false, 0
	}
	e = q.waiting[0]
	if d := e.at.Sub(q.clock.Now()); d > 0 {
		return entry{}, false, d
	}
	q.waiting = q.waiting[1:]
	return e, true, 0
}

// done forgets a task, remembers its id for as long as it asked, or puts it back for another try.
func (q *Queue) done(e entry, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	now := q.clock.Now()
	if err != nil && e.tries < jobs.Retries {
		e.at = now.Add(jobs.RetryDelay(e.tries))
		e.tries++
		q.add(e)
		return
	}
	for id, until := range q.known {
		if !until.IsZero() && !now.Before(until) {
			delete(q.known, id)
		}
	}
	if e.task.ID == "" {
		return
	}
	if err != nil || e.task.Keep <= 0 {
		delete(q.known, e.task.ID)
		return
	}
	q.known[e.task.ID] = now.Add(e.task.Keep)
}

// back returns a task that was cut short by the end of Run.
func (q *Queue) back(e entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.add(e)
}

// RunDue runs every task that is due, one after the other, and those that they add, and tells how many.
func (q *Queue) RunDue(ctx context.Context, h jobs.Handlers) int {
	for ran := 0; ; ran++ {
		e, ok, _ := q.take()
		if !ok || ctx.Err() != nil {
			if ok {
				q.back(e)
			}
			return ran
		}
		q.done(e, call(ctx, h, e.task))
	}
}

// Run hands tasks to handlers until ctx is done.
func (q *Queue) Run(ctx context.Context, h jobs.Handlers) error {
	var busy sync.WaitGroup
	defer busy.Wait()
	free := make(chan struct{}, parallel)
	for {
		select {
		case <-ctx.Done():
			return nil
		case free <- struct{}{}:
		}
		e, ok, until := q.take()
		if !ok {
			<-free
			if !q.sleep(ctx, until) {
				return nil
			}
			continue
		}
		busy.Go(func() {
			defer func() { <-free }()
			err := call(ctx, h, e.task)
			if err != nil && ctx.Err() != nil {
				q.back(e)
				return
			}
			q.done(e, err)
		})
	}
}

// sleep waits for a ring or until a task is due; false tells that ctx is done.
func (q *Queue) sleep(ctx context.Context, until time.Duration) bool {
	var due <-chan time.Time
	if until > 0 {
		t := time.NewTimer(until)
		defer t.Stop()
		due = t.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-q.bell:
	case <-due:
	}
	return true
}

// call runs a task's handler; without one the task is done.
func call(ctx context.Context, h jobs.Handlers, t jobs.Task) (err error) {
	handle, ok := h[t.Name]
	if !ok {
		return nil
	}
	defer func() {
		if p := recover(); p != nil {
			err = muster.E(muster.CodeInternal, fmt.Sprintf("the handler of task %s panicked: %v", t.Name, p), "report this")
		}
	}()
	return handle(ctx, t.Payload)
}
