package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// opening asks whether there is time for the ways to and from the stops around. What overlaps is for
// overlap to say, what is held for held, what falls into a break for breakMissed.
func opening(a *attempt) muster.Reason {
	if a.lateHere(false) {
		return a.because(muster.NoOpening, a.sayLateHere)
	}
	if a.lateNext(false) {
		return a.because(muster.NoOpening, a.sayLateNext)
	}
	return muster.Reason{}
}

// afterWay waits until the expert can be there.
func afterWay(a *attempt) time.Time { return a.ready }

// lateHere tells whether the expert can't be there at the start because of the stop before (held or not),
// or because of now and the lead.
func (a *attempt) lateHere(held bool) bool {
	if !a.tooSoon() || a.waitsOut(a.tour.blocked) {
		return false
	}
	prev := a.previousStop()
	if prev == nil || a.free.After(doneAt(prev)) {
		return !held && (prev != nil || a.free.After(a.tour.shift.Start))
	}
	return prev.Held() == held && !doneAt(prev).After(a.start)
}

// lateNext tells whether the expert would be late at the stop after, held or not.
func (a *attempt) lateNext(held bool) bool {
	next := a.nextStop()
	return next != nil && next.Held() == held && a.reach.After(next.Start) &&
		(!a.asked || !a.end.After(next.Start)) && !a.waitsOutOnward(a.tour.blocked)
}

func (a *attempt) sayLateHere(r *muster.Reason) {
	prev := a.previousStop()
	if prev == nil || a.free.After(doneAt(prev)) {
		r.Have, r.Need = a.start, a.ready
		r.Text = fmt.Sprintf("Could be there at %s at the earliest.", a.q.moment(a.ready, a.start))
		return
	}
	r.About = string(prev.Visit)
	r.Have, r.Need, r.Unit = int(minutesDown(between(a.free, a.start, a.tour.blocked))), int(a.first), "min"
	r.Text = fmt.Sprintf("No opening: from the visit of %s there are %d min, the way takes %d.", a.q.fromTo(taken(prev), a.start), r.Have, r.Need)
}

func (a *attempt) sayLateNext(r *muster.Reason) {
	next := a.nextStop()
	r.About, r.Unit = string(next.Visit), "min"
	if a.start.Equal(onGrid(a.ready)) { // as early as can be: it is the gap that is too short
		r.Have = int(minutesDown(between(a.free, next.Start, a.tour.blocked)))
		r.Need = int(a.first + a.q.Ticket.Duration + a.onward.Travel)
		r.Text = fmt.Sprintf("No opening: the longest gap on %s is %d min, until the visit of %s; this one needs %d.",
			a.q.date(a.start), r.Have, a.q.fromTo(taken(next), a.start), r.Need)
		return
	}
	r.Have, r.Need = int(minutesDown(between(a.end, next.Start, a.tour.blocked))), int(a.onward.Travel)
	r.Text = fmt.Sprintf("No opening: to the visit of %s there are %d min, the way takes %d.", a.q.fromTo(taken(next), a.start), r.Have, r.Need)
}

// taken is the time of a stop.
func taken(s *muster.Stop) muster.Window { return muster.Window{Start: s.Start, End: doneAt(s)} }

// minutesDown cuts to whole minutes: what there is, is never overstated.
func minutesDown(d time.Duration) muster.Minutes { return muster.Minutes(max(d, 0) / time.Minute) }
