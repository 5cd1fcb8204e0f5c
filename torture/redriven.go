package torture

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// How late a timer may be while workers run: a sweep, and what a page takes; and an event without its number: it takes
// moments, or the shortest lease of a relay that has died. A worker that is killed keeps others for its lease from what it
// had claimed: until that is over the timer looks as if it weren't due.
const (
	onTime     = 20 * time.Second
	numberedBy = 4 * time.Second
	lease      = 40 * time.Second
)

// redriven notes how long after recovery everything that was due has been taken up again.
func redriven(ctx context.Context, o Options, store graph.Store, recovered time.Time, e *Evidence) error {
	took, late, err := quiet(ctx, o, store, recovered, recovered.Add(lease))
	if err != nil {
		return err
	}
	e.Redriven = append(e.Redriven, took.Seconds())
	if late != "" {
		e.Breaches = append(e.Breaches, fmt.Sprintf("due work was not taken up again within %s of recovery: %s", took, late))
	}
	return nil
}

// settled waits for what the last answers have brought.
func settled(ctx context.Context, o Options, store graph.Store, answered time.Time, e *Evidence) error {
	took, late, err := quiet(ctx, o, store, answered, answered)
	if late != "" {
		e.Breaches = append(e.Breaches, fmt.Sprintf("due work was not done %s after the last answer: %s", took, late))
	}
	return err
}

// sayLate is how often it is told what is still late after a recovery.
const sayLate = 10 * time.Second

// quiet waits until nothing is late, and what dead workers may have held until then has been taken up too. It gives how long
// after a moment something was late for the last time, and what still is when that takes too long.
func quiet(
	ctx context.Context, o Options, store graph.Store, since, held time.Time,
) (took time.Duration, late string, err error) {
	for said := since; ; sleep(ctx, 200*time.Millisecond) {
		l, err := look(ctx, store)
		if err != nil {
			return 0, "", err
		}
		late := l.late()
		if late == "" && l.doneUntil(held) {
			return took, "", nil
		}
		if late != "" {
			took = time.Since(since)
		}
		if time.Since(since) > 10*redriveWithin {
			return took, late, nil
		} else if late != "" && time.Since(said) >= sayLate {
			said = time.Now()
			o.Say("%.0f s after recovery there are late %s", took.Seconds(), late)
		}
		if ctx.Err() != nil {
			return 0, "", ctx.Err()
		}
	}
}

// looked is what waits to be done at a moment.
type looked struct {
	at      time.Time
	due     map[muster.Lane]graph.Backlog
	failing []string // put off since their handlers failed, though their own deadline was long ago
	pending int      // events that have been without a number for too long
}

// look asks a store what waits to be done.
func look(ctx context.Context, store graph.Store) (l looked, err error) {
	if l.at, err = store.Now(ctx); err != nil {
		return l, err
	}
	if l.due, err = store.Backlog(ctx, l.at); err != nil {
		return l, err
	}
	failing, err := store.Failing(ctx, page)
	if err != nil {
		return l, err
	}
	ids := make([]string, len(failing))
	for i, w := range failing {
		ids[i] = w.ID
	}
	records, err := store.Records(ctx, "", ids...)
	if err != nil {
		return l, err
	}
	for _, w := range failing {
		if r, ok := records[w.ID].(muster.Timed); ok {
			name, at, open := r.Deadlines().Next()
			if open && l.at.Sub(at) > onTime {
				l.failing = append(l.failing, fmt.Sprintf("%s for its timer %s of %s: %s", w.ID, name, at.Format(time.TimeOnly), w.Why))
			}
		}
	}
	pending, err := store.Pending(ctx, page)
	for _, ev := range pending {
		if l.at.Sub(ev.At) > numberedBy {
			l.pending++
		}
	}
	return l, err
}

// late says what should have been done by then; "" is nothing.
func (l looked) late() string {
	due := maps.Clone(l.due)
	maps.DeleteFunc(due, func(_ muster.Lane, b graph.Backlog) bool { return b.Oldest <= onTime })
	if len(due)+len(l.failing)+l.pending == 0 {
		return ""
	}
	return fmt.Sprintf("%+v, %d that fail %q, %d events without a number", due, len(l.failing),
		l.failing[:min(len(l.failing), 3)], l.pending)
}

// doneUntil tells whether all has been taken up that came due until a moment.
func (l looked) doneUntil(t time.Time) bool {
	passed := l.at.Sub(t)
	return passed >= 0 && !slices.ContainsFunc(slices.Collect(maps.Values(l.due)), func(b graph.Backlog) bool {
		return b.Due > 0 && b.Oldest >= passed
	})
}
