package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Figures of the relay.
const (
	RelayPoll    = 100 * time.Millisecond // between looks for events that nobody signalled
	relayLease   = 3 * time.Second        // while steps are quick: a dead holder costs as much
	relayLongest = 10 * time.Second       // while they aren't: a step is a few calls
	relayRenew   = time.Second
	relayBatch   = 500             // events numbered and published at once
	stepTime     = 5 * time.Second // for one read or write of the graph
)

// RelayStore is what the relay needs of the graph.
type RelayStore interface {
	graph.Committer
	graph.EventLog
	// Claim and Settle are those of graph.Timers.
	Claim(ctx context.Context, id string, now, until time.Time) (w graph.Wake, ok bool, err error)
	Settle(ctx context.Context, settled ...graph.Settled) (lost []string, err error)
}

// Relay gives every event its number, without gaps and rising with the revisions of each aggregate, and
// publishes it. Every process may run one: the duty's timer makes one of them the holder, its fence makes
// the numbers of a former holder void. Numbers are the graph's; the stream follows as well as it can.
type Relay struct {
	graph RelayStore
	clock *StoreClock
	log   *slog.Logger
	bell  chan struct{}

	stepping sync.Mutex // guards what follows; a step may take seconds
	duty     duty
	out      publisher
	head     int64 // the highest number given, -1 if not known

	mu     sync.Mutex // guards what follows; never held for long
	status RelayStatus
}

// RelayStatus tells how the relay is doing.
type RelayStatus struct {
	Holding   bool          `json:"holding"`   // this process is the relay
	Head      int64         `json:"head"`      // highest number given, as far as this process knows
	Published int64         `json:"published"` // highest number in the stream, the same
	Lag       time.Duration `json:"lag"`       // from decision to number, of the oldest event in the newest batch
	Stream    string        `json:"stream"`    // ok, or why the stream can't be written
}

// NewRelay makes a relay.
func NewRelay(store RelayStore, stream Stream, clock *StoreClock, log *slog.Logger) *Relay {
	return &Relay{
		graph: store, clock: clock, log: log, bell: make(chan struct{}, 1), head: -1,
		duty: duty{graph: store}, out: publisher{graph: store, stream: stream, tail: -1},
		status: RelayStatus{Stream: "ok"},
	}
}

// Ring says that events were committed.
func (r *Relay) Ring() {
	select {
	case r.bell <- struct{}{}:
	default:
	}
}

// Status tells how the relay is doing.
func (r *Relay) Status() RelayStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

// Run relays at every ring and tick until ctx is done, then gives the duty back, so that another holder
// goes on at once.
func (r *Relay) Run(ctx context.Context, tick <-chan time.Time) error {
	defer r.release(context.WithoutCancel(ctx))
	said := ""
	for {
		more, err := r.Step(ctx)
		if ctx.Err() != nil {
			return nil
		}
		switch {
		case err == nil && said != "":
			r.log.Info("the relay goes on")
			said = ""
		case err != nil && said != err.Error():
			said = err.Error()
			r.log.Warn("the relay can't go on now", "err", err)
		}
		bell := r.bell
		if err != nil {
			bell = nil // a ring doesn't shorten the wait after an error
		} else if more {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-bell:
		case <-tick:
		}
	}
}

// Step becomes the holder or renews, numbers one batch and publishes it. More tells that there is more to
// number. A stream that can't be written is no error: the numbers are what counts.
func (r *Relay) Step(ctx context.Context) (more bool, err error) {
	r.stepping.Lock()
	defer r.stepping.Unlock()
	defer r.tell()
	now, err := r.clock.Ask(ctx)
	if err != nil {
		return false, err
	}
	held, err := r.duty.hold(ctx, now)
	if held {
		defer func() { r.duty.took(r.clock, now) }()
	}
	if err != nil || !held {
		r.head, r.out.tail = -1, -1
		return false, err
	}
	fresh, err := r.number(ctx, now)
	if err != nil {
		return false, err
	}
	r.out.publish(ctx, now, fresh)
	return len(fresh) >= relayBatch, nil
}

// number gives the next numbers to a batch of pending events.
func (r *Relay) number(ctx context.Context, now time.Time) ([]muster.Event, error) {
	each := func(do func(ctx context.Context) error) error { // in time of its own: a slow graph gets on, too
		ctx, cancel := context.WithTimeout(ctx, stepTime)
		defer cancel()
		return do(ctx)
	}
	if r.head < 0 {
		if err := each(func(ctx context.Context) error {
			_, head, err := r.graph.Bounds(ctx)
			if err == nil {
				r.head = head
			}
			return err
		}); err != nil {
			return nil, err
		}
	}
	var events []muster.Event
	err := each(func(ctx context.Context) (err error) {
		events, err = r.graph.Pending(ctx, relayBatch)
		return err
	})
	if err != nil || len(events) == 0 {
		return nil, err
	}
	if err := each(func(ctx context.Context) error {
		return r.graph.Number(ctx, string(RelayDuty), r.duty.wake.Fence, r.head+1, events)
	}); err != nil {
		r.head = -1 // it may have been written for all we know: ask before the next
		if muster.CodeOf(err) == muster.CodeConflict {
			r.duty.doubt()
		}
		return nil, err
	}
	for i := range events {
		r.head++
		events[i].Seq = r.head
	}
	r.mu.Lock()
	r.status.Lag = max(now.Sub(events[0].At), 0)
	r.mu.Unlock()
	return events, nil
}

// Take accepts the duty's timer from a worker that came upon it in a sweep. It is a Due for duties.
func (r *Relay) Take(_ context.Context, w graph.Wake) (time.Time, error) {
	if w.ID != string(RelayDuty) { // of a newer Muster: not ours to do
		now, err := r.clock.Now()
		return now.Add(notBefore), err
	}
	r.duty.offer(w)
	r.Ring()
	return time.Time{}, nil
}

func (r *Relay) release(ctx context.Context) {
	r.stepping.Lock()
	defer r.stepping.Unlock()
	defer r.tell()
	if now, err := r.clock.Now(); err == nil {
		r.duty.release(ctx, now)
	}
}

// tell brings the status up to date.
func (r *Relay) tell() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status.Holding, r.status.Head, r.status.Published = r.duty.held, max(r.head, 0), max(r.out.tail, 0)
	r.status.Stream = "ok"
	if r.out.err != nil {
		r.status.Stream = r.out.err.Error()
	}
}
