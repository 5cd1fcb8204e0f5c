package dispatch

import (
	"fmt"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/check"
	"github.com/sysopssquad/muster/matcher/solve"
)

// proven is a plan that has passed the checks, and how it came about.
type proven struct {
	muster.Plan
	linear LinearReport
}

// batch is the matcher's plan. It is an error that the matcher broke, or that its plan fails the checks, which share no code with
// it: of such a plan nothing is committed.
func (r *round) batch(jobs []matcher.Job, people []matcher.Person) (p proven, err error) {
	defer unbroken(&err, muster.CodeInternal)
	plan, rounds := r.world.Rounds(jobs, people)
	for i := range rounds {
		l := &rounds[i]
		if flaws := certify(l); len(flaws) > 0 {
			return proven{}, unsound(fmt.Sprintf("the certificate of a linear problem of %d tickets fails: %v", len(l.Answer.Opening), flaws[0]))
		}
		p.linear.add(sumUp(l))
	}
	p.Plan = plan
	if breaches := check.Plan(r.world, jobs, people, plan); len(breaches) > 0 {
		b := breaches[0]
		return proven{}, unsound(fmt.Sprintf("a plan breaks %s on tour %s: %s %s", b.Code, b.Tour, b.Visit, b.Text))
	}
	return p, nil
}

func unsound(what string) error {
	return muster.E(muster.CodeInternal, "Not committed, because "+what, "report this")
}

// certify checks the answer to a linear problem by its prices.
func certify(l *matcher.Linear) []check.Flaw {
	p, a := &l.Problem, l.Answer
	return check.Assignment(check.Round[solve.Arc]{
		Arcs: p.Arcs, LeaveOut: p.LeaveOut, Capacity: p.Capacity,
		Opening: a.Opening, Cost: a.Cost, TicketDual: a.TicketDual, OpeningDual: a.OpeningDual,
	})
}

func sumUp(l *matcher.Linear) LinearReport {
	out := LinearReport{Rounds: 1, Refused: l.Refused, Placed: l.Left - l.Answer.Unassigned}
	if out.Placed == 0 {
		out.Saved = float64(l.Before-l.Answer.Cost) / 100
	}
	return out
}
