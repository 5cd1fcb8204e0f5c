package solve

import (
	"context"
	"fmt"
	"math"
	"slices"
)

// A solved round changes a little at a time: a ticket comes or goes, an expert leaves, a cost changes. Each method here restores what
// state promises (all reduced costs non-negative) and leaves a few tickets free or a few openings with room at a price; Resolve then
// needs a search for each of these. Numbers are those of the problem; new tickets get the next ones.

// AddTicket adds a ticket with its arcs, whose Ticket is ignored, and returns its number.
func (s *Solver) AddTicket(leaveOut int64, arcs []Arc) (int32, error) {
	st := s.state
	t := int32(len(st.at))
	who := fmt.Sprintf("ticket %d", t)
	if t == math.MaxInt32 || len(st.arcs)+len(arcs) > math.MaxInt32 {
		return 0, bad("more than 2147483647 tickets or arcs", "%s", who)
	}
	if err := s.affordable(who, leaveOut, len(st.at)+1); err != nil {
		return 0, err
	}
	for i, a := range arcs {
		if uint(a.Opening) >= uint(len(st.price)) || a.Cost < 0 {
			return 0, bad(fmt.Sprintf("opening %d at %d; there are %d openings, and costs are 0 or more", a.Opening, a.Cost, len(st.price)), "%s, arc %d", who, i)
		}
	}
	s.begin()
	if s.rankT != nil {
		s.rankT = append(s.rankT, t)
	}
	st.first = append(st.first, int32(len(st.arcs)))
	for _, a := range arcs {
		e := s.inside(a.Opening)
		st.arcs = append(st.arcs, packed(a.Cost, e))
		st.cols.late[e] = append(st.cols.late[e], packed(a.Cost, t))
		if st.room[e] < st.capacity[e] {
			st.resize(e, st.room[e]+1)
		}
	}
	st.last = append(st.last, int32(len(st.arcs)))
	st.leave, st.at, st.own, st.slot = append(st.leave, 0), append(st.at, free), append(st.own, 0), append(st.slot, 0)
	st.setLeave(t, leaveOut)
	s.todo = append(s.todo, t)
	return t, nil
}

// RemoveTicket takes a ticket back. Its number stays, as one that is left out and costs nothing.
func (s *Solver) RemoveTicket(ticket int32) error {
	t, err := s.ticket(ticket)
	if err != nil {
		return err
	}
	s.begin()
	st := s.state
	s.leaves(t)
	st.at[t], st.last[t], st.leave[t] = gone, st.first[t], 0
	return nil
}

// SetLeaveOut changes what leaving a ticket out costs.
func (s *Solver) SetLeaveOut(ticket int32, leaveOut int64) error {
	t, err := s.ticket(ticket)
	if err != nil {
		return err
	}
	if err := s.affordable(fmt.Sprintf("ticket %d", ticket), leaveOut, len(s.state.at)); err != nil {
		return err
	}
	s.begin()
	st := s.state
	before := st.leave[t]
	st.setLeave(t, leaveOut)
	if st.at[t] == Left && leaveOut > before || st.at[t] >= 0 && st.dual(t) > leaveOut {
		s.release(t)
	}
	return nil
}

// SetCapacity changes how many tickets an opening takes; 0 closes it, as when an expert leaves.
func (s *Solver) SetCapacity(opening, capacity int32) error {
	st := s.state
	if uint(opening) >= uint(len(st.price)) {
		return bad(fmt.Sprintf("there are only %d", len(st.price)), "opening %d", opening)
	}
	if capacity < 0 {
		return bad(fmt.Sprintf("its capacity is %d, less than nothing", capacity), "opening %d", opening)
	}
	s.begin()
	e := s.inside(opening)
	closed := st.room[e] == 0
	st.capacity[e] = capacity
	for st.used[e] > capacity {
		s.release(st.held[st.base[e]+st.used[e]-1])
	}
	arcs, late := st.cols.of(e), st.cols.since(e)
	st.resize(e, int32(min(int(capacity), len(arcs)+len(late)+1)))
	switch {
	case capacity == 0:
		st.price[e] = st.highest // nobody is there, so a higher price breaks nothing
	case closed:
		// The lowest price at which nobody would rather be here than where they are.
		price := int64(0)
		for _, a := range slices.Concat(arcs, late) {
			if t := int32(a.opening()); st.at[t] != gone && st.at[t] != free {
				price = max(price, st.dual(t)-a.cost())
			}
		}
		st.price[e] = price
	}
	s.offers = append(s.offers, e)
	return nil
}

// SetCost changes what an arc costs; all of them if there are several between the two.
func (s *Solver) SetCost(ticket, opening, cost int32) error {
	t, err := s.ticket(ticket)
	if err != nil {
		return err
	}
	st := s.state
	if uint(opening) >= uint(len(st.price)) {
		return bad(fmt.Sprintf("there are only %d", len(st.price)), "opening %d", opening)
	}
	if cost < 0 {
		return bad(fmt.Sprintf("its cost is %d, less than nothing", cost), "arc (ticket %d, opening %d)", ticket, opening)
	}
	e := s.inside(opening)
	found := false
	for i, a := range st.of(t) {
		if int32(a.opening()) == e {
			if !found {
				s.begin()
				found = true
			}
			st.of(t)[i] = packed(cost, e)
		}
	}
	if !found {
		return bad("there is no such arc", "arc (ticket %d, opening %d)", ticket, opening)
	}
	for _, col := range [][]arc{st.cols.of(e), st.cols.since(e)} {
		for i, a := range col {
			if int32(a.opening()) == t {
				col[i] = packed(cost, t)
			}
		}
	}
	switch at := st.at[t]; {
	case at == e && cost < st.own[t]:
		st.own[t] = cost // all the better where it is
	case at == e && cost == st.own[t] || at == free:
	case at == e || int64(cost)+st.price[e] < st.dual(t):
		s.release(t)
	}
	return nil
}

