package matcher

import (
	"cmp"
	"slices"

	"github.com/sysopssquad/muster"
)

// Rank says who can take a job, the best start of each, by cost and then by expert id; and for everyone
// else every reason why not, by expert id.
func (w *World) Rank(job Job, people []Person) muster.Match {
	sc := w.scene(people)
	q := sc.question(job)
	m := muster.Match{
		Ticket: job.Ticket.ID, Rev: job.Ticket.Rev, At: w.Now, Policy: w.Policy.Rev, Skills: w.Skills.Rev,
		Candidates: []muster.Candidate{}, Excluded: []muster.Exclusion{}, Counts: map[muster.ReasonCode]int{},
	}
	a := &attempt{}
	for _, p := range sc.members {
		q.reset(a, p, true)
		c, rs := a.answer()
		if len(rs) == 0 {
			m.Candidates = append(m.Candidates, c)
			continue
		}
		m.Excluded = append(m.Excluded, muster.Exclusion{Expert: p.Expert.ID, Name: p.Expert.Name, Reasons: rs})
		for code := range codes(rs) {
			m.Counts[code]++
		}
	}
	slices.SortStableFunc(m.Candidates, func(a, b muster.Candidate) int { return cmp.Compare(a.Cost, b.Cost) })
	return m
}

// answer gives the cheapest start of the expert, or every reason why there is none.
func (a *attempt) answer() (muster.Candidate, []muster.Reason) {
	eligible := a.eligible()
	best := a.cheapest()
	if eligible && best.ok() {
		a.settle(best)
		return a.candidate(), nil
	}
	a.quiet = false
	rs := a.judge(false, nil)
	if !best.ok() {
		rs = append(rs, a.nearest()...)
	}
	a.quiet = true
	return muster.Candidate{}, rs
}

// codes is the set of reason codes: an expert counts once for each.
func codes(rs []muster.Reason) map[muster.ReasonCode]bool {
	set := make(map[muster.ReasonCode]bool, len(rs))
	for _, r := range rs {
		set[r.Code] = true
	}
	return set
}
