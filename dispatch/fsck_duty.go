package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// promiseLate is how late a promise may be looked at: two sweeps of the workers.
const promiseLate = 30 * time.Second

// duties finds out whether anybody is at work: then some duty's lease has not ended. What was late when the first
// worker started stays so for its first sweep.
func (f *fsck) duties(ctx context.Context) error {
	page, err := f.store.Scan(ctx, muster.KindDuty, "", fsckPage)
	if err != nil || len(page) == 0 {
		return err
	}
	ids := make([]string, len(page))
	for i, r := range page {
		ids[i] = r.RecordID()
	}
	wakes, err := f.store.Wakes(ctx, ids...)
	for _, w := range wakes {
		f.working = f.working || w.At.After(f.now)
	}
	return err
}
