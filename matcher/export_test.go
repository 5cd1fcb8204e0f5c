package matcher

import "math"

// FirstRound is the first round's linear problem, solved: as Rounds makes it, or with all places written down.
func (w *World) FirstRound(jobs []Job, people []Person, all bool) Linear {
	b := w.newBatch(jobs, people)
	b.byRegret()
	x := b.exchange(0)
	for _, a := range x.asked {
		if a.home != nil {
			a.goHome()
			a.within = a.home.cost
		}
		if all {
			a.within = math.Inf(1)
		}
		x.look(a)
	}
	return x.solve()
}
