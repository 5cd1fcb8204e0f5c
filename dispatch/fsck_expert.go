package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// checkExperts checks that what experts have ahead is looked at anew after they have changed: somebody will (I2), and
// while workers run soon (I3).
func (f *fsck) checkExperts(ctx context.Context, page []muster.Record) (found, error) {
	wrong, err := f.checkSpans(ctx, page)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(page))
	for i, r := range page {
		ids[i] = r.RecordID()
	}
	wakes, err := f.store.Wakes(ctx, ids...)
	if err != nil {
		return nil, err
	}
	for _, r := range page {
		e, ok := r.(*muster.Expert)
		if !ok {
			continue
		}
		wake, has := wakes[r.RecordID()]
		if !has && len(e.Timers) > 0 {
			wrong.add("I2", r.RecordID(), "%s has changed, and nothing will look at what they have ahead", e.Name)
		}
		_, changed := e.Timers[muster.TimerRedecide]
		if late := f.late(wake.At); has && changed && late > promiseLate {
			wrong.add("I3", r.RecordID(), "what %s has ahead should have been looked at %s ago", e.Name, late.Round(time.Second))
		}
	}
	return wrong, nil
}
