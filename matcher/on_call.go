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
