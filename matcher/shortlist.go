package matcher

import (
	"cmp"
	"slices"

	"github.com/sysopssquad/muster"
)

// Shortlist gives the n cheapest who can take a job, each at their best start, by cost and then by expert id: the
// head of Rank's candidates, without the reasons against all others.
func (w *World) Shortlist(job Job, people []Person, n int) []muster.Candidate {
	sc := w.scene(people)
	q := sc.question(job)
	var out []muster.Candidate
	a := &attempt{}
	for _, m := range sc.members {
		q.reset(a, m, true)
		if !a.eligible() {
			continue
		}
		if best := a.cheapest(); best.ok() {
			a.settle(best)
			out = append(out, a.candidate())
		}
	}
	slices.SortStableFunc(out, func(a, b muster.Candidate) int { return cmp.Compare(a.Cost, b.Cost) })
	return out[:min(n, len(out))]
}
