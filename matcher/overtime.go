package matcher

import (
	"fmt"

	"github.com/sysopssquad/muster"
)

// overtime asks whether the expert is home by the end of the shift and of the overtime that they consented
// to. Work beyond that is for offShift to say: only the way home may be late, as far as the step of escalation allows.
func overtime(a *attempt) muster.Reason {
	t, over := a.tour, a.m.limits.OvertimeMin
	more := a.wider().Overtime
	if t.none || a.at < len(t.stops) || !a.home.After(t.last.Add(more.Duration())) || a.end.After(t.last) {
		return muster.Reason{}
	}
	return a.because(muster.Overtime, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = int(muster.MinutesOf(a.home.Sub(t.shift.End))), int(over+more), "min"
		r.Text = fmt.Sprintf("Shift ends %s; would be home %s, %d min of overtime are agreed.",
			a.q.moment(t.shift.End, a.start), a.q.moment(a.home, a.start), over)
		if more > 0 {
			r.Text = fmt.Sprintf("Shift ends %s; would be home %s, %d min of overtime are agreed and %d more allowed by step %d.",
				a.q.moment(t.shift.End, a.start), a.q.moment(a.home, a.start), over, more, a.q.Ticket.Step)
		}
	})
}
