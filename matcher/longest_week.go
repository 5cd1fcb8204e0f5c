package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// longestWeek adds up the tours of a week from Monday, in the zone of the base.
func longestWeek(a *attempt) muster.Reason {
	return a.tooLong(muster.WeekTooLong, sameWeek, a.m.limits.WeekMinutes, "Would work %s in the week of %s; the longest week is %s.")
}

// afterLongWeek waits until a later first departure makes the week short enough.
func afterLongWeek(a *attempt) time.Time {
	return a.shorten(a.worked(sameWeek) - a.m.limits.WeekMinutes.Duration())
}

func sameWeek(a, b *tour) bool { return a.week == b.week }
