package sim

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// inspectEvery is how often tours are looked at that were changed meanwhile. Most of what can be wrong with a tour is gone
// when its day is over: fsck at the end would not see it.
const inspectEvery = 15 * time.Minute

// inspect lets fsck look at the tours that were changed since the last time. What stays wrong is said once.
func (l *life) inspect() {
	d := dispatch.New(l.store, l.clock).InTurn(faster)
	said := make(map[dispatch.Breach]bool)
	var look func()
	look = func() {
		l.in(inspectEvery, look)
		tours := l.watch.changed()
		if len(tours) == 0 {
			return
		}
		r, err := d.FsckTours(l.ctx, l.store, tours...)
		if err != nil {
			l.broken = err
			return
		}
		l.inspected += r.Checked
		for _, b := range r.Breaches {
			if once := (dispatch.Breach{Invariant: b.Invariant, ID: b.ID}); !said[once] {
				said[once] = true
				l.ledger.breach(b.Invariant, b.ID, "at %s: %s", l.clock.Now().Format(time.RFC3339), b.Text)
			}
		}
	}
	l.in(inspectEvery, look)
}

// changed gives the tours that were put since it was asked last.
func (w *watch) changed() []muster.TourID {
	ids := make([]muster.TourID, 0, len(w.tours))
	for id := range w.tours {
		ids = append(ids, id)
	}
	clear(w.tours)
	slices.Sort(ids)
	return ids
}
