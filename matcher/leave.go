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
	busy := a.untilHome()
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

// afterLeave waits for the end of the time off that the work or the way home would fall into.
func afterLeave(a *attempt) time.Time {
	if off, ok := hit(a.tour.away, a.untilHome()); ok {
		return off.End
	}
	return time.Time{}
}

// untilHome is the time of the work, for the last visit with the way home.
func (a *attempt) untilHome() muster.Window {
	busy := a.span()
	if a.at == len(a.tour.stops) {
		busy.End = later(busy.End, a.home)
	}
	return busy
}
