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
