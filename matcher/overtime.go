package matcher

import (
	"fmt"
	"time"

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

var homeLater = &easing{
	code: muster.Overtime, class: muster.ByPolicy, unit: "min", size: 1, rule: "the way home may take so much longer than agreed, for the ticket",
	make: func(x *affected, c *change) { x.job.Wider.Overtime += muster.Minutes(c.amount) },
	say: func(_ *question, c *change) string {
		return fmt.Sprintf("home %d min later than overtime is agreed", c.amount)
	},
}

var agreesTo = &easing{
	code: muster.OffShift, class: muster.Never, unit: "min", size: 2, rule: "the expert agrees to so much more overtime, for work too",
	make: func(x *affected, c *change) { x.limits().OvertimeMin += muster.Minutes(c.amount) },
	say:  func(_ *question, c *change) string { return fmt.Sprintf("agrees to %d min more of overtime", c.amount) },
}

func easeOvertime(a *attempt, out []set) []set {
	late := steps(a.home.Sub(a.tour.last) - a.q.Wider.Overtime.Duration())
	return a.agrees(late, append(out, only(change{easing: homeLater, amount: late})))
}

// agrees adds that the expert is asked for so much more overtime, if it isn't too much to ask.
func (a *attempt) agrees(minutes int, out []set) []set {
	if minutes > int(longestOvertime/time.Minute) {
		return out
	}
	return append(out, only(change{easing: agreesTo, who: a.m.Expert.ID, amount: minutes}))
}
