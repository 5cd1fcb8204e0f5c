package check

import (
	"fmt"
	"math/bits"
)

// Round is the linear problem of one round and the plan that is claimed to be its optimum, on plain integers as
// matcher/solve has them. Arc is any type with the fields Ticket, Opening and Cost, so that this package needn't know
// the solver's.
type Round[A ~struct{ Ticket, Opening, Cost int32 }] struct {
	Arcs     []A
	LeaveOut []int64 // for each ticket, what leaving it out costs
	Capacity []int32 // for each opening

	Opening     []int32 // for each ticket, -1: left out
	Cost        int64   // claimed
	TicketDual  []int64 // u
	OpeningDual []int64 // v
}

// Rule is a condition of the certificate.
type Rule string

const (
	Shape      Rule = "shape"       // as many answers as questions, numbers in range
	OnItsArc   Rule = "arc"         // a ticket goes only where an arc leads
	InCapacity Rule = "capacity"    // no opening takes more than it has room for
	RightCost  Rule = "cost"        // the cost is what the assignment costs
	Feasible   Rule = "dual"        // u <= leave out, u >= 0, v >= 0, and u - v <= cost on every arc
	Slack      Rule = "slackness"   // equal where the arc is used or the ticket is left out; v = 0 where there is room
	NoGap      Rule = "primal=dual" // the sum of u less the sum of capacity times v is the cost
)

// Flaw is a condition that doesn't hold.
type Flaw struct {
	Rule Rule
	Text string
}

func (f Flaw) String() string { return string(f.Rule) + ": " + f.Text }

// most is how many flaws are named; nobody reads more.
const most = 20

// Assignment looks whether the plan is allowed and whether its prices prove that nothing is cheaper: linear
// programming duality, one pass over the arcs. No flaws means proven. The certificate is for this round's problem.
func Assignment[A ~struct{ Ticket, Opening, Cost int32 }](r Round[A]) []Flaw {
	var flaws []Flaw
	say := func(rule Rule, text string, args ...any) {
		if len(flaws) < most {
			flaws = append(flaws, Flaw{rule, fmt.Sprintf(text, args...)})
		}
	}
	tickets, openings := uint32(len(r.LeaveOut)), uint32(len(r.Capacity))
	if len(r.Opening) != len(r.LeaveOut) || len(r.TicketDual) != len(r.LeaveOut) || len(r.OpeningDual) != len(r.Capacity) {
		say(Shape, "%d tickets and %d openings, but %d answers, %d and %d prices",
			tickets, openings, len(r.Opening), len(r.TicketDual), len(r.OpeningDual))
		return flaws
	}
	for t, u := range r.TicketDual {
		if u < 0 || u > r.LeaveOut[t] {
			say(Feasible, "ticket %d has the price %d, not from 0 to %d, which leaving it out costs", t, u, r.LeaveOut[t])
		}
	}
	for e, v := range r.OpeningDual {
		if v < 0 {
			say(Feasible, "opening %d has the price %d, below 0", e, v)
		}
	}
	for t, e := range r.Opening {
		if e < -1 || e >= 0 && uint32(e) >= openings {
			say(Shape, "ticket %d goes to opening %d of %d", t, e, openings)
		}
	}
	if flaws != nil {
		return flaws // what follows would compute with numbers that are out of range
	}

	// paid is what the cheapest arc of each ticket to its opening costs, plus one; 0: there is none.
	paid := make([]int64, tickets)
	for i, x := range r.Arcs {
		a := struct{ Ticket, Opening, Cost int32 }(x)
		if uint32(a.Ticket) >= tickets || uint32(a.Opening) >= openings || a.Cost < 0 {
			say(Shape, "arc %d is %d to %d at %d", i, a.Ticket, a.Opening, a.Cost)
			continue
		}
		// Both are 0 or more, so the difference can't overflow.
		if r.TicketDual[a.Ticket]-r.OpeningDual[a.Opening] > int64(a.Cost) {
			say(Feasible, "arc %d, ticket %d to opening %d at %d, is cheaper than the prices %d and %d allow",
				i, a.Ticket, a.Opening, a.Cost, r.TicketDual[a.Ticket], r.OpeningDual[a.Opening])
		}
		if r.Opening[a.Ticket] == a.Opening {
			if have := paid[a.Ticket]; have == 0 || int64(a.Cost) < have-1 {
				paid[a.Ticket] = int64(a.Cost) + 1
			}
		}
	}

	var primal, dual, owed sum
	taken := make([]int64, openings)
	for t, e := range r.Opening {
		u := r.TicketDual[t]
		dual.add(uint64(u), 1)
		if e < 0 {
			primal.add(uint64(r.LeaveOut[t]), 1)
			if u != r.LeaveOut[t] {
				say(Slack, "ticket %d is left out at %d, but its price is %d", t, r.LeaveOut[t], u)
			}
			continue
		}
		taken[e]++
		if paid[t] == 0 {
			say(OnItsArc, "ticket %d goes to opening %d, to which it has no arc", t, e)
			continue
		}
		cost := paid[t] - 1
		primal.add(uint64(cost), 1)
		if u-r.OpeningDual[e] != cost {
			say(Slack, "ticket %d goes to opening %d at %d, but their prices are %d and %d", t, e, cost, u, r.OpeningDual[e])
		}
	}
	for e, n := range taken {
		if n > int64(r.Capacity[e]) {
			say(InCapacity, "opening %d takes %d tickets of %d", e, n, r.Capacity[e])
		}
		if r.OpeningDual[e] > 0 && n < int64(r.Capacity[e]) {
			say(Slack, "opening %d has the price %d and room for %d more", e, r.OpeningDual[e], int64(r.Capacity[e])-n)
		}
		owed.add(uint64(r.OpeningDual[e]), uint64(max(r.Capacity[e], 0)))
	}
	if r.Cost < 0 || primal != (sum{low: uint64(r.Cost)}) {
		say(RightCost, "the plan costs %s, not %d", primal, r.Cost)
	}
	owed.addSum(primal)
	if owed != dual {
		say(NoGap, "the cost with what capacity is worth is %s, the tickets' prices come to %s", owed, dual)
	}
	return flaws
}

// sum is a sum of products, in 128 bits: prices that somebody made up may be as large as they like.
type sum struct{ high, low uint64 }

func (s *sum) add(a, b uint64) {
	high, low := bits.Mul64(a, b)
	s.addSum(sum{high, low})
}

func (s *sum) addSum(o sum) {
	var carry uint64
	s.low, carry = bits.Add64(s.low, o.low, 0)
	s.high, _ = bits.Add64(s.high, o.high, carry)
}

func (s sum) String() string {
	if s.high == 0 {
		return fmt.Sprint(s.low)
	}
	return fmt.Sprintf("%d * 2^64 + %d", s.high, s.low)
}
