package sim

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
)

// hints is the queue as one process sees it: tasks get lost, come twice or late.
type hints struct {
	life    *life
	process *process
}

// Enqueue implements jobs.Queue.
func (h *hints) Enqueue(ctx context.Context, t jobs.Task) error {
	if h.process.dead {
		return gone
	}
	switch h.life.faults.draw(tasks) {
	case taskLost:
		return nil
	case queueDown:
		return muster.E(muster.CodeUnavailable, "the queue can't be reached", "go on without it")
	case taskTwice:
		again := t
		again.ID = ""
		if err := h.life.queue.Enqueue(ctx, again); err != nil {
			return err
		}
	case taskLate:
		t.At = h.life.clock.Now().Add(between(h.life.rand, time.Minute, 20*time.Minute))
	}
	return h.life.queue.Enqueue(ctx, t)
}

// Run implements jobs.Queue; the processes of a simulation take their tasks at their ticks.
func (h *hints) Run(ctx context.Context, handlers jobs.Handlers) error {
	return h.life.queue.Run(ctx, handlers)
}

// Ping implements jobs.Queue.
func (h *hints) Ping(ctx context.Context) error { return h.life.queue.Ping(ctx) }

// wire is the event stream as one process sees it.
type wire struct {
	life    *life
	process *process
}

func (w *wire) befall(ctx context.Context) error {
	if w.process.dead {
		return gone
	}
	switch w.life.faults.draw(streams) {
	case streamDown:
		return muster.E(muster.CodeUnavailable, "the stream can't be reached", "read the graph")
	case streamWiped:
		return w.life.stream.Reset(ctx)
	}
	return nil
}

// Publish implements jobs.Stream.
func (w *wire) Publish(ctx context.Context, after int64, events []muster.Event) error {
	if err := w.befall(ctx); err != nil {
		return err
	}
	return w.life.stream.Publish(ctx, after, events)
}

// Last implements jobs.Stream.
func (w *wire) Last(ctx context.Context) (int64, error) {
	if err := w.befall(ctx); err != nil {
		return 0, err
	}
	return w.life.stream.Last(ctx)
}

// Read implements jobs.Stream.
func (w *wire) Read(ctx context.Context, after int64, limit int, block time.Duration) ([]muster.Event, error) {
	if err := w.befall(ctx); err != nil {
		return nil, err
	}
	return w.life.stream.Read(ctx, after, limit, block)
}

// Reset implements jobs.Stream.
func (w *wire) Reset(ctx context.Context) error {
	if err := w.befall(ctx); err != nil {
		return err
	}
	return w.life.stream.Reset(ctx)
}
