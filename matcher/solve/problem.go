// Package solve assigns tickets to openings at least total cost, exactly, on plain integers. It returns dual
// prices with the assignment, so that somebody who doesn't trust it can check that nothing is cheaper
// (matcher/check does). It knows no tickets or tours: a caller numbers both from 0 and gives costs.
//
// One round is a transportation problem whose one side has units: each ticket goes to one of its openings or is left out at
// a price of its own; each opening takes up to its capacity. With x = 1 for the arcs that are used, y = 1 for tickets left out,
//
//	minimise    sum c(t,e) x(t,e) + sum p(t) y(t)
//	subject to  sum over e of x(t,e) + y(t) = 1 for every ticket, sum over t of x(t,e) <= cap(e) for every opening
//
// and its dual has u(t) <= p(t) for each ticket, v(e) >= 0 for each opening, u(t) - v(e) <= c(t,e) for each arc, and
// maximises sum u(t) - sum cap(e) v(e).
package solve

import (
	"fmt"
	"math"
)

// Arc says that a ticket may go to an opening, and at what cost.
type Arc struct {
	Ticket, Opening, Cost int32
}

// Problem is one round. Its arcs may come in any order; where two join the same ticket and opening, the cheaper counts.
// A ticket without arcs is left out; an opening of capacity 0 takes nobody.
type Problem struct {
	Arcs     []Arc   // costs 0 and above, in the unit of LeaveOut
	LeaveOut []int64 // for each ticket the cost of not assigning it, 0 and above
	Capacity []int32 // for each opening how many tickets it takes, 0 and above

	// TicketKeys and OpeningKeys, if given, are distinct for each ticket and each opening and stay with it when it gets
	// another number. With them ties are decided by key, and the answer is the same however the input is ordered; without
	// them numbers are the names.
	TicketKeys, OpeningKeys []uint64
}

// Plan is an assignment with the prices that prove it.
type Plan struct {
	Opening     []int32 // of each ticket, or Left
	Cost        int64   // of the arcs that are used and of the tickets left out
	Unassigned  int     // how many are left out
	TicketDual  []int64 // u: what one more ticket like this would add to the cost, at most
	OpeningDual []int64 // v: what one more unit of capacity would save, at most
	Bound       int64   // no assignment costs less; equal to Cost if the plan is optimal
}

// Left stands for no opening.
const Left int32 = -1

// Gap is by how much the plan may be above the optimum, in the unit of the costs: 0 if it is optimal.
func (p *Plan) Gap() int64 { return p.Cost - p.Bound }

// BadInput says what in a problem can't be solved, and where.
type BadInput struct {
	What  string // "a cost is negative"
	Where string // "arc 17"
}

func (e *BadInput) Error() string { return e.Where + ": " + e.What }

func bad(what, where string, at ...any) error {
	return &BadInput{What: what, Where: fmt.Sprintf(where, at...)}
}

// largest is what all costs of a plan together may be: half of what an int64 holds, so that sums of two are safe.
const largest = math.MaxInt64 / 2

// limits looks at everything but the arcs and returns the highest price of leaving out.
func (p *Problem) limits() (highest int64, err error) {
	tickets, openings := int64(len(p.LeaveOut)), int64(len(p.Capacity))
	switch {
	case tickets > math.MaxInt32 || openings > math.MaxInt32:
		return 0, bad("more than 2147483647 tickets or openings", "the problem")
	case int64(len(p.Arcs)) > math.MaxInt32:
		return 0, bad("more than 2147483647 arcs", "the problem")
	case p.TicketKeys != nil && int64(len(p.TicketKeys)) != tickets:
		return 0, bad(fmt.Sprintf("%d keys for %d tickets", len(p.TicketKeys), tickets), "the tickets' keys")
	case p.OpeningKeys != nil && int64(len(p.OpeningKeys)) != openings:
		return 0, bad(fmt.Sprintf("%d keys for %d openings", len(p.OpeningKeys), openings), "the openings' keys")
	}
	for t, price := range p.LeaveOut {
		if price < 0 {
			return 0, bad(fmt.Sprintf("leaving it out costs %d, less than nothing", price), "ticket %d", t)
		}
		highest = max(highest, price)
	}
	if highest > largest/4/(tickets+1) {
		return 0, bad(fmt.Sprintf("leaving a ticket out costs up to %d; for %d tickets the sum may overflow", highest, tickets), "the problem")
	}
	for e, c := range p.Capacity {
		if c < 0 {
			return 0, bad(fmt.Sprintf("its capacity is %d, less than nothing", c), "opening %d", e)
		}
	}
	return highest, nil
}

// badArc names what is wrong with an arc.
func (p *Problem) badArc(i int) error {
	a := p.Arcs[i]
	switch {
	case uint(a.Ticket) >= uint(len(p.LeaveOut)):
		return bad(fmt.Sprintf("there is no ticket %d of %d", a.Ticket, len(p.LeaveOut)), "arc %d", i)
	case uint(a.Opening) >= uint(len(p.Capacity)):
		return bad(fmt.Sprintf("there is no opening %d of %d", a.Opening, len(p.Capacity)), "arc %d", i)
	default:
		return bad(fmt.Sprintf("its cost is %d, less than nothing", a.Cost), "arc %d (ticket %d, opening %d)", i, a.Ticket, a.Opening)
	}
}
