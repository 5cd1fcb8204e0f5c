package matcher

import (
	"cmp"

	"github.com/sysopssquad/muster"
)

// division keeps tickets within the company that they belong to; no division is one like any other.
func division(a *attempt) muster.Reason {
	needs := a.q.Ticket.Division
	if needs == "" && a.q.Customer != nil {
		needs = a.q.Customer.Division
	}
	has := a.m.Expert.Division
	if has == needs {
		return muster.Reason{}
	}
	return a.because(muster.OtherDivision, func(r *muster.Reason) {
		r.Have, r.Need = cmp.Or(has, noValue), cmp.Or(needs, noValue)
		r.Text = "Belongs to " + divisionName(has) + "; the ticket to " + divisionName(needs) + "."
	})
}

func divisionName(d string) string {
	if d == "" {
		return "no division"
	}
	return "division " + d
}

var otherDivision = &easing{
	code: muster.OtherDivision, class: muster.Never, size: 240, rule: "the expert is lent to the ticket's division",
	make: func(x *affected, c *change) { x.expert().Division = c.about },
	say:  func(_ *question, c *change) string { return "is lent to " + divisionName(c.about) },
}

func easeDivision(a *attempt, out []set) []set {
	needs := a.q.Ticket.Division
	if needs == "" && a.q.Customer != nil {
		needs = a.q.Customer.Division
	}
	return append(out, only(change{easing: otherDivision, who: a.m.Expert.ID, about: needs}))
}