// Resolve mends the plan after changes, by a search for each ticket and opening that they touched, and returns the tickets that may be at
// another opening than before, in no order. If ctx ends first the rest is left for the next Resolve.
func (s *Solver) Resolve(ctx context.Context) ([]int32, error) {
	st := s.state
	s.begin()
	for ; len(s.todo) > 0; s.todo = s.todo[:len(s.todo)-1] {
		if err := ctx.Err(); err != nil {
			return s.moved(), err
		}
		if t := s.todo[len(s.todo)-1]; st.at[t] == free {
			st.settle(t)
		}
	}
	for ; len(s.offers) > 0; s.offers = s.offers[:len(s.offers)-1] {
		if err := ctx.Err(); err != nil {
			return s.moved(), err
		}
		st.offerAll(s.offers[len(s.offers)-1])
	}
	return s.moved(), nil
}

// Plan is the present plan, optimal if no changes wait for Resolve.
func (s *Solver) Plan() *Plan { return s.plan(len(s.todo) == 0 && len(s.offers) == 0 && s.solved) }

// moved are the tickets of the log, each once, by their outer numbers.
func (s *Solver) moved() []int32 {
	out := slices.Clone(s.state.log)
	s.state.log = s.state.log[:0]
	slices.Sort(out)
	out = slices.Compact(out)
	if s.rankT != nil {
		if len(s.backT) != len(s.rankT) {
			s.backT = inverse(s.rankT)
		}
		for i, t := range out {
			out[i] = s.backT[t]
		}
	}
	return out
}

// begin gets a solver that has been solved ready to be changed.
func (s *Solver) begin() {
	st := s.state
	if !s.solved {
		// Everything is still to be decided; a first Resolve does it one by one.
		for t, e := range st.at {
			if e == free {
				s.todo = append(s.todo, int32(t))
			}
		}
		for e := range st.price {
			s.offers = append(s.offers, int32(e))
		}
		s.solved = true
	}
	if st.cols.late == nil {
		st.needCols()
		st.cols.late = make([][]arc, len(st.price))
		st.first, st.last = slices.Clone(st.first), slices.Clone(st.last) // they share their memory until now
		st.logged = true
	}
}

// release lets a ticket look anew.
func (s *Solver) release(t int32) {
	s.leaves(t)
	s.state.at[t] = free
	s.todo = append(s.todo, t)
}

// leaves takes a ticket from its opening, if it is at one, and offers the room.
func (s *Solver) leaves(t int32) {
	if e := s.state.at[t]; e >= 0 {
		s.state.take(t)
		s.offers = append(s.offers, e)
	}
}

// ticket is the inner number of a ticket that is there.
func (s *Solver) ticket(ticket int32) (int32, error) {
	if uint(ticket) >= uint(len(s.state.at)) {
		return 0, bad(fmt.Sprintf("there are only %d", len(s.state.at)), "ticket %d", ticket)
	}
	if s.rankT != nil {
		ticket = s.rankT[ticket]
	}
	if s.state.at[ticket] == gone {
		return 0, bad("it was taken back", "ticket %d", ticket)
	}
	return ticket, nil
}

// inside is the inner number of an opening.
func (s *Solver) inside(opening int32) int32 {
	if s.rankE != nil {
		return s.rankE[opening]
	}
	return opening
}

func (s *Solver) affordable(who string, leaveOut int64, tickets int) error {
	if leaveOut < 0 {
		return bad(fmt.Sprintf("leaving it out costs %d, less than nothing", leaveOut), "%s", who)
	}
	if leaveOut > largest/4/int64(tickets+1) {
		return bad(fmt.Sprintf("leaving it out costs %d; for %d tickets the sum may overflow", leaveOut, tickets), "%s", who)
	}
	return nil
}

// setLeave sets the price of leaving a ticket out and keeps closed openings above it.
func (s *state) setLeave(t int32, leave int64) {
	s.leave[t] = leave
	if leave <= s.highest {
		return
	}
	s.highest = leave
	for e, room := range s.room {
		if room == 0 {
			s.price[e] = leave
		}
	}
}

// resize gives an opening another number of slots, at the end of all where it had fewer.
func (s *state) resize(e, room int32) {
	if had := s.size(e); room > had {
		base := len(s.held)
		s.held = append(s.held, make([]int32, max(room, 2*had))...)
		copy(s.held[base:], s.holders(e))
		s.base[e] = int32(base)
		s.slots[e] = max(room, 2*had)
	}
	s.room[e] = room
}

// size is how many slots an opening has, which may be more than its room.
func (s *state) size(e int32) int32 {
	if s.slots == nil {
		s.slots = slices.Clone(s.room)
	}
	return s.slots[e]
}
