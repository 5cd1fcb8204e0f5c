package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Figures of a sweep.
const (
	SweepEvery = 15 * time.Second // from the worker's own ticker, with or without a queue
	PageSize   = 200              // aggregates claimed at once
	Lease      = 40 * time.Second // how long a claim keeps others away; with a sweep a dead worker costs less than a minute
	pageTime   = 10 * time.Second // after that the rest of a page is given back, so that no lane starves
	handlers   = 4                // at once
	claimTime  = time.Second      // after that a page has what it has: on a slow graph its time would be over before it begins
	shardTries = 3                // shards that fail in a row end a sweep: the store is in trouble
)

// Due does what a due timer means. Next is when to look again; the zero time if nothing is left to do, or if
// the handler's own commit has set the timers anew.
type Due func(ctx context.Context, w graph.Wake) (next time.Time, err error)

// Stuck is told of an aggregate whose handler has failed NeedsAPerson times in a row or more.
type Stuck func(ctx context.Context, w graph.Wake, failures int, err error)

// Worker finds what is due and has it done. Any number of workers share the timers of one graph: a claim
// gives an aggregate to one of them for a lease, and its fence makes what a slow one does afterwards void.
type Worker struct {
	timers  graph.Timers
	clock   *StoreClock
	due     map[muster.Kind]Due
	rest    Due
	stuck   Stuck
	log     *slog.Logger
	hint    chan struct{}
	atOnce  int // handlers
	trouble trouble

	sweeping sync.Mutex
	rand     *rand.Rand

	mu   sync.Mutex
	last Swept
	seen time.Time // when it last got somewhere
}

// Swept sums up a sweep.
type Swept struct {
	At      time.Time     `json:"at"` // when it ended, on the store's clock; zero: there was none yet
	Took    time.Duration `json:"took"`
	Pages   int           `json:"pages"`
	Handled int           `json:"handled"`
	Failed  int           `json:"failed"`
	Given   int           `json:"given_back"` // for lack of time
	Stuck   int           `json:"stuck"`      // need a person
	Err     string        `json:"error,omitempty"`
}

// NewWorker makes a worker. The seed decides the order in which it walks the shards; processes should
// have different ones.
func NewWorker(timers graph.Timers, clock *StoreClock, due Due, stuck Stuck, log *slog.Logger, seed uint64) *Worker {
	return &Worker{
		timers: timers, clock: clock, rest: due, stuck: stuck, log: log,
		due: make(map[muster.Kind]Due), hint: make(chan struct{}, 1), atOnce: handlers,
		rand: rand.New(rand.NewPCG(seed, 0x6d7573746572)),
	}
}

// Handle gives a kind a handler of its own. Call it before Run.
func (w *Worker) Handle(kind muster.Kind, due Due) { w.due[kind] = due }

// Hint asks for a sweep soon.
func (w *Worker) Hint() {
	select {
	case w.hint <- struct{}{}:
	default:
	}
}

