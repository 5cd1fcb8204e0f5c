package matcher

import "github.com/sysopssquad/muster"

// carryInOnly keeps experts who work at the shop from visits to homes.
func carryInOnly(a *attempt) muster.Reason {
	if !a.m.Expert.Capacity.CarryInOnly || a.q.Ticket.Mode == muster.ModeCarryIn {
		return muster.Reason{}
	}
	return a.because(muster.NotMobile, func(r *muster.Reason) {
		r.Have, r.Need = muster.ModeCarryIn, a.q.Ticket.Mode
		r.Text = "Works at the shop and visits nobody."
	})
}
