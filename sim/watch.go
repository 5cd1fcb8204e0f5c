package sim

import (
	"container/heap"
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// watch is the store with an eye on it: it knows whether a look for due timers, or for events without a number, could
// find anything, so that the many looks which wouldn't need not take place. It may think that there is something where
// there is nothing, never the other way round. It sits below the faults, and sees what truly took effect.
type watch struct {
	graph.Store
	clock    muster.Clock
	moments  map[muster.Lane]*moments // at which some timer may be due
	put      map[string]timing        // of each aggregate
	pending  int                      // events without a number
	numbered int
	tours    map[muster.TourID]bool // put since they were last looked at
}

func newWatch(store graph.Store, clock muster.Clock) *watch {
	return &watch{Store: store, clock: clock, put: make(map[string]timing), moments: make(map[muster.Lane]*moments), tours: make(map[muster.TourID]bool)}
}

// timing is when an aggregate's timers were set last, and the lane of the next.
type timing struct {
	at   time.Time
	lane muster.Lane
}

// moments are a heap.
type moments []time.Time

// Len, Less, Swap, Push and Pop are those of heap.Interface.
func (m moments) Len() int           { return len(m) }
func (m moments) Less(i, j int) bool { return m[i].Before(m[j]) }
func (m moments) Swap(i, j int)      { m[i], m[j] = m[j], m[i] }
func (m *moments) Push(x any)        { *m = append(*m, x.(time.Time)) }

func (m *moments) Pop() any {
	last := len(*m) - 1
	x := (*m)[last]
	*m = (*m)[:last]
	return x
}

func (w *watch) mark(id string, at time.Time) {
	if muster.KindOf(id) == muster.KindDuty { // the relay sees to that itself
		return
	}
	lane := w.put[id].lane
	if w.moments[lane] == nil {
		w.moments[lane] = new(moments)
	}
	heap.Push(w.moments[lane], at)
}

// due tells whether a timer may be due.
func (w *watch) due(now time.Time) bool {
	for lane := range w.moments {
		if w.dueIn(lane, now) {
			return true
		}
	}
	return false
}

func (w *watch) dueIn(lane muster.Lane, now time.Time) bool {
	m := w.moments[lane]
	return m != nil && len(*m) > 0 && !(*m)[0].After(now)
}

// looked notes that everything that was due at a moment has been claimed.
func (w *watch) looked(at time.Time) {
	for lane, m := range w.moments {
		for w.dueIn(lane, at) {
			heap.Pop(m)
		}
	}
}

// Commit implements graph.Committer.
func (w *watch) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	out, err := w.Store.Commit(ctx, changes...)
	for i, o := range out {
		if !o.Accepted || o.Replayed {
			continue
		}
		w.pending += len(changes[i].Events)
		for _, r := range changes[i].Put {
			if t, ok := r.(*muster.Tour); ok {
				w.tours[t.ID] = true
			}
			if t, ok := r.(muster.Timed); ok {
				if name, at, any := t.Deadlines().Next(); any {
					w.put[r.RecordID()] = timing{w.clock.Now(), name.Lane()}
					w.mark(r.RecordID(), at)
				}
			}
		}
	}
	return out, err
}

// late is how late a wake is: since it was due, or since the decision that made it due at a moment that was over by then.
func (w *watch) late(x graph.Wake) time.Duration {
	due := x.At
	if put := w.put[x.ID].at; put.After(due) {
		due = put
	}
	return w.clock.Now().Sub(due)
}

// DueShards implements graph.Timers.
func (w *watch) DueShards(ctx context.Context, lane muster.Lane, now time.Time) ([]graph.DueShard, error) {
	if !w.dueIn(lane, now) {
		return nil, nil
	}
	return w.Store.DueShards(ctx, lane, now)
}

// ClaimDue implements graph.Timers.
func (w *watch) ClaimDue(ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int) ([]graph.Wake, error) {
	wakes, err := w.Store.ClaimDue(ctx, lane, shard, now, until, limit)
	for _, x := range wakes {
		w.mark(x.ID, until)
	}
	return wakes, err
}

// Claim implements graph.Timers.
func (w *watch) Claim(ctx context.Context, id string, now, until time.Time) (graph.Wake, bool, error) {
	x, ok, err := w.Store.Claim(ctx, id, now, until)
	if ok {
		w.mark(id, until)
	}
	return x, ok, err
}

// Settle implements graph.Timers.
func (w *watch) Settle(ctx context.Context, settled ...graph.Settled) ([]string, error) {
	lost, err := w.Store.Settle(ctx, settled...)
	for _, s := range settled {
		w.mark(s.Wake.ID, s.Next)
	}
	return lost, err
}

// Number implements graph.EventLog.
func (w *watch) Number(ctx context.Context, duty string, fence int64, first int64, events []muster.Event) error {
	err := w.Store.Number(ctx, duty, fence, first, events)
	if err == nil {
		w.pending -= len(events)
		w.numbered += len(events)
	}
	return err
}
