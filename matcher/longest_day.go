package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// longestDay adds up the tours of a local day, from first departure to return.
func longestDay(a *attempt) muster.Reason {
	return a.tooLong(muster.DayTooLong, sameDay, a.m.limits.DayMinutes, "Would work %s on %s; the longest day is %s.")
}

// afterLongDay waits until a later first departure makes the day short enough.
func afterLongDay(a *attempt) time.Time {
	return a.shorten(a.worked(sameDay) - a.m.limits.DayMinutes.Duration())
}

func sameDay(a, b *tour) bool { return a.day == b.day }
