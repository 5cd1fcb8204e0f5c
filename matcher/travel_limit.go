package matcher

import (
	"fmt"
	"math"

	"github.com/sysopssquad/muster"
)

// travelLimit compares the road from the base with the expert's or the policy's figure, and what the step of escalation adds.
func travelLimit(a *attempt) muster.Reason {
	limit := a.m.limits.TravelKm + a.wider().TravelKm
	if a.km <= limit {
		return muster.Reason{}
	}
	return a.because(muster.TooFar, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = math.Ceil(a.km*10)/10, limit, "km"
		r.Text = fmt.Sprintf("%.0f km from the base; the limit%s is %.0f.", math.Ceil(a.km), a.ofStep(muster.TooFar), limit)
	})
}

var farther = &easing{
	code: muster.TooFar, class: muster.ByPolicy, unit: "km", size: 2, rule: "the travel limit is so much wider for the ticket",
	make: func(x *affected, c *change) { x.job.Wider.TravelKm += float64(c.amount) },
	say: func(_ *question, c *change) string {
		return fmt.Sprintf("%d km farther than the travel limit", c.amount)
	},
}

func easeTravel(a *attempt, out []set) []set {
	over := wholeKm(a.km - a.m.limits.TravelKm - a.q.Wider.TravelKm)
	return append(out, only(change{easing: farther, amount: over}))
}
