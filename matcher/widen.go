package matcher

import (
	"fmt"

	"github.com/sysopssquad/muster"
)

// wider is how far the limits of class policy are set aside.
func (a *attempt) wider() muster.Widening {
	if a.plain {
		return muster.Widening{}
	}
	return a.q.Wider
}

// beyond lists the limits that the slot keeps only because the ticket's step of escalation has widened them.
func (a *attempt) beyond() []muster.Reason {
	if a.q.Wider.IsZero() {
		return nil
	}
	quiet := a.quiet
	a.plain, a.quiet = true, false
	defer func() { a.plain, a.quiet = false, quiet }()
	var out []muster.Reason
	for i := range constraints {
		c := &constraints[i]
		if c.code.Class() != muster.ByPolicy {
			continue
		}
		if r := c.test(a); r.Code != "" {
			r.Text += fmt.Sprintf(" Within the limit of step %d.", a.q.Ticket.Step)
			out = append(out, r)
		}
	}
	return out
}

// tooFar tells whether a member is so far away that the way need not be asked for.
func (q *question) tooFar(m *member) bool {
	reach := m.reach
	if more := q.Wider.TravelKm; more > 0 {
		reach = within(m.limits.TravelKm + more)
	}
	return m.base.dot(q.at) < reach
}

// ofStep names the step whose limit is told.
func (a *attempt) ofStep(code muster.ReasonCode) string {
	if a.wider().For(code).IsZero() {
		return ""
	}
	return fmt.Sprintf(" of step %d", a.q.Ticket.Step)
}
