package matcher

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// Starts gives up to limit starts of one expert, the cheapest first, of equal ones the earliest: the first
// of each opening within the horizon, and where an opening is long a later one at each promise's width.
// It is empty for an expert whom a constraint excludes.
func (w *World) Starts(job Job, p Person, limit int) []muster.Candidate {
	sc := w.scene([]Person{p})
	a := sc.question(job).try(sc.members[0], true)
	if limit <= 0 || !a.eligible() {
		return []muster.Candidate{}
	}
	var found []choice
	if !job.Start.IsZero() {
		if c := a.exactly(job.Start); c.ok() {
			found = append(found, c)
		}
	} else {
		a.steady()
		step := max(w.Policy.PromiseWidth.Duration(), grid)
		for _, t := range a.m.tours {
			if !a.open(t) {
				continue
			}
			a.openings(t, func(c choice) { found = append(found, c) })
			for at := range len(t.stops) + 1 {
				for from := a.q.earliest; a.soonest(t, at, from); from = a.start.Add(step) {
					found = append(found, choice{t, at, a.start, a.cost()})
				}
			}
		}
	}
	slices.SortStableFunc(found, func(x, y choice) int {
		switch {
		case x.better(y):
			return -1
		case y.better(x):
			return 1
		}
		return 0
	})
	found = slices.CompactFunc(found, func(x, y choice) bool { return x.tour == y.tour && x.start.Equal(y.start) })
	out := make([]muster.Candidate, 0, min(limit, len(found)))
	for _, c := range found[:min(limit, len(found))] {
		a.settle(c)
		out = append(out, a.candidate())
	}
	return out
}
