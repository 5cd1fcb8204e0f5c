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

var goesOut = &easing{
	code: muster.NotMobile, class: muster.Never, size: 240, rule: "the expert also makes visits",
	make: func(x *affected, _ *change) { x.expert().Capacity.CarryInOnly = false },
	say:  func(*question, *change) string { return "makes visits too" },
}

func easeCarryIn(a *attempt, out []set) []set {
	return append(out, only(change{easing: goesOut, who: a.m.Expert.ID}))
}
