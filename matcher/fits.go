package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// attempt is a job tried on one expert. Constraints and costs are functions of it; those about time
// read its slot.
type attempt struct {
	q *question
	m *member
	slot
	plain  bool    // as if the ticket were in no step of escalation
	quiet  bool    // reasons without numbers and words: only whether and which
	asked  bool    // the start was asked for, not found
	km     float64 // by road from the base
	shrink float64 // if not 0: the site is taken to be nearer, at the travel limit
	fixed  float64 // the sum of the costs that are the same at every start, once summed
	summed bool
}

// slot is a visit put at a position of a tour at a start, with all that follows for the tour.
type slot struct {
	tour   *tour
	at     int // before the stop of this index
	start  time.Time
	end    time.Time
	free   time.Time // when the expert could leave: the shift's start or the end of the stop before, not before now and lead
	first  muster.Minutes
	ready  time.Time // when they would be there, leaving then
	way    muster.Leg
	onward muster.Leg
	reach  time.Time // arrival at the next stop, zero if there is none
	added  muster.Minutes
	begins time.Time // the tour's first departure
	home   time.Time // and return
}

// fits is the one test of time: may the visit take place before the stop at a position of a tour, from an
// exact start? It leaves the slot for costs and for a candidate. All tests that involve a time are here,
// whoever asks: ranking, checks, batches.
func (a *attempt) fits(t *tour, at int, start time.Time) bool {
	a.enter(t, at)
	a.put(start)
	return a.inTime()
}

// inTime runs the constraints on the slot.
func (a *attempt) inTime() bool {
	for i := range constraints {
		if c := &constraints[i]; c.timed {
			if r := c.test(a); r.Code != "" && !a.q.allows(r) {
				return false
			}
		}
	}
	return true
}

// enter chooses the position; the start comes with put.
func (a *attempt) enter(t *tour, at int) {
	a.slot = slot{tour: t, at: at, free: t.shift.Start}
	from := a.m.Expert.Base
	if at > 0 {
		from, a.free = t.stops[at-1].Place, doneAt(&t.stops[at-1])
	}
	a.free = later(a.free, a.q.earliest)
	m, km := a.q.Travel.Between(from, a.q.site, a.free)
	a.first = a.nearer(m)
	a.way.Km = km
	a.ready = forward(a.free, a.first.Duration(), t.blocked)
}

// put sets the start and works out what follows.
func (a *attempt) put(start time.Time) {
	t := a.tour
	a.start = start.UTC()
	a.end = a.start.Add(a.q.length)
	a.leave()
	was := t.legs
	if a.at < len(t.stops) {
		next := &t.stops[a.at]
		m, km := a.q.Travel.Between(a.q.site, next.Place, a.end)
		a.onward = muster.Leg{Visit: next.Visit, Travel: a.nearer(m), Km: km}
		a.reach = forward(a.end, a.onward.Travel.Duration(), t.blocked)
		a.home = t.home
	} else {
		m, km := a.q.Travel.Between(a.q.site, a.m.Expert.Base, a.end)
		a.onward = muster.Leg{Travel: a.nearer(m), Km: km}
		a.home = forward(a.end, a.onward.Travel.Duration(), t.pauses)
	}
	a.added = a.way.Travel + a.onward.Travel
	if len(was) > 0 {
		a.added -= was[a.at].travel
	}
	a.begins = t.begins
	if a.at == 0 {
		a.begins = a.way.Depart
	}
}

// leave finds the latest departure for the start. Leaving at once is the common case and costs no question.
func (a *attempt) leave() {
	depart := backward(a.start, a.first.Duration(), a.tour.blocked)
	if !depart.After(a.free) {
		a.way.Depart, a.way.Travel = a.free, a.first
		return
	}
	from := a.m.Expert.Base
	if a.at > 0 {
		from = a.tour.stops[a.at-1].Place
	}
	km := a.way.Km
	a.way = a.q.latest(from, a.q.site, a.start, a.free, a.tour.blocked)
	a.way.Travel = a.nearer(a.way.Travel)
	a.way.Km = km
	if a.shrink != 0 {
		a.way.Depart = later(a.free, backward(a.start, a.way.Travel.Duration(), a.tour.blocked))
	}
}

// nearer shortens the way to a site beyond the travel limit to what it would be at the limit. So whoever
// is too far away is told what else is wrong, and not that no shift is long enough to drive there.
func (a *attempt) nearer(m muster.Minutes) muster.Minutes {
	if a.shrink == 0 {
		return m
	}
	return muster.Minutes(float64(m) * a.shrink)
}

// soonest finds the earliest start at a position that every constraint allows, none before from. It
// jumps from one start that must be waited for to the next: constraints tell what they wait for.
func (a *attempt) soonest(t *tour, at int, from time.Time) bool {
	a.enter(t, at)
	end := a.endOf(t, at)
	start := onGrid(later(from, a.ready))
	for range 200 { // far more jumps than spans in a tour
		if start.After(end) || !start.Before(a.q.until) {
			return false
		}
		a.put(start)
		next := a.waitFor()
		if !next.After(start) {
			return a.inTime()
		}
		start = onGrid(next)
	}
	return false
}

// endOf is an instant after which no start at this position can fit.
func (a *attempt) endOf(t *tour, at int) time.Time {
	end := t.last
	if at < len(t.stops) {
		end = earlier(end, t.stops[at].Start)
	}
	return end.Add(-a.q.length)
}

// waitFor gives the latest of the instants that constraints ask to wait for, or the zero time.
func (a *attempt) waitFor() time.Time {
	var next time.Time
	for i := range constraints {
		c := &constraints[i]
		if c.wait == nil || a.q.allowed != nil && a.q.allowed[c.code] && c.code.Class() != muster.Never {
			continue
		}
		next = later(next, c.wait(a))
	}
	return next
}

// position is where a start belongs among a tour's stops.
func (t *tour) position(start time.Time) int { return position(t.stops, start) }

// position is behind what was planned for the same moment, which is over.
func position(stops []muster.Stop, start time.Time) int {
	at := 0
	for at < len(stops) && !stops[at].Start.After(start) {
		at++
	}
	return at
}
