package matcher

import (
	"math"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// try prepares an attempt.
func (q *question) try(m *member, quiet bool) *attempt {
	a := &attempt{}
	q.reset(a, m, quiet)
	return a
}

func (q *question) reset(a *attempt, m *member, quiet bool) {
	*a = attempt{q: q, m: q.view(m), quiet: quiet}
	_, a.km = q.Travel.Between(m.Expert.Base, q.site, q.Now)
	if limit := m.limits.TravelKm + q.Wider.TravelKm; a.km > limit && !q.allowed[muster.TooFar] {
		a.shrink = limit / a.km
	}
}

// view leaves out the stops that don't count for a job: those of the visit that is being moved, and
// holds if somebody set them aside.
func (q *question) view(m *member) *member {
	holds := q.allowed[muster.HeldByOther]
	if q.Ignore == "" && !holds {
		return m
	}
	out := func(s muster.Stop) bool { return s.Visit == q.Ignore || holds && s.Held() }
	seen := *m
	seen.tours = slices.Clone(m.tours)
	for i, t := range m.tours {
		if slices.ContainsFunc(t.stops, out) {
			less := *t
			less.stops = slices.DeleteFunc(slices.Clone(t.stops), out)
			less.legs = nil
			q.measure(m, &less)
			seen.tours[i] = &less
		}
	}
	seen.busy = nil
	seen.sumUp()
	return &seen
}

// choice is a slot in brief.
type choice struct {
	tour  *tour
	at    int
	start time.Time
	cost  float64
}

var nothing = choice{cost: math.Inf(1)}

func (c choice) ok() bool { return c.tour != nil }

// better orders choices: by cost, then the earlier.
func (c choice) better(o choice) bool {
	return c.cost < o.cost || c.cost == o.cost && o.tour != nil && c.start.Before(o.start)
}

// cheapest finds the cheapest start of an expert, by looking at the earliest start of each opening. Tours
// are in order of time, and with time only the costs of waiting and lateness are sure to rise: it ends
// when these alone are more than the best found.
func (a *attempt) cheapest() choice {
	if !a.q.Start.IsZero() {
		return a.exactly(a.q.Start)
	}
	a.steady()
	best := nothing
	for _, t := range a.m.tours {
		if !a.open(t) {
			continue
		}
		from := later(t.shift.Start, a.q.earliest)
		if best.ok() && a.fixed+a.q.rising(from)-slack > best.cost {
			break
		}
		a.openings(t, func(c choice) {
			if c.better(best) {
				best = c
			}
		})
	}
	return best
}

// open tells in a few comparisons whether it is worth looking into a tour.
func (a *attempt) open(t *tour) bool {
	q := a.q
	if t.closed || !t.shift.Start.Before(q.until) || t.onCall && !q.urgent && !q.Wider.OnCall && !q.allowed[muster.NotOnCall] {
		return false
	}
	if len(t.stops) >= a.m.limits.VisitsPerTour+q.Wider.Visits && !q.allowed[muster.OverCapacity] {
		return false
	}
	if !t.last.After(q.earliest) {
		return false
	}
	if len(q.windows) == 0 || q.allowed[muster.AfterWindow] {
		return !q.lapsed || q.allowed[muster.AfterWindow]
	}
	return slices.ContainsFunc(q.windows, func(w muster.Window) bool { return w.Start.Before(t.last) && w.End.After(t.shift.Start) })
}

// openings calls back for the earliest start of each opening of a tour, in each of the customer's windows.
func (a *attempt) openings(t *tour, found func(choice)) {
	for at := 0; at <= len(t.stops); at++ {
		if at < len(t.stops) && !a.q.earliest.Before(t.stops[at].Start) {
			continue // in the past
		}
		if len(a.q.windows) < 2 || a.q.allowed[muster.AfterWindow] {
			if a.soonest(t, at, a.q.earliest) {
				found(choice{t, at, a.start, a.cost()})
			}
			continue
		}
		var last time.Time
		for _, w := range a.q.windows {
			if a.soonest(t, at, w.Start) && a.start.After(last) {
				found(choice{t, at, a.start, a.cost()})
				last = a.start
			}
		}
	}
}

// exactly finds the cheapest tour for one start.
func (a *attempt) exactly(start time.Time) choice {
	a.asked = true
	defer func() { a.asked = false }()
	a.steady()
	best := nothing
	for _, t := range a.m.tours {
		if !t.closed && a.around(t, start) && a.fits(t, t.position(start), start) {
			if c := (choice{t, a.at, start, a.cost()}); c.better(best) {
				best = c
			}
		}
	}
	return best
}

// around tells whether a start may belong to a tour.
func (a *attempt) around(t *tour, start time.Time) bool {
	return !start.Before(t.shift.Start) && !start.After(t.last)
}

// next finds the earliest start at or after an instant, whatever it costs; for crews, who need one together.
func (a *attempt) next(from time.Time) choice {
	a.steady()
	best := nothing
	for _, t := range a.m.tours {
		if !a.open(t) || t.last.Before(from) {
			continue
		}
		if best.ok() && t.shift.Start.After(best.start) {
			break
		}
		for at := 0; at <= len(t.stops); at++ {
			if a.soonest(t, at, from) && (!best.ok() || a.start.Before(best.start)) {
				best = choice{t, at, a.start, a.cost()}
			}
		}
	}
	return best
}

// settle puts the attempt back on a choice.
func (a *attempt) settle(c choice) {
	a.enter(c.tour, c.at)
	a.put(c.start)
}

// candidate tells the slot in the words of the root package.
func (a *attempt) candidate() muster.Candidate {
	t, e := a.tour, a.m.Expert
	c := muster.Candidate{
		Expert: e.ID, Name: e.Name, Tour: muster.TourOf(e.ID, t.shift.Start),
		Start: a.start, End: a.end, Depart: a.way.Depart.UTC(), Travel: a.way.Travel, Km: a.way.Km,
		Terms: a.terms(), Shift: t.shift, OnCall: t.onCall, Breaks: t.breaks, Index: a.at,
	}
	if t.record != nil {
		c.Tour = t.record.ID
		c.Shift = muster.Window{Start: t.record.Start, End: t.record.End}
	}
	for _, term := range c.Terms {
		c.Cost += term.Minutes
	}
	c.Beyond = a.beyond()
	c.Cost = cents(c.Cost)
	if next := a.nextStop(); next != nil {
		way := a.q.latest(a.q.site, next.Place, next.Start, a.end, t.blocked)
		c.Onward = muster.Leg{Visit: next.Visit, Start: next.Start, Depart: way.Depart.UTC(), Travel: way.Travel, Km: way.Km}
	}
	return c
}
