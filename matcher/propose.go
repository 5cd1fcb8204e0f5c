package matcher

import (
	"cmp"
	"slices"

	"github.com/sysopssquad/muster"
)

// aboutTime are the constraints of class dispatcher that depend on the start; of those about the expert alone it is sure
// which must be set aside.
var aboutTime = []muster.ReasonCode{muster.AfterWindow, muster.HeldByOther, muster.HasDeclined}

// Propose says who could take a job if a named person set something aside, and what: as few constraints as will do, and
// only those of class dispatcher. It gives the n for whom least would have to be set aside, then the cheapest, then by
// expert id. Whoever can come without is not among them. For a crew of two each is a pair.
func (w *World) Propose(job Job, people []Person, n int) []muster.Proposal {
	sc := w.scene(people)
	q := sc.question(job)
	if q.places() > 1 {
		return w.proposeCrew(sc, job, n)
	}
	a := &attempt{}
	var found []offered
	for _, m := range sc.members {
		q.reset(a, m, true)
		alone, possible := a.relaxable()
		if !possible {
			continue
		}
		for _, set := range subsets {
			own := job
			own.Allowed = slices.Concat(job.Allowed, alone, set)
			relaxed := sc.question(own)
			relaxed.reset(a, m, true)
			if !a.eligible() {
				continue // a decline of the ticket is about the expert, of a time about the start
			}
			best := a.cheapest()
			if !best.ok() {
				continue
			}
			if len(own.Allowed) > len(job.Allowed) {
				found = append(found, offered{m, best, len(own.Allowed)})
			}
			break
		}
	}
	slices.SortStableFunc(found, func(a, b offered) int {
		return cmp.Or(cmp.Compare(a.asides, b.asides), cmp.Compare(a.best.cost, b.best.cost), cmp.Compare(a.m.Expert.ID, b.m.Expert.ID))
	})
	var out []muster.Proposal
	for _, f := range found[:min(n, len(found))] {
		_, reasons := w.Check(job, f.m.Person, f.best.start)
		out = append(out, muster.Proposal{
			Expert: f.m.Expert.ID, Name: f.m.Expert.Name, Start: f.best.start, Cost: cents(f.best.cost), Reasons: reasons,
		})
	}
	return out
}

// offered is somebody who could come if some constraints were set aside.
type offered struct {
	m      *member
	best   choice
	asides int
}

// subsets of what is about time, the smallest first.
var subsets = func() [][]muster.ReasonCode {
	var all [][]muster.ReasonCode
	for mask := range 1 << len(aboutTime) {
		var set []muster.ReasonCode
		for i, c := range aboutTime {
			if mask&(1<<i) != 0 {
				set = append(set, c)
			}
		}
		all = append(all, set)
	}
	slices.SortStableFunc(all, func(a, b []muster.ReasonCode) int { return len(a) - len(b) })
	return all
}()

// relaxable lists what speaks against the expert alone. Possible is false if a person may not set all of it aside.
func (a *attempt) relaxable() (alone []muster.ReasonCode, possible bool) {
	for _, r := range a.judge(false, nil) {
		if r.Class != muster.ByDispatcher {
			return nil, false
		}
		if !slices.Contains(alone, r.Code) {
			alone = append(alone, r.Code)
		}
	}
	return alone, true
}
