package matcher

import (
	"fmt"
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

var longerDay = &easing{
	code: muster.DayTooLong, class: muster.Never, unit: "min", size: 2, rule: "the longest day is so much longer",
	make: func(x *affected, c *change) { x.limits().DayMinutes += muster.Minutes(c.amount) },
	say: func(_ *question, c *change) string {
		return fmt.Sprintf("works a day %d min longer than the longest", c.amount)
	},
}

func easeDay(a *attempt, out []set) []set {
	over := steps(a.worked(sameDay) - a.m.limits.DayMinutes.Duration())
	return append(out, only(change{easing: longerDay, who: a.m.Expert.ID, amount: over}))
}
