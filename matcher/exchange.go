package matcher

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher/solve"
)

// exchange is one round: the jobs that look for a place, and the places that there are.
type exchange struct {
	*batch
	asked   []*asked
	left    int // of these
	barred  map[arc]bool
	refused int
}

// asked is a job of a round: one whose visit was given back, or one that was left.
type asked struct {
	*open
	home   *place // where it was; nil if it was left
	within float64
	places []place // all that cost no more than within
}

// place is the cheapest start of one tour. A tour takes one visit a round.
type place struct {
	seat
	cost float64
}

// arc names a place, for one job or, if there is none, for all that weren't there before.
type arc struct {
	o *open
	t *tour
}

// closed tells whether a tour has refused a job in this round.
func (x *exchange) closed(a *asked, t *tour) bool {
	return x.barred[arc{a.open, t}] || x.barred[arc{nil, t}]
}

// exchange takes the n-th visit, in turn, off every tour.
func (b *batch) exchange(n int) *exchange {
	x := &exchange{batch: b, barred: make(map[arc]bool)}
	planned := make(map[muster.TicketID]*open, len(b.all))
	var out []*open
	for _, o := range b.all {
		switch {
		case !o.movable():
		case o.state == chosen:
			planned[o.q.Ticket.ID] = o
		case len(o.options) > 0:
			out = append(out, o)
		}
	}
	if len(planned) == 0 || len(planned)+len(out) < 2 {
		return x // there is nothing to exchange
	}
	for _, m := range b.members {
		for _, t := range m.tours {
			x.takeOff(m, t, planned, n)
		}
	}
	for _, o := range turn(out, n) {
		x.left++
		x.asked = append(x.asked, &asked{open: o, within: math.Inf(1)})
	}
	slices.SortFunc(x.asked, func(a, b *asked) int { return cmp.Compare(a.q.Ticket.ID, b.q.Ticket.ID) })
	return x
}

// turn gives those whose turn it is in the n-th round, the most pressing first.
func turn(left []*open, n int) []*open {
	slices.SortStableFunc(left, func(a, b *open) int { return cmp.Compare(b.q.rate, a.q.rate) })
	if len(left) <= mostLeft {
		return left
	}
	from := n * mostLeft % len(left)
	return left[from:min(from+mostLeft, len(left))]
}

// takeOff takes one of the visits that were planned on a tour off it, another each round.
func (x *exchange) takeOff(m *member, t *tour, planned map[muster.TicketID]*open, n int) {
	var at []int
	for i := range t.stops {
		if o := planned[t.stops[i].Ticket]; o != nil && o.seat.tour == t && t.stops[i].Visit == "" {
			at = append(at, i)
		}
	}
	if len(at) == 0 {
		return
	}
	i := at[n%len(at)]
	o := planned[t.stops[i].Ticket]
	x.changeStops(m, t, slices.Delete(slices.Clone(t.stops), i, i+1))
	x.asked = append(x.asked, &asked{open: o, home: &place{seat: o.seat}})
}

// run solves the round and puts every visit where it belongs. It is not ok if tours refused too often; then all is as before.
func (x *exchange) run() (l Linear, ok bool) {
	share(x.asked, func(a *asked) {
		if a.home != nil {
			a.goHome()
			a.within = a.home.cost
		}
		x.look(a)
	})
	for try := range mostTries {
		l = x.solve()
		if !l.Better() {
			break
		}
		if x.settle(x.chosen(&l), try) {
			return l, true
		}
	}
	ok = !l.Better()
	for _, a := range x.asked {
		if a.home != nil {
			x.put(a.home.m, a.home.tour, a.open, a.home.start)
		}
	}
	return l, ok
}

// goHome works out what it costs to stay.
func (a *asked) goHome() {
	try := a.q.try(a.home.m, true)
	try.steady()
	try.enter(a.home.tour, a.home.tour.position(a.home.start))
	try.put(a.home.start)
	a.home.cost = try.cost()
}

// look lists the places that cost no more than within, and the one at home.
func (x *exchange) look(a *asked) {
	a.places = a.places[:0]
	if a.home != nil {
		a.places = append(a.places, *a.home)
	}
	for i := range a.options {
		op := &a.options[i]
		if a.floor(op) > a.within {
			break // they are in this order
		}
		try := &attempt{q: a.q, m: op.m, quiet: true, km: op.km, fixed: op.fixed, summed: true}
		for _, t := range op.m.tours {
			if !try.open(t) {
				continue
			}
			if op.fixed+a.q.rising(later(t.shift.Start, a.q.earliest))-slack > a.within {
				break // and so are these
			}
			if x.closed(a, t) {
				continue
			}
			best := nothing
			try.openings(t, func(c choice) {
				if c.better(best) {
					best = c
				}
			})
			if best.ok() && best.cost <= a.within {
				a.places = append(a.places, place{seat{op.m, t, best.start}, best.cost})
			}
		}
	}
}

