package matcher

import "fmt"

// firstFix expects a second visit where the expert's record with a needed skill is poor.
func firstFix(a *attempt) float64 {
	return a.q.Policy.Weights.FirstFix * a.secondVisits()
}

// secondVisits is the expected share for the needed skill that the expert fixes least well. For each
// need the best competence of those that count for it is taken.
func (a *attempt) secondVisits() float64 {
	worst := 0.0
	for n := range a.q.needs {
		need := &a.q.needs[n]
		best := -1.0
		for i := range a.m.known {
			if c := &a.m.known[i]; need.by[c.skill] {
				best = max(best, c.fix)
			}
		}
		if best >= 0 {
			worst = max(worst, 1-best)
		}
	}
	return worst
}

func whyFirstFix(a *attempt) string {
	return fmt.Sprintf("%.0f %% of such visits need a second one.", 100*a.secondVisits())
}
