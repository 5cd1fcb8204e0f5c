package matcher

import (
	"strings"

	"github.com/sysopssquad/muster"
)

// parts asks whether the van has everything that the visit must bring.
func parts(a *attempt) muster.Reason {
	missing := ""
	for _, p := range a.q.Ticket.Carry {
		if !listed(a.m.Expert.Carries, p) {
			missing = p
			break
		}
	}
	if missing == "" {
		return muster.Reason{}
	}
	return a.because(muster.LacksParts, func(r *muster.Reason) {
		var all []string
		for _, p := range a.q.Ticket.Carry {
			if !listed(a.m.Expert.Carries, p) {
				all = append(all, p)
			}
		}
		r.About, r.Have, r.Need = missing, noValue, a.q.Ticket.Carry
		if len(a.m.Expert.Carries) > 0 {
			r.Have = a.m.Expert.Carries
		}
		r.Text = "Does not carry " + strings.Join(all, ", ") + "."
	})
}
