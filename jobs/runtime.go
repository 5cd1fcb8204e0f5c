package jobs

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Figures of the runtime.
const (
	hintEvery    = 5 * time.Second // one of all workers sweeps, beside each one's own ticker
	pruneEvery   = time.Hour
	pruneAfter   = 30 * 24 * time.Hour // how long the outcome of a person's command is known for replay
	pruneJobs    = 24 * time.Hour      // the same of a job's, which nobody sends again later
	pruneBatch   = 5_000
	scheduleTick = time.Second
)

// Names of periodic tasks.
const (
	sweepTask = "sweep"
	pruneTask = "prune"
)

// Work is what jobs have done by dispatch.
type Work struct {
	Due    Due                                                     // of tickets and regions
	Prompt func(ctx context.Context, ticket muster.TicketID) error // finds somebody for one urgent ticket at once
}

// Config is what a runtime is made of.
type Config struct {
	Store  graph.Store
	Queue  Queue
	Stream Stream
	Clock  muster.Clock // muster.SystemClock, but in tests
	Log    *slog.Logger
	Stuck  Stuck  // nil: only logged
	Seed   uint64 // of the order in which timers are walked; 0: a random one
}

// Runtime wires what a process does by itself: sweeps, rounds, the relay, consumers, periodic work.
type Runtime struct {
	c        Config
	clock    *StoreClock
	relay    *Relay
	hub      *Hub
	worker   *Worker
	prompter *prompter
	prompts  *Consumer
	retries  map[string]Due // by consumer
	work     Work           // set before anything runs
	working  atomic.Bool    // Run was called
}

// New makes a runtime. Nothing happens until Run or Watch.
func New(c Config) *Runtime {
	if c.Seed == 0 {
		c.Seed = rand.Uint64()
	}
	if c.Stuck == nil {
		c.Stuck = func(_ context.Context, w graph.Wake, failures int, err error) {
			c.Log.Error("a timer needs a person: its handler keeps failing", "id", w.ID, "failures", failures, "err", err)
		}
	}
	r := &Runtime{c: c, clock: NewStoreClock(c.Store, c.Clock)}
	r.relay = NewRelay(c.Store, c.Stream, r.clock, c.Log)
	r.hub = NewHub(c.Store, c.Stream, c.Log)
	r.worker = NewWorker(c.Store, r.clock, r.due, c.Stuck, c.Log, c.Seed)
	r.worker.Handle(muster.KindDuty, r.duty)
	r.prompter = &prompter{queue: c.Queue, clock: r.clock, log: c.Log, prompt: r.promptly}
	r.prompts = NewConsumer(promptConsumer, c.Store, c.Stream, c.Log, r.prompter.consume).SettingAside(c.Store, r.clock.Clock())
	r.retries = map[string]Due{promptConsumer: r.prompts.Retry}
	return r
}

// Store is the store for everything else in this process: its commits wake the relay.
func (r *Runtime) Store() graph.Store { return Announced(r.c.Store, r.relay.Ring) }

// Stream is where consumers of this process read.
func (r *Runtime) Stream() Stream { return r.c.Stream }

// Handle gives the due timers of a kind a handler of their own. Call it before Run.
func (r *Runtime) Handle(kind muster.Kind, due Due) { r.worker.Handle(kind, due) }

// Retry gives the worker what a consumer has set aside, to be tried again. Call it before Run.
func (r *Runtime) Retry(consumer string, again Due) { r.retries[consumer] = again }

// duty sees to the due timer of a duty: what a consumer has set aside, or the relay's.
func (r *Runtime) duty(ctx context.Context, w graph.Wake) (time.Time, error) {
	if consumer, _, ok := muster.DutyID(w.ID).Aside(); ok && r.retries[consumer] != nil {
		return r.retries[consumer](ctx, w)
	}
	return r.relay.Take(ctx, w)
}

// Clock is the store's time, for all decisions of this process: ReadClock first.
func (r *Runtime) Clock() muster.Clock { return r.clock.Clock() }

// ReadClock asks the store for its time, and tells whether the clocks agree.
func (r *Runtime) ReadClock(ctx context.Context) error { return r.clock.Read(ctx) }

