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
