package matcher

import (
	"fmt"

	"github.com/sysopssquad/muster"
)

// capacity counts the visits of the tour, held openings among them. The step of escalation adds some.
func capacity(a *attempt) muster.Reason {
	have, limit := len(a.tour.stops), a.m.limits.VisitsPerTour+a.wider().Visits
	if have < limit {
		return muster.Reason{}
	}
	return a.because(muster.OverCapacity, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = have, limit, "visits"
		r.Text = fmt.Sprintf("Has %d visits on %s; the limit%s is %d.", have, a.q.date(a.start), a.ofStep(muster.OverCapacity), limit)
	})
}

var moreVisits = &easing{
	code: muster.OverCapacity, class: muster.ByPolicy, unit: "visits", size: 60, rule: "a tour may have so many more visits for the ticket",
	make: func(x *affected, c *change) { x.job.Wider.Visits += c.amount },
	say: func(_ *question, c *change) string {
		return fmt.Sprintf("%d more on a tour than its capacity", c.amount)
	},
}

func easeCapacity(a *attempt, out []set) []set {
	over := len(a.tour.stops) + 1 - a.m.limits.VisitsPerTour - a.q.Wider.Visits
	return append(out, only(change{easing: moreVisits, amount: over}))
}
