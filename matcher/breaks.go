package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// breakMissed asks whether every break stays whole: the work may not touch it, and the ways before and
// after need their time beside it.
func breakMissed(a *attempt) muster.Reason {
	breaks := a.tour.breaks
	if len(breaks) == 0 {
		return muster.Reason{}
	}
	b, ok := hit(breaks, a.span())
	if !ok && a.tooSoon() && a.waitsOut(breaks) {
		b, ok = hit(breaks, muster.Window{Start: a.free, End: a.start})
	}
	if !ok && a.waitsOutOnward(breaks) {
		b, ok = hit(breaks, muster.Window{Start: a.end, End: a.nextStop().Start})
	}
	if !ok {
		return muster.Reason{}
	}
	return a.because(muster.BreakMissed, func(r *muster.Reason) {
		r.Have, r.Need = a.span(), b
		r.Text = fmt.Sprintf("The break is %s; the visit would be %s.", a.q.fromTo(b, a.start), a.q.fromTo(a.span(), a.start))
	})
}

// afterBreak waits for the end of the break that the work would fall into.
func afterBreak(a *attempt) time.Time {
	if b, ok := hit(a.tour.breaks, a.span()); ok {
		return b.End
	}
	return time.Time{}
}

// waitsOutOnward tells whether only spans on the way to the next stop make the expert late there.
func (a *attempt) waitsOutOnward(spans []muster.Window) bool {
	next := a.nextStop()
	if next == nil || !a.reach.After(next.Start) || a.end.Add(a.onward.Travel.Duration()).After(next.Start) {
		return false
	}
	_, met := hit(spans, muster.Window{Start: a.end, End: next.Start})
	return met
}
