package matcher

import (
	"cmp"
	"container/heap"
	"math"
	"runtime"
	"slices"
	"sync"

	"github.com/sysopssquad/muster"
)

// Batch plans many jobs at once, one after the other by largest regret: what the second best choice would
// cost more than the best, where there is no second what leaving the ticket out would cost more. After each
// choice the tours it touched are looked at again. A crew of two is chosen whole or not at all.
//
// Give one job for each ticket, or for one place of a crew of which others are found; of several jobs
// for one ticket without a crew the first counts. The answer depends on neither order: equal regrets are
// taken by ticket id, equal costs by start and expert id.
func (w *World) Batch(jobs []Job, people []Person) muster.Plan {
	b := &batch{scene: w.scene(people)}
	b.ask(jobs)
	b.look()
	plan := muster.Plan{Choices: []muster.Choice{}, Left: []muster.Leftover{}}
	heap.Init(b)
	for {
		for b.Len() > 0 {
			o := heap.Pop(b).(*open)
			if !o.possible() {
				o.state = left
				continue
			}
			plan.Choices = append(plan.Choices, b.choose(o)...)
		}
		if !b.again() {
			break
		}
	}
	plan.Left = b.leftovers()
	return plan
}

// batch is a plan in the making; as a heap it orders the open jobs by regret.
type batch struct {
	*scene
	all  []*open
	heap []*open
	by   map[*member][]touch // which options are somebody's
}

// touch names an option of an open job.
type touch struct {
	o *open
	i int
}

type state int

const (
	pending state = iota
	chosen
	left
)

// open is a job that has no choice yet.
type open struct {
	q       *question
	options []option  // by what they cost without the way
	costs   []float64 // of these; infinite: there is no start. Apart, because every choice reads many of them
	best    int       // index of the cheapest option, or none
	second  int
	pair    pair // of a crew of two, in place of best and second
	rival   pair
	regret  float64
	leave   float64
	index   int // in the heap
	state   state
}

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

// ask prepares the questions, by ticket and place.
func (b *batch) ask(jobs []Job) {
	jobs = slices.Clone(jobs)
	slices.SortStableFunc(jobs, func(x, y Job) int {
		if c := cmp.Compare(x.Ticket.ID, y.Ticket.ID); c != 0 {
			return c
		}
		return cmp.Compare(x.Place, y.Place)
	})
	for i, j := range jobs {
		if i > 0 && j.Ticket.ID == jobs[i-1].Ticket.ID && len(j.Crew) == 0 {
			continue
		}
		q := b.question(j)
		b.all = append(b.all, &open{q: q, leave: q.leftOut(), best: none, second: none})
	}
}

// look finds the options of every job and ranks them. Jobs don't touch one another here, so that
// they are shared out among the processors.
func (b *batch) look() {
	index := b.indexSkills()
	b.share(func(o *open) {
		b.findOptions(o, index)
		b.rank(o)
	})
	b.by = map[*member][]touch{}
	for _, o := range b.all {
		for i := range o.options {
			m := o.options[i].m
			b.by[m] = append(b.by[m], touch{o, i})
		}
		b.Push(o)
	}
}

func (b *batch) share(do func(*open)) {
	var wg sync.WaitGroup
	n := runtime.GOMAXPROCS(0)
	for k := range n {
		wg.Go(func() {
			for i := k; i < len(b.all); i += n {
				do(b.all[i])
			}
		})
	}
	wg.Wait()
}

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
		if !q.allowed[muster.TooFar] && m.base.dot(q.at) < m.reach {
			continue
		}
		q.reset(a, m, true)
		if !a.eligible() {
			continue
		}
		a.steady()
		floor := a.fixed + q.atBest()
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
		op.floor = op.fixed + o.q.rising(op.choice.start)
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

// choose takes the best of a job: its experts get the visit, and whoever counted on them looks again.
func (b *batch) choose(o *open) []muster.Choice {
	o.state = chosen
	var out []muster.Choice
	take := func(m *member, c choice, place int) {
		a := o.q.try(m, true)
		a.settle(c)
		out = append(out, muster.Choice{
			Ticket: o.q.Ticket.ID, Place: place, Candidate: a.candidate(), Regret: cents(o.regret), Rank: 1,
		})
		b.give(m, o, c)
	}
	if o.q.places() > 1 {
		take(o.pair.members[0], o.pair.choices[0], 0)
		take(o.pair.members[1], o.pair.choices[1], 1)
		return out
	}
	best := o.options[o.best]
	take(best.m, best.choice, o.q.Place)
	return out
}

// give puts the visit on the member's tour and ranks the jobs again that this touches.
func (b *batch) give(m *member, o *open, c choice) {
	t := c.tour
	for _, own := range m.tours { // a question that leaves stops out chose on a copy of the tour
		if own.shift.Start.Equal(c.tour.shift.Start) && own.record == c.tour.record {
			t = own
		}
	}
	if o.q.Ignore != "" {
		t.stops = slices.DeleteFunc(t.stops, func(s muster.Stop) bool { return s.Visit == o.q.Ignore })
	}
	stop := muster.Stop{
		Ticket: o.q.Ticket.ID, Assignment: "planned", // it has no visit yet
		Place: o.q.site, Start: c.start, End: c.start.Add(o.q.length),
	}
	t.stops = slices.Insert(slices.Clone(t.stops), t.position(stop.Start), stop)
	b.measure(m, t)
	m.sumUp()
	m.version++
	for _, x := range b.by[m] {
		if x.o.state != pending || x.o == o {
			continue
		}
		if b.touched(x, o.q) {
			b.rank(x.o)
			heap.Fix(b, x.o.index)
		}
	}
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

// again looks a last time at the jobs that were left: a visit on the way may have made one possible.
func (b *batch) again() bool {
	found := false
	a := &attempt{}
	for _, o := range b.all {
		if o.state != left || len(o.options) == 0 {
			continue
		}
		for i := range o.options {
			b.refresh(o, i, a)
		}
		if b.rank(o); o.possible() {
			o.state = pending
			heap.Push(b, o)
			found = true
		}
	}
	return found
}

func (b *batch) Len() int { return len(b.heap) }

func (b *batch) Less(i, j int) bool {
	x, y := b.heap[i], b.heap[j]
	if x.regret != y.regret {
		return x.regret > y.regret
	}
	if x.q.Ticket.ID != y.q.Ticket.ID {
		return x.q.Ticket.ID < y.q.Ticket.ID
	}
	return x.q.Place < y.q.Place
}

func (b *batch) Swap(i, j int) {
	b.heap[i], b.heap[j] = b.heap[j], b.heap[i]
	b.heap[i].index, b.heap[j].index = i, j
}

// Push adds a job.
func (b *batch) Push(x any) {
	o := x.(*open)
	o.index = len(b.heap)
	b.heap = append(b.heap, o)
}

// Pop removes the last.
func (b *batch) Pop() any {
	o := b.heap[len(b.heap)-1]
	b.heap = b.heap[:len(b.heap)-1]
	return o
}
