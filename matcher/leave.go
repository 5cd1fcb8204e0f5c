package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// leave keeps work and the way home out of time off.
func leave(a *attempt) muster.Reason {
	if len(a.tour.away) == 0 {
		return muster.Reason{}
	}
	busy := a.span()
	if a.at == len(a.tour.stops) {
		busy.End = later(busy.End, a.home)
	}
	if a.tooSoon() && a.waitsOut(a.tour.away) {
		busy.Start = a.free
	}
	off, ok := hit(a.tour.away, busy)
	if !ok {
		return muster.Reason{}
	}
	return a.because(muster.OnLeave, func(r *muster.Reason) {
		r.Have, r.Need = off, a.span()
		r.Text = "On leave " + a.q.fromTo(off, a.q.Now) + "."
	})
}

// afterLeave waits for the end of the time off that the work would fall into.
func afterLeave(a *attempt) time.Time {
	if off, ok := hit(a.tour.away, a.span()); ok {
		return off.End
	}
	return time.Time{}
}