// Hub tells subscribers of events.
func (r *Runtime) Hub() *Hub { return r.hub }

// Watch runs the hub alone until ctx is done: for processes that serve and leave the work to others.
func (r *Runtime) Watch(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.hub.Run(ctx) })
	g.Go(func() error { return ticking(ctx, SweepEvery, r.readClock) })
	return g.Wait()
}

// Run does everything until ctx is done, then ends it in good order: no new work is taken, what runs is
// cancelled and waited for, claimed timers and the relay's duty are given back. Call it once.
func (r *Runtime) Run(ctx context.Context, w Work) error {
	r.work = w
	r.working.Store(true)
	defer r.working.Store(false)
	handlers, schedule := r.tasks()
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return ticking(ctx, SweepEvery, r.worker.Run) })
	g.Go(func() error { return ticking(ctx, RelayPoll, r.relay.Run) })
	g.Go(func() error { return ticking(ctx, scheduleTick, schedule.run) })
	g.Go(func() error { return r.hub.Run(ctx) })
	g.Go(func() error { return r.follow(ctx) })
	g.Go(func() error { return r.c.Queue.Run(ctx, handlers) })
	return g.Wait()
}

// tasks gives the handlers of the queue's tasks, and who enqueues those that are periodic.
func (r *Runtime) tasks() (Handlers, *scheduler) {
	slots := []periodic{
		{sweepTask, hintEvery, func(context.Context) error { r.worker.Hint(); return nil }},
		{pruneTask, pruneEvery, r.prune},
	}
	handlers := Handlers{promptTask: r.prompter.handle}
	for _, p := range slots {
		handlers[p.name] = func(ctx context.Context, _ []byte) error { return p.do(ctx) }
	}
	return handlers, &scheduler{queue: r.c.Queue, clock: r.clock.Clock(), work: slots, log: r.c.Log}
}

// ticking runs something with a ticker of its own.
func ticking(ctx context.Context, every time.Duration, run func(context.Context, <-chan time.Time) error) error {
	t := time.NewTicker(every)
	defer t.Stop()
	return run(ctx, t.C)
}

// follow consumes events in search of urgent tickets. Events that are not retained any more are too old
// to matter: it goes on at the head.
func (r *Runtime) follow(ctx context.Context) error {
	for ctx.Err() == nil {
		var gone *Rebuild
		if err := r.prompts.Run(ctx); errors.As(err, &gone) {
			if err := r.skip(ctx, gone); err != nil {
				r.c.Log.Warn("a cursor could not be moved", "consumer", promptConsumer, "err", err)
				_ = muster.SystemClock{}.Sleep(ctx, handlePause)
			}
		}
	}
	return nil
}

// skip goes on after events that are not retained any more.
func (r *Runtime) skip(ctx context.Context, gone *Rebuild) error {
	return r.c.Store.Advance(ctx, promptConsumer, gone.Floor-1)
}

func (r *Runtime) due(ctx context.Context, w graph.Wake) (time.Time, error) {
	return r.work.Due(ctx, w)
}

func (r *Runtime) promptly(ctx context.Context, id muster.TicketID) error {
	return r.work.Prompt(ctx, id)
}

// readClock compares the clocks at every tick, for a process without a worker.
func (r *Runtime) readClock(ctx context.Context, tick <-chan time.Time) error {
	for {
		if err := r.clock.Read(ctx); err != nil && ctx.Err() == nil {
			r.c.Log.Warn("the store's clock", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}

// prune forgets the outcomes of old commands.
func (r *Runtime) prune(ctx context.Context) error {
	now, err := r.clock.Ask(ctx)
	if err != nil {
		return err
	}
	for _, p := range []struct {
		forget func(context.Context, time.Time, int) (int, error)
		after  time.Duration
	}{{r.c.Store.PruneJobs, pruneJobs}, {r.c.Store.Prune, pruneAfter}} {
		for n := pruneBatch; n >= pruneBatch; {
			if n, err = p.forget(ctx, now.Add(-p.after), pruneBatch); err != nil {
				return err
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return nil
}
