package matcher

import (
	"cmp"
	"math"
	"slices"

	"github.com/sysopssquad/muster"
)

// option is an expert whom nothing but time can exclude. It is exact if version is the member's; otherwise
// what it costs is a lower bound, and working it out is put off until it would be among the two cheapest.
type option struct {
	m       *member
	floor   float64 // the cost without the way
	choice  choice  // when it was exact
	km      float64 // see attempt
	fixed   float64
	version int
}

func (op *option) exact() bool { return op.version == op.m.version }

// indexSkills lists members by the numbers of their skills.
func (b *batch) indexSkills() [][]int {
	index := make([][]int, len(b.ids))
	for i, m := range b.members {
		for k, c := range m.known {
			if !slices.ContainsFunc(m.known[:k], func(o competence) bool { return o.skill == c.skill }) {
				index[c.skill] = append(index[c.skill], i)
			}
		}
	}
	return index
}

// findOptions tries the experts with the needed skill that fewest have, of these the ones who are near.
func (b *batch) findOptions(o *open, index [][]int) {
	q := o.q
	var who []int
	rarest := -1
	for n := range q.needs {
		count := 0
		for s, ok := range q.needs[n].by {
			if ok {
				count += len(index[s])
			}
		}
		if rarest < 0 || count < len(who) {
			rarest, who = n, make([]int, 0, count)
			for s, ok := range q.needs[n].by {
				if ok {
					who = append(who, index[s]...)
				}
			}
		}
	}
	if rarest < 0 {
		for i := range b.members {
			who = append(who, i)
		}
	}
	slices.Sort(who)
	a := &attempt{}
	for _, i := range slices.Compact(who) {
		m := b.members[i]
		if !q.allowed[muster.TooFar] && q.tooFar(m) {
			continue
		}
		q.reset(a, m, true)
		if !a.eligible() {
			continue
		}
		a.steady()
		floor := a.fixed + q.atBest() - slack
		o.options = append(o.options, option{m: m, floor: floor, km: a.km, fixed: a.fixed, version: unknown})
	}
	slices.SortStableFunc(o.options, func(x, y option) int { return cmp.Compare(x.floor, y.floor) })
	o.costs = make([]float64, len(o.options))
	for i := range o.options {
		o.costs[i] = o.options[i].floor
	}
}

const (
	none    = -1 // no such option
	unknown = -1 // the version of one that has never been worked out
)

// atBest is what waiting and lateness cost at least, whoever comes.
func (q *question) atBest() float64 {
	at := q.earliest
	if len(q.windows) > 0 && !q.allowed[muster.AfterWindow] {
		at = later(at, q.windows[0].Start)
	}
	return q.rising(at)
}

// refresh works an option out.
func (b *batch) refresh(o *open, i int, a *attempt) {
	op := &o.options[i]
	if op.exact() {
		return
	}
	*a = attempt{q: o.q, m: o.q.view(op.m), quiet: true, km: op.km, fixed: op.fixed, summed: true}
	op.choice, op.version = a.cheapest(), op.m.version
	o.costs[i] = op.choice.cost
	if op.choice.ok() {
		op.floor = op.fixed + o.q.rising(op.choice.start) - slack
	}
}

// rank finds the two cheapest options, both exact. It begins with those that were, then passes over all: an
// option whose lower bound is above the second can't be among them.
func (b *batch) rank(o *open) {
	if o.q.places() > 1 {
		b.rankPairs(o)
		return
	}
	a := &attempt{}
	was := [2]int{o.best, o.second}
	o.best, o.second = none, none
	for _, i := range was {
		if i != none {
			b.consider(o, i, a)
		}
	}
	for i := range o.options {
		if i != was[0] && i != was[1] {
			b.consider(o, i, a)
		}
	}
	if o.best == none {
		o.regret = math.Inf(-1)
		return
	}
	o.regret = o.leave
	if o.second != none {
		o.regret = min(o.leave, o.costs[o.second])
	}
	o.regret -= o.costs[o.best]
}

// consider works an option out if it may be among the two cheapest, and puts it in its place.
func (b *batch) consider(o *open, i int, a *attempt) {
	if impossible(o.costs[i]) || o.second != none && o.costs[i] > o.costs[o.second] {
		return
	}
	b.refresh(o, i, a)
	switch {
	case impossible(o.costs[i]):
	case o.best == none || o.before(i, o.best):
		o.best, o.second = i, o.best
	case o.second == none || o.before(i, o.second):
		o.second = i
	}
}

func impossible(cost float64) bool { return cost > math.MaxFloat64 }

// before orders exact options by cost, then by start, then by expert.
func (o *open) before(i, k int) bool {
	if x, y := o.costs[i], o.costs[k]; x != y {
		return x < y
	}
	x, y := &o.options[i], &o.options[k]
	if c := x.choice.start.Compare(y.choice.start); c != 0 {
		return c < 0
	}
	return x.m.Expert.ID < y.m.Expert.ID
}

func (b *batch) rankPairs(o *open) {
	a := &attempt{}
	var singles []single
	for i := range o.options {
		b.refresh(o, i, a)
		if !impossible(o.costs[i]) {
			singles = append(singles, single{o.options[i].m, o.costs[i]})
		}
	}
	o.pair, o.rival = o.q.pairs(singles)
	o.regret = min(2*o.leave, o.rival.cost) - o.pair.cost
}

func (o *open) possible() bool {
	if o.q.places() > 1 {
		return o.pair.ok()
	}
	return o.best != none
}

// touched tells whether a job has to be ranked again now that one of its options has another visit: because
// it counted on that expert, or because the visit is near and may make the way to it shorter. Otherwise more
// visits only make an expert's start dearer, so that what was worked out before stays a lower bound.
func (b *batch) touched(x touch, by *question) bool {
	o, op := x.o, &x.o.options[x.i]
	switch {
	case impossible(o.costs[x.i]):
		return false
	case o.q.places() > 1:
		return slices.Contains(o.pair.members[:], op.m) || slices.Contains(o.rival.members[:], op.m)
	case x.i == o.best || x.i == o.second:
		return true
	case o.q.at.dot(by.at) <= o.q.at.dot(op.m.base):
		return false // the base is nearer
	}
	o.costs[x.i] = min(o.costs[x.i], op.floor)
	return o.second == none || o.costs[x.i] <= o.costs[o.second]
}
