package matcher

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher/solve"
)

// Linear is the linear problem of one round, with the answer that is claimed to be its optimum: whoever commits what follows from
// it has matcher/check look first. The certificate is for this problem alone: that these tickets can't be given to these openings,
// one to each, any cheaper. Costs are hundredths of a minute.
type Linear struct {
	Problem solve.Problem
	Answer  *solve.Plan
	Before  int64 // what it costs to leave everything where it was
	Shift   int64 // what each place costs more here than in truth, so that none costs less than nothing
	Left    int   // how many tickets it asked for a place that had none before
	Refused int   // places that a tour refused because of what came onto another of the same expert; they are no arcs any more
}

// Better tells whether the round changed anything.
func (l *Linear) Better() bool { return l.Answer.Cost < l.Before }

// worth tells whether it changed much: a ticket more has a place, or a tenth of a minute was saved for each.
func (l *Linear) worth() bool {
	return l.Answer.Unassigned < l.Left || l.Before-l.Answer.Cost >= 10*int64(len(l.Problem.LeaveOut))
}

const (
	// mostRounds is how many rounds one call makes. Most of what can be gained is gained in the first few.
	mostRounds = 8
	// mostLeft is how many of the tickets that nobody could take one round looks at: all in turn, the most pressing first.
	mostLeft = 500
	// mostIdle is how many rounds on end may change little.
	mostIdle = 2
	// mostTries is how often one round is solved because tours refuse something.
	mostTries = 8
)

// Rounds plans like Batch, then takes up again what was planned. In each round every tour gives back one of the visits that were
// planned on it, so that it is open for one, and an exact solver gives these, and those that were left, to the tours at least total
// cost. To leave one out costs more than all else together, in proportion to priority and age. A plan can only become cheaper by
// it. It ends when little changes any more, or after some rounds; then whoever was left and can come by now is planned, too.
// Crews, and visits whose start was asked for, stay.
//
// The second answer are the linear problems of the rounds, in their order.
func (w *World) Rounds(jobs []Job, people []Person) (muster.Plan, []Linear) {
	b := w.newBatch(jobs, people)
	before := b.stops()
	plan := muster.Plan{Choices: b.byRegret()}
	rounds := b.improve()
	if slices.ContainsFunc(rounds, func(l Linear) bool { return l.Better() }) {
		more := b.byRegret() // who was left, and for whom the moves have made room
		plan.Choices = b.replay(append(plan.Choices, more...), before)
	}
	plan.Left = b.leftovers()
	return plan, rounds
}

// improve makes rounds until they change little.
func (b *batch) improve() []Linear {
	var out []Linear
	idle := 0
	for n := range mostRounds {
		x := b.exchange(n)
		if len(x.asked) == 0 {
			break
		}
		l, ok := x.run()
		if ok {
			out = append(out, l)
		}
		if idle++; ok && l.worth() {
			idle = 0
		}
		if idle == mostIdle {
			break
		}
	}
	return out
}

// stops are those of each tour now. They are never changed in place.
func (b *batch) stops() map[*tour][]muster.Stop {
	out := make(map[*tour][]muster.Stop)
	for _, m := range b.members {
		for _, t := range m.tours {
			out[t] = t.stops
		}
	}
	return out
}

// replay carries the plan out once more from the beginning, so that each candidate tells its ways as they are when those before it
// have come onto the tours: first those who were chosen, in their order, then those who were left before.
func (b *batch) replay(choices []muster.Choice, before map[*tour][]muster.Stop) []muster.Choice {
	for _, m := range b.members {
		for _, t := range m.tours {
			b.changeStops(m, t, before[t])
		}
	}
	people := make(map[muster.ExpertID]*member, len(b.members))
	for _, m := range b.members {
		people[m.Expert.ID] = m
	}
	jobs := make(map[muster.TicketID]*open, len(b.all))
	for _, o := range b.all {
		jobs[o.q.Ticket.ID] = o
	}
	out := make([]muster.Choice, 0, len(choices))
	told := make(map[*open]bool, len(choices))
	for _, c := range choices {
		o := jobs[c.Ticket]
		was := told[o] // it lost its place and got another
		told[o] = true
		switch {
		case o.state != chosen, was && o.movable():
			continue
		case o.movable():
			out = append(out, b.seated(o, &c))
		default: // where it was, but the ways around it may have changed
			m := people[c.Candidate.Expert]
			a := o.q.try(m, true)
			a.settle(a.exactly(c.Candidate.Start))
			c.Candidate = a.candidate()
			out = append(out, c)
			b.give(m, o, choice{tour: a.tour, start: a.start})
		}
	}
	for _, o := range b.all {
		if o.state == chosen && !told[o] {
			out = append(out, b.seated(o, nil))
		}
	}
	return out
}

// seated is the choice that a job's seat is, which it takes. was is the choice that was made for it before, if there was one.
func (b *batch) seated(o *open, was *muster.Choice) muster.Choice {
	s := o.seat
	a := o.q.try(s.m, true)
	a.steady()
	a.enter(s.tour, s.tour.position(s.start))
	a.put(s.start)
	c := muster.Choice{Ticket: o.q.Ticket.ID, Place: o.q.Place, Candidate: a.candidate(), Rank: 1}
	if was != nil && was.Candidate.Expert == c.Candidate.Expert && was.Candidate.Start.Equal(c.Candidate.Start) {
		c.Regret, c.Rank = was.Regret, was.Rank
	} else {
		c.Regret, c.Rank = b.standing(o, a.cost())
	}
	b.put(s.m, s.tour, o, s.start)
	return c
}

// standing says how many experts are cheaper for a job than what it got, and one more; and what the cheapest other costs more.
func (b *batch) standing(o *open, cost float64) (regret float64, rank int) {
	rank = 1
	next := o.leave
	a := &attempt{}
	for i := range o.options {
		op := &o.options[i]
		if o.floor(op) > next {
			break
		}
		if op.m == o.seat.m {
			continue
		}
		b.refresh(o, i, a)
		if o.costs[i] < cost {
			rank++
		}
		next = min(next, o.costs[i])
	}
	return cents(max(0, next-cost)), rank
}

// movable tells whether rounds may give a job another place.
func (o *open) movable() bool {
	q := o.q
	return q.places() == 1 && len(q.Crew) == 0 && q.Start.IsZero() && q.Ignore == "" && len(q.Allowed) == 0
}

// floor is what an expert costs at least, whatever else is on their tours.
func (o *open) floor(op *option) float64 { return op.fixed + o.q.atBest() - slack }

// seat is where a job is planned.
type seat struct {
	m     *member
	tour  *tour
	start time.Time
}
