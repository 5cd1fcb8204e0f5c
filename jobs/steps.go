package jobs

import (
	"context"
	"errors"
)

// Steps are what a process does by itself, piece by piece and one after the other: for a caller who decides when each
// takes place, such as a simulation. Run does the same at its own pace.
type Steps struct {
	Handlers Handlers // of the tasks of the queue
	runtime  *Runtime
	schedule *scheduler
	slots    map[string]int64
	prompts  *Reader
}

// Steps takes the place of Run.
func (r *Runtime) Steps(w Work) *Steps {
	r.work = w
	r.worker.atOnce = 1
	handlers, schedule := r.tasks()
	return &Steps{
		Handlers: handlers, runtime: r, schedule: schedule, slots: make(map[string]int64),
		prompts: r.prompts.Reader(),
	}
}

// Sweep does everything that is due.
func (s *Steps) Sweep(ctx context.Context) (Swept, error) { return s.runtime.worker.Sweep(ctx) }

// Relay numbers and publishes one batch of events, if this process has or gets the duty. More tells that there are more.
func (s *Steps) Relay(ctx context.Context) (more bool, err error) { return s.runtime.relay.Step(ctx) }

// Schedule enqueues the periodic tasks whose slot is new.
func (s *Steps) Schedule(ctx context.Context) error { return s.schedule.enqueue(ctx, s.slots) }

// Prompt looks for urgent tickets in one batch of events, and tells how many these were.
func (s *Steps) Prompt(ctx context.Context) (int, error) {
	n, err := s.prompts.Step(ctx)
	if gone := (*Rebuild)(nil); errors.As(err, &gone) {
		return 0, s.runtime.skip(ctx, gone)
	}
	return n, err
}

// A Reader is a consumer that never waits.
type Reader struct {
	c     *Consumer
	at    int64
	known bool
}

// Reader takes the place of Run.
func (c *Consumer) Reader() *Reader {
	c.block, c.rest = 0, 0
	return &Reader{c: c}
}

// Step hands over what there is, one batch at most, and tells how many events. After an error the next step begins
// where this one did.
func (r *Reader) Step(ctx context.Context) (int, error) {
	if !r.known {
		at, err := r.c.start(ctx)
		if err != nil {
			return 0, err
		}
		r.at, r.known = at, true
	}
	events, err := r.c.next(ctx, r.at)
	if err != nil {
		r.known = false
		return 0, err
	}
	if len(events) == 0 {
		return 0, r.c.keep(ctx, r.at)
	}
	if err := r.c.deal(ctx, events); err != nil {
		return 0, err
	}
	r.at = events[len(events)-1].Seq
	return len(events), r.c.keep(ctx, r.at)
}
