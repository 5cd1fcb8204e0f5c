package matcher

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/sysopssquad/muster"
)

// helper is somebody against whom nothing speaks that a person may not set aside.
type helper struct {
	m     *member
	alone []muster.ReasonCode // what speaks against them at any time
}

// proposeCrew is Propose for both places of a crew of two: pairs that could start together. What is about time is set aside
// for both. As in a round, few are tried in pairs: those for whom the least is set aside, then the cheapest alone.
func (w *World) proposeCrew(sc *scene, job Job, n int) []muster.Proposal {
	var helpers []helper
	q := sc.question(job)
	for _, m := range sc.members {
		if alone, possible := q.try(m, true).relaxable(); possible {
			helpers = append(helpers, helper{m, alone})
		}
	}
	var found []offeredPair
	for _, set := range subsets {
		for _, p := range sc.pairsBeyond(job, helpers, set) {
			if !slices.ContainsFunc(found, p.same) { // with less set aside they come first
				found = append(found, p)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b offeredPair) int {
		return cmp.Or(cmp.Compare(a.asides, b.asides), cmp.Compare(a.cost, b.cost),
			cmp.Compare(a.members[0].Expert.ID, b.members[0].Expert.ID), cmp.Compare(a.members[1].Expert.ID, b.members[1].Expert.ID))
	})
	var out []muster.Proposal
	for _, f := range found {
		if len(out) == n {
			break
		}
		first, second, start := f.members[0], f.members[1], f.choices[0].start
		_, reasons := w.Check(job, first.Person, start)
		beside := job
		beside.Place, beside.Crew, beside.Start = 1, []muster.ExpertID{first.Expert.ID}, start
		_, others := w.Check(beside, second.Person, start)
		if len(reasons)+len(others) == 0 {
			continue // a later start is found for the two only if something is set aside: nothing need be for it
		}
		out = append(out, muster.Proposal{
			Expert: first.Expert.ID, Name: first.Expert.Name, Start: start, Cost: cents(f.cost), Reasons: reasons,
			Second: &muster.Colleague{Expert: second.Expert.ID, Name: second.Expert.Name, Reasons: others},
		})
	}
	return out
}

// offeredPair is two who could come together if some constraints were set aside.
type offeredPair struct {
	pair
	asides int
}

func (p offeredPair) same(o offeredPair) bool {
	return slices.Contains(p.members[:], o.members[0]) && slices.Contains(p.members[:], o.members[1])
}

// pairsBeyond are the pairs who could come if a set of what is about time were set aside, and of each what speaks against
// them alone. Those who can come without are not among them.
func (sc *scene) pairsBeyond(job Job, helpers []helper, set []muster.ReasonCode) []offeredPair {
	type single struct {
		helper
		q    *question
		cost float64
	}
	var singles []single
	questions := make(map[string]*question)
	for _, h := range helpers {
		key := fmt.Sprint(h.alone)
		if questions[key] == nil {
			own := job
			own.Allowed = slices.Concat(job.Allowed, h.alone, set)
			questions[key] = sc.question(own)
		}
		a := questions[key].try(h.m, true)
		if !a.eligible() {
			continue // a decline of the ticket is about the expert, of a time about the start
		}
		if c := a.cheapest(); c.ok() {
			singles = append(singles, single{h, questions[key], c.cost})
		}
	}
	slices.SortFunc(singles, func(a, b single) int {
		return cmp.Or(cmp.Compare(len(a.alone), len(b.alone)), cmp.Compare(a.cost, b.cost), cmp.Compare(a.m.Expert.ID, b.m.Expert.ID))
	})
	singles = singles[:min(len(singles), crewWidth)]
	var found []offeredPair
	for i, x := range singles {
		for _, y := range singles[i+1:] {
			asides := len(x.alone) + len(y.alone) + len(set)
			if asides == 0 {
				continue
			}
			p := together(x.q.try(x.m, true), y.q.try(y.m, true))
			p.members = [2]*member{x.m, y.m}
			if !math.IsInf(p.cost, 1) {
				found = append(found, offeredPair{p, asides})
			}
		}
	}
	return found
}