// solve finds the optimum over all places. It begins with those that are no dearer than home; where the prices say that a ticket
// would pay more, those are looked at too. A place that isn't looked at costs more than its ticket would pay, and prices of openings
// are never below 0: so it can't be in a better plan.
func (x *exchange) solve() Linear {
	for {
		l, unit := x.linear()
		answer, err := solve.Solve(context.Background(), &l.Problem)
		if err != nil {
			panic(err) // made by us, and no context that ends
		}
		l.Answer = answer
		var more []*asked
		for i, a := range x.asked {
			if u := answer.TicketDual[i]; unit.minutes(u) > a.within {
				if a.within = unit.minutes(u); u >= unit.all {
					a.within = math.Inf(1) // it is about leaving tickets out
				}
				more = append(more, a)
			}
		}
		if len(more) == 0 {
			l.Refused = x.refused
			return l
		}
		share(more, x.look)
	}
}

// A unit turns costs into integers that are never negative.
type unit struct {
	shift float64
	most  float64 // the largest of them, so that all prices together are no more than the solver takes
	all   int64   // more than all that isn't left out costs together
}

func (u unit) of(minutes float64) int32 {
	return int32(min(math.Round((minutes+u.shift)*100), u.most))
}

func (u unit) minutes(cost int64) float64 { return float64(cost)/100 - u.shift }

// linear writes the round down in integers. All tickets' costs are shifted by the same, which changes no plan's place among others.
func (x *exchange) linear() (Linear, unit) {
	var u unit
	for _, a := range x.asked {
		for _, p := range a.places {
			u.shift = max(u.shift, math.Ceil(-p.cost))
		}
	}
	l := Linear{Left: x.left}
	number := make(map[*tour]int32)
	n := float64(len(x.asked) + 1)
	u.most, u.all = min(math.MaxInt32, math.Floor(mostTotal/n/n)-1), 1
	for i, a := range x.asked {
		dearest := int32(0)
		for _, p := range a.places {
			e, seen := number[p.tour]
			if !seen {
				e = int32(len(number))
				number[p.tour] = e
				l.Problem.Capacity = append(l.Problem.Capacity, 1)
			}
			c := u.of(p.cost)
			dearest = max(dearest, c)
			l.Problem.Arcs = append(l.Problem.Arcs, solve.Arc{Ticket: int32(i), Opening: e, Cost: c})
		}
		u.all += int64(dearest)
	}
	fine := min(1, float64(mostTotal/int64(len(x.asked)+1)/u.all)/mostPressing) // there is no room for all differences in a huge round
	l.Shift = int64(u.shift * 100)
	for _, a := range x.asked {
		price := u.all * max(1, int64(a.q.presses()*fine))
		l.Problem.LeaveOut = append(l.Problem.LeaveOut, price)
		if a.home != nil {
			price = int64(u.of(a.home.cost))
		}
		l.Before += price
	}
	return l, u
}

const (
	mostTotal    = math.MaxInt64 / 8 // what the solver takes as the sum of all prices of leaving out
	oldest       = 200               // days; older tickets press no more than others that are as old as that
	mostPressing = 8 * (2 + oldest)
)

// presses is what leaving a ticket out costs compared with others: priority times age in whole days, as in waitingRate.
func (q *question) presses() float64 {
	since := q.Ticket.QueuedAt
	if since.IsZero() {
		since = q.Ticket.CreatedAt
	}
	days := 0.0
	if !since.IsZero() {
		days = min(max(0, math.Floor(q.Now.Sub(since).Hours()/24)), oldest)
	}
	return 2 * pressing(q.Ticket.Priority) * (2 + days)
}

// chosen are the places of the answer, nil for who is left.
func (x *exchange) chosen(l *Linear) []*place {
	out := make([]*place, len(x.asked))
	k := 0
	for i, a := range x.asked {
		for p := range a.places {
			arc := l.Problem.Arcs[k]
			k++
			if arc.Opening == l.Answer.Opening[i] && (out[i] == nil || a.places[p].cost < out[i].cost) {
				out[i] = &a.places[p]
			}
		}
	}
	return out
}

// settle puts visits where they were chosen to be, those first that stay. What a tour refuses because of what came onto another
// tour of the same expert is barred, and all are taken off again. At first only that ticket is, then all others too: it is often
// the week that is full, whoever comes.
func (x *exchange) settle(to []*place, try int) bool {
	var done []int
	refused := false
	for _, stay := range []bool{true, false} {
		for i, a := range x.asked {
			p := to[i]
			if p == nil || stay != (a.home != nil && a.home.seat == p.seat) {
				continue
			}
			if !stay && !a.q.try(p.m, true).fits(p.tour, p.tour.position(p.start), p.start) {
				no := arc{a.open, p.tour}
				if try > 1 {
					no.o = nil
				}
				x.barred[no] = true
				x.refused++
				refused = true
				continue
			}
			x.put(p.m, p.tour, a.open, p.start)
			done = append(done, i)
		}
	}
	if refused {
		for _, i := range done {
			p, id := to[i], x.asked[i].q.Ticket.ID
			x.changeStops(p.m, p.tour, slices.DeleteFunc(slices.Clone(p.tour.stops), func(s muster.Stop) bool { return s.Ticket == id && s.Visit == "" }))
		}
		share(x.asked, func(a *asked) {
			a.places = slices.DeleteFunc(a.places, func(p place) bool { return x.closed(a, p.tour) && (a.home == nil || p.seat != a.home.seat) })
		})
		return false
	}
	for i, a := range x.asked {
		if to[i] == nil {
			a.state = left
			continue
		}
		a.state, a.open.seat = chosen, to[i].seat
	}
	return true
}
