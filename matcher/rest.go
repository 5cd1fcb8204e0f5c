package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// rest asks for the pause between the return from one tour and the departure for another. Tours of one day
// need none between them, but may not run into each other.
func rest(a *attempt) muster.Reason {
	for _, t := range a.m.busy {
		if t == a.tour {
			continue
		}
		gap, need := a.gap(t), a.restFrom(t)
		if gap >= need {
			continue
		}
		return a.because(muster.RestTooShort, func(r *muster.Reason) {
			have := minutesDown(gap)
			r.Have, r.Need, r.Unit = int(have), int(muster.MinutesOf(need)), "min"
			r.Text = fmt.Sprintf("Would rest %s between two tours; %s are due.", hours(have.Duration()), hours(need))
			if need == 0 {
				r.Text = "Would run into another tour, " + a.q.fromTo(muster.Window{Start: t.begins, End: t.home}, a.start) + "."
			}
		})
	}
	return muster.Reason{}
}

// afterRest waits until the rest after each tour in the way is over. A first visit that begins before such a
// tour and returns too late for it must begin after it too.
func afterRest(a *attempt) time.Time {
	if a.at > 0 {
		return time.Time{}
	}
	var wait time.Duration
	for _, t := range a.m.busy {
		if need := a.restFrom(t); t != a.tour && a.gap(t) < need {
			wait = max(wait, t.home.Add(need).Sub(a.begins))
		}
	}
	if wait <= 0 {
		return time.Time{}
	}
	return a.leap(wait, a.start)
}

// gap is the time between the slot's tour and another, negative if they share time.
func (a *attempt) gap(t *tour) time.Duration {
	if t.begins.After(a.begins) {
		return t.begins.Sub(a.home)
	}
	return a.begins.Sub(t.home)
}

func (a *attempt) restFrom(t *tour) time.Duration {
	if sameDay(t, a.tour) {
		return 0
	}
	return a.m.limits.RestMinutes.Duration()
}

var restLess = &easing{
	code: muster.RestTooShort, class: muster.Never, unit: "min", size: 2, rule: "the rest is so much shorter",
	make: func(x *affected, c *change) { x.limits().RestMinutes -= muster.Minutes(c.amount) },
	say: func(_ *question, c *change) string {
		return fmt.Sprintf("rests %d min less between two tours", c.amount)
	},
}

// easeRest leaves some rest: tours that run into each other stay impossible.
func easeRest(a *attempt, out []set) []set {
	short := time.Duration(0)
	for _, t := range a.m.busy {
		if t == a.tour {
			continue
		}
		gap, need := a.gap(t), a.restFrom(t)
		if gap < need {
			short = max(short, need-gap)
		}
		if gap < 0 {
			return out
		}
	}
	less := steps(short)
	if muster.Minutes(less) >= a.m.limits.RestMinutes {
		return out
	}
	return append(out, only(change{easing: restLess, who: a.m.Expert.ID, amount: less}))
}
