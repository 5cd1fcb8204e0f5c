package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// promiseLate is how late a promise may be looked at: two sweeps of the workers.
const promiseLate = 30 * time.Second

// duties finds out whether anybody is at work: then some duty's lease has not ended. What was late when the first
// worker started stays so for its first sweep; that is allowed for if the run has seen that nobody was at work before.
func (f *fsck) duties(ctx context.Context) error {
	var ids []string
	for after, more := "", true; more; {
		page, err := f.store.Scan(ctx, muster.KindDuty, after, fsckPage)
		if err != nil {
			return err
		}
		for _, r := range page {
			if after = r.RecordID(); !r.(*muster.Duty).Timers[muster.TimerLease].IsZero() {
				ids = append(ids, after)
			}
		}
		more = len(page) == fsckPage
	}
	if len(ids) == 0 {
		return nil
	}
	wakes, err := f.store.Wakes(ctx, ids...)
	atWork := false
	for _, w := range wakes {
		atWork = atWork || w.At.After(f.now)
	}
	if err == nil && atWork {
		if f.worked = f.now; f.idle {
			f.began = f.now
		}
	}
	f.idle = err == nil && !atWork
	return err
}

// late tells for how long a timer has been due while somebody was at work to look at it.
func (f *fsck) late(due time.Time) time.Duration {
	if due.Before(f.began) {
		due = f.began
	}
	return f.worked.Sub(due)
}
