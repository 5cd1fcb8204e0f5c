package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// longestWeek adds up the tours of a week from Monday, in the zone of the base.
func longestWeek(a *attempt) muster.Reason {
	have := a.worked(sameWeek)
	limit := a.m.limits.WeekMinutes
	if have <= limit.Duration() {
		return muster.Reason{}
	}
	return a.because(muster.WeekTooLong, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = int(muster.MinutesOf(have)), int(limit), "min"
		r.Text = fmt.Sprintf("Would work %s in the week of %s; the longest week is %s.", hours(have), a.q.date(a.start), hours(limit.Duration()))
	})
}

// afterLongWeek waits until a later first departure makes the week short enough.
func afterLongWeek(a *attempt) time.Time {
	return a.shorten(a.worked(sameWeek) - a.m.limits.WeekMinutes.Duration())
}

func sameWeek(a, b *tour) bool { return a.week == b.week }