// Run sweeps at once, then at every tick and hint, until ctx is done.
func (w *Worker) Run(ctx context.Context, tick <-chan time.Time) error {
	for {
		if _, err := w.Sweep(ctx); err != nil && ctx.Err() == nil {
			w.log.Warn("a sweep of the timers failed", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		case <-w.hint:
		}
	}
}

// Last tells of the newest sweep, and when the worker last got anywhere, in a sweep under way too.
func (w *Worker) Last() (s Swept, seen time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.seen
}

func (w *Worker) alive(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = now
}

// Sweep does everything that is due, in pages, until nothing is. It fires nothing while the clocks disagree.
func (w *Worker) Sweep(ctx context.Context) (Swept, error) {
	w.sweeping.Lock()
	defer w.sweeping.Unlock()
	s, err := w.sweep(ctx)
	if err != nil {
		s.Err = err.Error()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if s.At.IsZero() {
		s.At = w.last.At // no sweep took place
	}
	w.last = s
	return s, err
}

func (w *Worker) sweep(ctx context.Context) (s Swept, err error) {
	p := newPlan(w.rand)
	begin, err := w.look(ctx, p)
	if err != nil {
		return s, err
	}
	looked, bad := begin, 0
	var failure error
	for ctx.Err() == nil {
		left, err := w.page(ctx, p, &s)
		if !left {
			break
		}
		if err != nil {
			failure = errors.Join(failure, err)
			if bad++; bad == shardTries {
				return s, failure
			}
			continue
		}
		bad = 0
		now, err := w.clock.Now()
		if err != nil {
			return s, err
		}
		w.alive(now)
		if now.Sub(looked) >= SweepEvery { // a long sweep: new promises have come due meanwhile
			if looked, err = w.look(ctx, p); err != nil {
				return s, err
			}
		}
	}
	if ctx.Err() != nil {
		return s, ctx.Err()
	}
	now, err := w.clock.Now()
	if err != nil {
		return s, err
	}
	w.trouble.forget(now)
	s.At, s.Took = now, now.Sub(begin)
	return s, failure
}

// look reads the time and the shards in which something is due.
func (w *Worker) look(ctx context.Context, p *plan) (time.Time, error) {
	if err := w.clock.Read(ctx); err != nil {
		return time.Time{}, err
	}
	now, err := w.clock.Now()
	if err != nil {
		return time.Time{}, err
	}
	for _, lane := range muster.Lanes() {
		shards, err := w.timers.DueShards(ctx, lane, now)
		if err != nil {
			return time.Time{}, err
		}
		p.set(lane, shards, now)
	}
	w.alive(now)
	return now, nil
}

// page claims what is due in the shard whose turn it is, and in the next ones of its lane while that doesn't keep the
// handlers busy, has it handled and settles it. Shards in which there may be more are put back. Left is false if the plan
// is empty.
func (w *Worker) page(ctx context.Context, p *plan, s *Swept) (left bool, err error) {
	now, err := w.clock.Now()
	if err != nil {
		return true, err
	}
	var wakes []graph.Wake
	var from []turn
	t, ok := p.next()
	for left = ok; ok; t, ok = p.more(t.lane) {
		var claimed []graph.Wake
		if claimed, err = w.timers.ClaimDue(ctx, t.lane, t.shard, now, now.Add(Lease), PageSize); err != nil {
			break // what was claimed before is seen to
		}
		if len(claimed) > 0 {
			t.full = len(claimed) == PageSize
			from, wakes = append(from, t), append(wakes, claimed...)
		}
		if later, e := w.clock.Now(); e != nil || later.Sub(now) > claimTime || len(wakes) >= w.atOnce {
			break
		}
	}
	if len(wakes) == 0 {
		return left, err
	}
	given, e := w.handle(ctx, wakes, now, s)
	for _, t := range from {
		if e == nil && (t.full || given) {
			p.again(t)
		}
	}
	return true, errors.Join(err, e)
}

// handle has what was claimed handled, and settles it. Given tells that time didn't suffice for all.
func (w *Worker) handle(ctx context.Context, wakes []graph.Wake, now time.Time, s *Swept) (given bool, err error) {
	done := make([]result, len(wakes))
	var g errgroup.Group
	g.SetLimit(w.atOnce)
	for i, wake := range wakes {
		g.Go(func() error {
			done[i] = w.one(ctx, wake, now.Add(pageTime))
			return nil
		})
	}
	_ = g.Wait()
	var settled []graph.Settled
	s.Pages++
	for _, r := range done {
		s.Handled += r.handled
		s.Failed += r.failed
		s.Given += r.given
		s.Stuck += r.stuck
		given = given || r.given > 0
		if r.settle {
			settled = append(settled, r.settled)
		}
	}
	if len(settled) == 0 {
		return given, nil
	}
	// What was done is done, also when the process is asked to stop: only the timers are left to move.
	settling, cancel := context.WithTimeout(context.WithoutCancel(ctx), pageTime)
	defer cancel()
	if _, err := w.timers.Settle(settling, settled...); err != nil {
		return false, err
	}
	return given, nil
}

// result is what became of one wake of a page.
type result struct {
	settled                       graph.Settled
	settle                        bool
	handled, failed, given, stuck int
}

// one has a wake handled. After the page's time, or when the process stops, it is given back as it was.
func (w *Worker) one(ctx context.Context, wake graph.Wake, until time.Time) result {
	back := result{settled: graph.Settled{Wake: wake, Next: wake.At, Failures: wake.Failures, Why: wake.Why}, settle: true, given: 1}
	now, err := w.clock.Now()
	if err != nil || ctx.Err() != nil || !now.Before(until) {
		return back
	}
	due := w.rest
	if d, ok := w.due[wake.Kind]; ok {
		due = d
	}
	next, err := call(ctx, due, wake)
	switch {
	case err != nil && ctx.Err() != nil:
		return back
	case err != nil:
		return w.failed(ctx, wake, now, err)
	}
	w.trouble.answered(wake.ID)
	if next.IsZero() {
		return result{handled: 1}
	}
	if soonest := now.Add(notBefore); next.Before(soonest) {
		next = soonest // or one aggregate could keep a sweep going for ever
	}
	return result{handled: 1, settle: true, settled: graph.Settled{Wake: wake, Next: next}}
}

// failed defers what failed that began then. A store in trouble is no fault of the aggregate's: it counts as one failure,
// however often, so that the queue tells of it, and nobody waits for long when the store is well again, nor is put before a
// person, unless it has long been alone in that. Who was beaten to it tries again as soon, a few times: that counts, as one who
// is always beaten needs a person.
func (w *Worker) failed(ctx context.Context, wake graph.Wake, began time.Time, err error) result {
	code := muster.CodeOf(err)
	troubled := code == muster.CodeUnavailable || code == muster.CodeUnknown
	failures := wake.Failures + 1
	if troubled {
		failures = max(1, wake.Failures)
	}
	tries := failures // that are its own
	if troubled {
		tries = w.trouble.refused(wake.ID, wake.Failures == 0, began)
	} else {
		w.trouble.answered(wake.ID)
	}
	next := began.Add(backoff(wake.ID, failures))
	if troubled || code == muster.CodeConflict && failures < NeedsAPerson {
		next = w.soon(wake.ID, failures, began)
	}
	w.log.Warn("a timer's handler failed and is deferred", "id", wake.ID, "failures", failures, "next", next, "err", err)
	r := result{handled: 1, failed: 1, settle: true}
	r.settled = graph.Settled{Wake: wake, Next: next, Failures: failures, Why: told(err)}
	if tries >= NeedsAPerson {
		r.stuck = 1
		w.stuck(ctx, wake, tries, err)
	}
	return r
}

// soon is when to try again what may pass by itself: after passingDelay, or as long as it has taken, so that who uses up a
// handler's time leaves the others half of it.
func (w *Worker) soon(id string, failures int, began time.Time) time.Time {
	now, err := w.clock.Now()
	if err != nil {
		now = began
	}
	return now.Add(spread(max(passingDelay, now.Sub(began)), id, failures))
}

// told is an error for the store to keep: enough to see what it is about.
func told(err error) string {
	const most = 500 // bytes
	text := strings.ToValidUTF8(err.Error(), "?")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + " ..."
	}
	return text
}

// call runs a handler within the lease. A panic is that aggregate's failure, not the worker's.
func call(ctx context.Context, due Due, wake graph.Wake) (next time.Time, err error) {
	ctx, cancel := context.WithTimeout(ctx, Lease-pageTime)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = muster.E(muster.CodeInternal, fmt.Sprintf("the handler of %s panicked: %v", wake.ID, p), "report this")
		}
	}()
	return due(ctx, wake)
}
