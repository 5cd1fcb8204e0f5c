package matcher

import (
	"fmt"

	"github.com/sysopssquad/muster"
)

// capacity counts the visits of the tour, held openings among them.
func capacity(a *attempt) muster.Reason {
	have, limit := len(a.tour.stops), a.m.limits.VisitsPerTour
	if have < limit {
		return muster.Reason{}
	}
	return a.because(muster.OverCapacity, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = have, limit, "visits"
		r.Text = fmt.Sprintf("Has %d visits on %s; the limit is %d.", have, a.q.date(a.start), limit)
	})
}
