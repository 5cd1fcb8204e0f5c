package matcher

import (
	"cmp"
	"container/heap"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

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
	b := w.newBatch(jobs, people)
	return muster.Plan{Choices: b.byRegret(), Left: b.leftovers()}
}

func (w *World) newBatch(jobs []Job, people []Person) *batch {
	b := &batch{scene: w.scene(people)}
	b.ask(jobs)
	b.look()
	return b
}

// byRegret makes choices until nobody is left who can come for those that are.
func (b *batch) byRegret() []muster.Choice {
	out := []muster.Choice{}
	heap.Init(b)
	for {
		for b.Len() > 0 {
			o := heap.Pop(b).(*open)
			if !o.possible() {
				o.state = left
				continue
			}
			out = append(out, b.choose(o)...)
		}
		if !b.again() {
			return out
		}
	}
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
	seat    seat // where it was planned, if it is for one expert
}

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
	share(b.all, func(o *open) {
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

// share does something with each, on all processors. A panic over one is the caller's: in a goroutine of its own it would end
// the process.
func share[T any](all []T, do func(T)) {
	var wg sync.WaitGroup
	var broke atomic.Value
	n := runtime.GOMAXPROCS(0)
	for k := range n {
		wg.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					broke.CompareAndSwap(nil, fmt.Sprint(p))
				}
			}()
			for i := k; i < len(all); i += n {
				do(all[i])
			}
		})
	}
	wg.Wait()
	if p := broke.Load(); p != nil {
		panic(p)
	}
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
		o.seat = seat{m, b.give(m, o, c), c.start}
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

// give puts the visit on the member's tour, which it returns, and ranks the jobs again that this touches.
func (b *batch) give(m *member, o *open, c choice) *tour {
	t := m.same(c.tour) // a question that leaves stops out chose on a copy of the tour
	if o.q.Ignore != "" {
		t.stops = slices.DeleteFunc(slices.Clone(t.stops), func(s muster.Stop) bool { return s.Visit == o.q.Ignore })
	}
	b.put(m, t, o, c.start)
	for _, x := range b.by[m] {
		if x.o.state != pending || x.o == o {
			continue
		}
		if b.touched(x, o.q) {
			b.rank(x.o)
			heap.Fix(b, x.o.index)
		}
	}
	return t
}

// same finds a tour of the member's by one that may be a copy of it.
func (m *member) same(as *tour) *tour {
	for _, t := range m.tours {
		if t.record == as.record && t.shift.Start.Equal(as.shift.Start) {
			return t
		}
	}
	return as
}

// put adds a stop. It changes no slice of stops that there was.
func (b *batch) put(m *member, t *tour, o *open, start time.Time) {
	stop := muster.Stop{
		Ticket: o.q.Ticket.ID, Assignment: "planned", // it has no visit yet
		Place: o.q.site, Start: start, End: start.Add(o.q.length),
	}
	b.changeStops(m, t, slices.Insert(slices.Clone(t.stops), t.position(start), stop))
}

// changeStops gives a tour other stops.
func (b *batch) changeStops(m *member, t *tour, stops []muster.Stop) {
	t.stops = stops
	b.measure(m, t)
	m.sumUp()
	m.version++
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
