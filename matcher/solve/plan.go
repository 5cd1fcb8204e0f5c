package solve

// plan is what the state says, in the numbers used inside. If the work was broken off, tickets that nobody has decided about get the cheapest
// opening that has room left, and prices give what they give: every price of openings has a bound, since
// each ticket's price is then the least that it can cost.
func (s *state) plan(optimal bool) *Plan {
	p := &Plan{Opening: make([]int32, len(s.at)), TicketDual: make([]int64, len(s.at)), OpeningDual: make([]int64, len(s.price))}
	copy(p.OpeningDual, s.price)
	for e, v := range s.price {
		p.Bound -= v * int64(s.room[e])
	}
	var used []int32
	if !optimal {
		used = append(used, s.used...)
	}
	for i, e := range s.at {
		t := int32(i)
		if e == gone {
			p.Opening[t] = Left
			continue
		}
		cost := int64(s.own[t])
		if optimal {
			p.TicketDual[t] = s.dual(t)
		} else {
			p.TicketDual[t], _, _ = s.cheapest(t)
			if e < 0 {
				e, cost = s.roomFor(t, used)
			}
		}
		p.Bound += p.TicketDual[t]
		if e < 0 {
			e, cost = Left, s.leave[t]
			p.Unassigned++
		}
		p.Opening[t] = e
		p.Cost += cost
	}
	return p
}

// roomFor takes the cheapest place that is left for a ticket.
func (s *state) roomFor(t int32, used []int32) (opening int32, cost int64) {
	best := nothing
	for _, a := range s.of(t) {
		if e := a.opening(); a < best && used[e] < s.room[e] && a.cost() < s.leave[t] {
			best = a
		}
	}
	if best == nothing {
		return Left, 0
	}
	used[best.opening()]++
	return int32(best.opening()), best.cost()
}
