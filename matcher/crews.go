package matcher

import (
	"cmp"
	"math"
	"slices"

	"github.com/sysopssquad/muster"
)

// crewWidth is how many experts, the cheapest ones alone, are tried in pairs for a crew of two.
const crewWidth = 10

// pair is two experts with a common start.
type pair struct {
	members [2]*member
	choices [2]choice
	cost    float64
}

var noPair = pair{cost: math.Inf(1)}

func (p pair) ok() bool { return p.members[0] != nil }

// single is an expert who could come alone, with the cost of the best start.
type single struct {
	m    *member
	cost float64
}

// pairs finds the cheapest and the second cheapest pair among singles, each pair at its earliest common start.
func (q *question) pairs(singles []single) (best, second pair) {
	best, second = noPair, noPair
	singles = slices.Clone(singles)
	slices.SortFunc(singles, func(a, b single) int {
		if c := cmp.Compare(a.cost, b.cost); c != 0 {
			return c
		}
		return cmp.Compare(a.m.Expert.ID, b.m.Expert.ID)
	})
	singles = singles[:min(len(singles), crewWidth)]
	as := make([]*attempt, len(singles))
	for i, s := range singles {
		as[i] = q.try(s.m, true)
	}
	for i, a := range as {
		for j := i + 1; j < len(as); j++ {
			p := together(a, as[j])
			p.members = [2]*member{singles[i].m, singles[j].m}
			switch {
			case math.IsInf(p.cost, 1):
			case p.cost < best.cost:
				best, second = p, best
			case p.cost < second.cost:
				second = p
			}
		}
	}
	return best, second
}

// together finds the earliest start at which both can come: each in turn says when they can at the other's earliest.
func together(a, b *attempt) pair {
	start := a.q.Start
	if start.IsZero() {
		at := a.q.earliest
		for range 200 {
			x := a.next(at)
			if !x.ok() {
				return noPair
			}
			y := b.next(x.start)
			if !y.ok() {
				return noPair
			}
			if at = y.start; at.Equal(x.start) {
				start = at
				break
			}
		}
		if start.IsZero() {
			return noPair
		}
	}
	x, y := a.exactly(start), b.exactly(start)
	if !x.ok() || !y.ok() {
		return noPair
	}
	return pair{choices: [2]choice{x, y}, cost: x.cost + y.cost}
}

// Crew finds the experts and the common start for all free places of a visit, cheapest in sum; nil if they
// can't be filled. The candidate at index i is for the i-th free place. For one free place it is the best
// candidate. A crew has at most two experts.
func (w *World) Crew(job Job, people []Person) []muster.Candidate {
	sc := w.scene(people)
	q := sc.question(job)
	var singles []single
	var alone []choice
	for _, m := range sc.members {
		a := q.try(m, true)
		if !a.eligible() {
			continue
		}
		if c := a.cheapest(); c.ok() {
			singles = append(singles, single{m, c.cost})
			alone = append(alone, c)
		}
	}
	if q.places() == 1 {
		best := -1
		for i, s := range singles {
			if best < 0 || s.cost < singles[best].cost {
				best = i
			}
		}
		if best < 0 {
			return nil
		}
		return []muster.Candidate{q.tell(singles[best].m, alone[best])}
	}
	p, _ := q.pairs(singles)
	if !p.ok() {
		return nil
	}
	return []muster.Candidate{q.tell(p.members[0], p.choices[0]), q.tell(p.members[1], p.choices[1])}
}

// places is how many of the crew are to be found.
func (q *question) places() int { return max(1, min(q.Ticket.Crew, 2)-len(q.Crew)) }

// tell makes a candidate of a choice.
func (q *question) tell(m *member, c choice) muster.Candidate {
	a := q.try(m, true)
	a.settle(c)
	return a.candidate()
}
