package matcher

import (
	"fmt"
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

var longerWeek = &easing{
	code: muster.WeekTooLong, class: muster.Never, unit: "min", size: 2, rule: "the longest week is so much longer",
	make: func(x *affected, c *change) { x.limits().WeekMinutes += muster.Minutes(c.amount) },
	say: func(_ *question, c *change) string {
		return fmt.Sprintf("works a week %d min longer than the longest", c.amount)
	},
}

func easeWeek(a *attempt, out []set) []set {
	over := steps(a.worked(sameWeek) - a.m.limits.WeekMinutes.Duration())
	return append(out, only(change{easing: longerWeek, who: a.m.Expert.ID, amount: over}))
}
