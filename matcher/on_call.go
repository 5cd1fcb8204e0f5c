package matcher

import "github.com/sysopssquad/muster"

// onCall keeps time on call for urgent tickets, and for those that have been escalated so far.
func onCall(a *attempt) muster.Reason {
	if !a.tour.onCall || a.q.urgent || a.wider().OnCall {
		return muster.Reason{}
	}
	return a.because(muster.NotOnCall, func(r *muster.Reason) {
		r.Have, r.Need = a.q.Ticket.Priority, "urgent"
		r.Text = "Is only on call " + a.q.fromTo(a.tour.shift, a.start) + ", for urgent tickets."
	})
}

var fromCall = &easing{
	code: muster.NotOnCall, class: muster.ByPolicy, size: 60, rule: "time on call counts for the ticket",
	make: func(x *affected, _ *change) { x.job.Wider.OnCall = true },
	say:  func(*question, *change) string { return "who is on call may be sent" },
}

func easeOnCall(_ *attempt, out []set) []set { return append(out, only(change{easing: fromCall})) }
