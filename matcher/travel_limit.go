package matcher

import (
	"fmt"
	"math"

	"github.com/sysopssquad/muster"
)

// travelLimit compares the road from the base with the expert's or the policy's figure.
func travelLimit(a *attempt) muster.Reason {
	limit := a.m.limits.TravelKm
	if a.km <= limit {
		return muster.Reason{}
	}
	return a.because(muster.TooFar, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = math.Ceil(a.km*10)/10, limit, "km"
		r.Text = fmt.Sprintf("%.0f km from the base; the limit is %.0f.", math.Ceil(a.km), limit)
	})
}
