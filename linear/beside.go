package linear

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/jobs/notify"
)

// Beside says what fsck found while others worked.
type Beside struct {
	Writers  int               `json:"writers"`
	Workers  int               `json:"workers"` // each with a relay, a prompter and one who tells people
	Seconds  float64           `json:"seconds"`
	Ops      int64             `json:"ops"`      // of the writers
	Wakes    int64             `json:"wakes"`    // due timers that the workers saw to
	Failed   int64             `json:"failed"`   // of these
	Numbered int64             `json:"numbered"` // events by the relay
	Read     map[string]int64  `json:"read"`     // events by each consumer
	Checks   int               `json:"checks"`   // of the whole store, by fsck, one after the other
	Checked  int               `json:"checked"`  // aggregates and events, in all
	Suspects int               `json:"suspects"` // that looked wrong at first
	Moving   int               `json:"unsettled"`
	Breaches []dispatch.Breach `json:"breaches"` // none of them is one
}

// workers is how many processes do beside the writers what muster work does.
const workers = 2

// FsckBeside has writers quarrel for a time, each group about tickets and experts of its own, and workers see to timers and
// events, while fsck checks the whole store again and again, as fast as it can. What it finds then is false, unless it still
// finds it when the writers rest: that is an error. Open opens an empty store on a clock, which runs as the machine's does.
func FsckBeside(
	ctx context.Context, open func(muster.Clock) func(context.Context) (graph.Store, func() error, error),
	writers int, during time.Duration, seed uint64,
) (b Beside, err error) {
	b = Beside{Writers: writers, Workers: workers, Breaches: []dispatch.Breach{}}
	clock := newClock()
	clock.since = muster.SystemClock{}.Now()
	store, end, err := open(clock)(ctx)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, end()) }()
	const group = 8
	var companies []*company
	for first := 0; first < writers; first += group {
		c, err := newCompany(ctx, store, clock, int64(seed)<<8+int64(first), 2, 4)
		if err != nil {
			return b, err
		}
		companies = append(companies, c)
	}
	stopWork := b.work(ctx, store, clock)
	defer func() { err = errors.Join(err, stopWork()) }()
	working, stop := context.WithTimeout(ctx, during)
	defer stop()
	start := muster.SystemClock{}.Now()
	var all sync.WaitGroup
	var ops atomic.Int64
	errs := make(chan error, len(companies))
	for i, c := range companies {
		all.Go(func() {
			for n := 0; working.Err() == nil; n++ {
				s := scenes[(i+n)%3]
				s.callers, s.each = min(group, writers-i*group), 20
				h, err := newHistory(working, c, s, began.AddDate(0, 0, n%10), 0.02)
				if err == nil {
					err = h.run(working, seed+uint64(i)<<20+uint64(n))
					ops.Add(int64(len(h.ops)))
				}
				if err != nil && working.Err() == nil {
					errs <- fmt.Errorf("group %d: %w", i, err)
					return
				}
			}
		})
	}
	check := func() (dispatch.FsckReport, error) { return dispatch.New(store, clock).Fsck(ctx, store) }
	for working.Err() == nil {
		r, err := check()
		if err != nil {
			stop()
			all.Wait()
			return b, err
		}
		b.Checks++
		b.Checked += r.Checked
		b.Suspects += r.Suspects
		b.Moving += len(r.Unsettled)
		b.Breaches = append(b.Breaches, r.Breaches...)
	}
	all.Wait()
	b.Ops, b.Seconds = ops.Load(), muster.SystemClock{}.Now().Sub(start).Seconds()
	select {
	case err := <-errs:
		return b, err
	default:
	}
	if b.Read, err = store.Cursors(ctx); err != nil {
		return b, err
	}
	if _, b.Numbered, err = store.Bounds(ctx); err != nil {
		return b, err
	}
	r, err := check()
	if err == nil && len(r.Breaches) > 0 {
		err = fmt.Errorf("there are breaches when the writers rest: %+v", r.Breaches)
	}
	return b, err
}

// work runs the workers until stop is called.
func (b *Beside) work(ctx context.Context, store graph.Store, clock muster.Clock) (stop func() error) {
	ctx, cancel := context.WithCancel(ctx)
	g, ctx := errgroup.WithContext(ctx)
	quietly := slog.New(slog.DiscardHandler)
	stream := memory.NewStream()
	for n := range workers {
		run := jobs.New(jobs.Config{
			Store: store, Queue: memory.NewQueue(clock), Stream: stream, Clock: clock, Log: quietly, Seed: uint64(n) + 1,
		})
		d := dispatch.New(run.Store(), run.Clock())
		told := notify.New(notify.Config{
			Store: run.Store(), Stream: stream, Clock: run.Clock(), Log: quietly, Call: notify.CallTask(d),
		})
		counted := func(due jobs.Due) jobs.Due {
			return func(ctx context.Context, w graph.Wake) (time.Time, error) {
				atomic.AddInt64(&b.Wakes, 1)
				next, err := due(ctx, w)
				if err != nil && ctx.Err() == nil {
					atomic.AddInt64(&b.Failed, 1)
				}
				return next, err
			}
		}
		run.Handle(muster.KindMessage, counted(told.Take))
		run.Retry(notify.Consumer, counted(told.Retry))
		g.Go(func() error { return told.Run(ctx) })
		g.Go(func() error {
			return run.Run(ctx, jobs.Work{
				Due: counted(d.Due),
				Prompt: func(ctx context.Context, t muster.TicketID) error {
					_, err := d.PromptRound(ctx, t)
					return err
				},
			})
		})
	}
	return func() error {
		cancel()
		return g.Wait()
	}
}
