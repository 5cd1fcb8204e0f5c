package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// tooLong compares the time worked in the slot's day or week with a limit. The text names both, with the date of
// the visit between them.
func (a *attempt) tooLong(code muster.ReasonCode, same func(a, b *tour) bool, limit muster.Minutes, text string) muster.Reason {
	have := a.worked(same)
	if have <= limit.Duration() {
		return muster.Reason{}
	}
	return a.because(code, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = int(muster.MinutesOf(have)), int(limit), "min"
		r.Text = fmt.Sprintf(text, hours(have), a.q.date(a.start), hours(limit.Duration()))
	})
}

// worked adds up the tours that are in the same day or week as the slot's.
func (a *attempt) worked(same func(a, b *tour) bool) time.Duration {
	sum := a.home.Sub(a.begins)
	for _, t := range a.m.busy {
		if t != a.tour && same(t, a.tour) {
			sum += t.home.Sub(t.begins)
		}
	}
	return sum
}

// shorten gives a start that begins the tour later by some excess. Only a first visit can: all others leave
// the tour's beginning where it is. The length of a tour with one visit only changes with the breaks in it.
func (a *attempt) shorten(excess time.Duration) time.Time {
	if excess <= 0 || a.at > 0 || len(a.tour.stops) == 0 && len(a.tour.blocked) == 0 {
		return time.Time{}
	}
	return a.leap(excess, a.home)
}

// leap waits so that the first departure comes later by d. A way with a break in it shrinks by the whole break
// at once as soon as it no longer spans it, so that less waiting may do; then it goes step by step.
func (a *attempt) leap(d time.Duration, until time.Time) time.Time {
	for _, b := range a.tour.blocked {
		if b.Start.Before(until) && b.End.After(a.begins) {
			d -= b.End.Sub(b.Start)
		}
	}
	return a.start.Add(max(d, grid))
}

func hours(d time.Duration) string {
	m := muster.MinutesOf(d)
	return fmt.Sprintf("%d:%02d h", m/60, m%60)
}
