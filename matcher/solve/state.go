package solve

import (
	"context"
	"math"
)

const (
	free = -2 // a ticket that nothing is decided about yet
	gone = -3 // a ticket that was taken back
	far  = int64(math.MaxInt64)
)

// state is an assignment with prices while it is worked on. Between two searches this holds: every reduced cost is
// non-negative, tickets are on arcs (or left out) that are the cheapest for them at the present prices, and no opening has more
// than its capacity. What is missing for an optimum is then only that some tickets are free and that some openings with
// room have a price above 0.
type state struct {
	rows
	leave   []int64 // of each ticket
	highest int64   // of them
	price   []int64 // v, of each opening; highest where the capacity is 0, so that nobody goes there
	at      []int32 // the opening of each ticket, Left or free
	own     []int32 // what the ticket's arc costs, where it is at an opening
	slot    []int32 // its place among those of the opening

	capacity []int32 // of each opening
	room     []int32 // the same, but at most one more than there are arcs to it
	used     []int32
	base     []int32 // where its tickets begin in held
	held     []int32
	slots    []int32 // how many places there are in held; nil: as many as room

	logged bool    // whether put keeps the log
	log    []int32 // tickets that were put somewhere

	search search
	cols   cols
}

// newState makes room for everything; all tickets are free and all prices 0.
func newState(r rows, leave []int64, capacity []int32, highest int64) *state {
	tickets, openings := len(leave), len(capacity)
	words := make([]int32, 3*tickets+3*openings)
	cut := func(n int) []int32 {
		out := words[:n:n]
		words = words[n:]
		return out
	}
	s := &state{
		rows: r, leave: leave, highest: highest, price: make([]int64, openings), capacity: capacity,
		at: cut(tickets), own: cut(tickets), slot: cut(tickets), room: cut(openings), used: cut(openings), base: cut(openings),
	}
	for t := range s.at {
		s.at[t] = free
	}
	copy(s.room, capacity)
	var sum int64
	for e, c := range s.room {
		sum += int64(c)
		if c == 0 {
			s.price[e] = highest
		}
	}
	if sum > int64(len(r.arcs)) { // more room than anybody can use
		arcs := make([]int32, openings)
		for _, a := range r.arcs {
			arcs[a.opening()]++
		}
		for e, n := range arcs {
			s.room[e] = min(s.room[e], n+1) // so it is never full, and needs no price
		}
	}
	slots := int32(0)
	for e, c := range s.room {
		s.base[e] = slots
		slots += c
	}
	s.held = make([]int32, slots)
	return s
}

// put places a ticket that is nowhere.
func (s *state) put(t, e, cost int32) {
	n := s.used[e]
	s.held[s.base[e]+n] = t
	s.at[t], s.own[t], s.slot[t], s.used[e] = e, cost, n, n+1
	if s.logged {
		s.log = append(s.log, t)
	}
}

// take removes a ticket from its opening.
func (s *state) take(t int32) {
	e := s.at[t]
	n := s.used[e] - 1
	last := s.held[s.base[e]+n]
	s.held[s.base[e]+s.slot[t]] = last
	s.slot[last] = s.slot[t]
	s.used[e], s.at[t] = n, free
}

// out leaves a ticket out that is nowhere.
func (s *state) out(t int32) {
	s.at[t] = Left
	if s.logged {
		s.log = append(s.log, t)
	}
}

// holders are the tickets at an opening.
func (s *state) holders(e int32) []int32 { return s.held[s.base[e] : s.base[e]+s.used[e]] }

// dual is u of a ticket that is decided about.
func (s *state) dual(t int32) int64 {
	if e := s.at[t]; e >= 0 {
		return int64(s.own[t]) + s.price[e]
	}
	return s.leave[t]
}

// cheapest is the least that a ticket costs at the present prices, and the arc, or none if that is to leave it out.
func (s *state) cheapest(t int32) (cost int64, best arc, ok bool) {
	cost = s.leave[t]
	for _, a := range s.of(t) {
		w := a.cost() + s.price[a.opening()]
		if w < cost || ok && w == cost && a.opening() < best.opening() {
			cost, best, ok = w, a, true
		}
	}
	return cost, best, ok
}

// exact makes the state's promise true after an auction: tickets stay where nothing is cheaper at the present prices, and the others
// are free.
func (s *state) exact() {
	clear(s.used)
	for i, e := range s.at {
		t := int32(i)
		if e == gone {
			continue
		}
		least, _, ok := s.cheapest(t)
		s.at[t] = free
		if e >= 0 && int64(s.own[t])+s.price[e] == least {
			s.put(t, e, s.own[t])
		} else if !ok {
			s.at[t] = Left
		}
	}
}

// often is after how many searches somebody looks whether the work is still wanted.
const often = 16

// settleUntil decides about free tickets until all are decided about or searches have taken up most openings.
func (s *state) settleUntil(ctx context.Context, most int) (bool, error) {
	most += s.search.pops
	n := 0
	for t := range s.at {
		if s.at[t] != free {
			continue
		}
		if n++; n%often == 1 && ctx.Err() != nil {
			return false, ctx.Err()
		}
		if s.settle(int32(t)); s.search.pops > most {
			return false, nil
		}
	}
	return true, nil
}

// settleAll decides about all free tickets, and fills or cheapens every opening that has room at a price. Then the
// plan is optimal.
func (s *state) settleAll(ctx context.Context) error {
	if _, err := s.settleUntil(ctx, 1<<60); err != nil {
		return err
	}
	for e := range s.price {
		if e%often == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		s.offerAll(int32(e))
	}
	return nil
}

// offerAll offers all the room that an opening has at a price.
func (s *state) offerAll(e int32) {
	for s.price[e] > 0 && s.used[e] < s.room[e] {
		s.offer(e)
	}
}
