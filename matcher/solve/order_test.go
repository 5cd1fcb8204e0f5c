package solve_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/matcher/solve"
)

// keys are distinct and in no order.
func keys(n int, seed uint64) []uint64 {
	out := make([]uint64, n)
	for i, k := range rand.New(rand.NewPCG(seed, 9)).Perm(n) {
		out[i] = uint64(k) << 40
	}
	return out
}

// renamed gives tickets and openings other numbers and the arcs another order. Its results say where each went.
func renamed(r *rand.Rand, p *solve.Problem) (q *solve.Problem, tickets, openings []int) {
	tickets, openings = r.Perm(len(p.LeaveOut)), r.Perm(len(p.Capacity))
	q = &solve.Problem{
		LeaveOut: make([]int64, len(p.LeaveOut)), Capacity: make([]int32, len(p.Capacity)),
		TicketKeys: make([]uint64, len(p.LeaveOut)), OpeningKeys: make([]uint64, len(p.Capacity)),
	}
	for t, to := range tickets {
		q.LeaveOut[to], q.TicketKeys[to] = p.LeaveOut[t], p.TicketKeys[t]
	}
	for e, to := range openings {
		q.Capacity[to], q.OpeningKeys[to] = p.Capacity[e], p.OpeningKeys[e]
	}
	for _, i := range r.Perm(len(p.Arcs)) {
		a := p.Arcs[i]
		q.Arcs = append(q.Arcs, solve.Arc{Ticket: int32(tickets[a.Ticket]), Opening: int32(openings[a.Opening]), Cost: a.Cost})
	}
	return q, tickets, openings
}

// ties are shapes in which most optima are one of many.
var ties = []shape{
	{tickets: 12, openings: 8, arcs: 60, capacity: 2, cost: 2, leave: 5},
	{tickets: 60, openings: 30, arcs: 500, capacity: 2, cost: 3, leave: 100},
	{tickets: 400, openings: 150, arcs: 4000, capacity: 3, cost: 20, leave: 100_000},
}

func TestOrderChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	for i := range 300 {
		p := random(r, ties[i%len(ties)])
		p.TicketKeys, p.OpeningKeys = keys(len(p.LeaveOut), uint64(i)), keys(len(p.Capacity), uint64(i)+1000)
		q, tickets, openings := renamed(r, p)
		for _, solved := range []func(require.TestingT, *solve.Problem) *solve.Plan{certified, scaled} {
			a, b := solved(t, p), solved(t, q)
			require.Equal(t, []int64{a.Cost, int64(a.Unassigned)}, []int64{b.Cost, int64(b.Unassigned)})
			for t1, e := range a.Opening {
				want := solve.Left
				if e >= 0 {
					want = int32(openings[e])
				}
				require.Equal(t, want, b.Opening[tickets[t1]])
				require.Equal(t, a.TicketDual[t1], b.TicketDual[tickets[t1]])
			}
			for e, v := range a.OpeningDual {
				require.Equal(t, v, b.OpeningDual[openings[e]])
			}
		}
	}
}

func TestWithoutKeysOnlyTheOrderOfArcsIsForgotten(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for i := range 150 {
		p := random(r, ties[i%len(ties)])
		q := *p
		q.Arcs = nil
		for _, k := range r.Perm(len(p.Arcs)) {
			q.Arcs = append(q.Arcs, p.Arcs[k])
		}
		require.Equal(t, certified(t, p), certified(t, &q))
		require.Equal(t, scaled(t, p), scaled(t, &q))
		require.Equal(t, certified(t, p), certified(t, p), "the same again")
	}
}

func TestMoreSupplyNeverCostsMore(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for i := range 300 {
		p := random(r, ties[i%2])
		if len(p.Capacity) == 0 {
			continue
		}
		before := certified(t, p)
		e := r.IntN(len(p.Capacity))
		p.Capacity[e]++
		after := certified(t, p)
		require.LessOrEqual(t, after.Cost, before.Cost)
		require.GreaterOrEqual(t, after.Cost, before.Cost-before.OpeningDual[e], "a price is the most that one more is worth")
		if len(p.LeaveOut) > 0 { // one more expert, whom some tickets may choose
			p.Capacity = append(p.Capacity, 1)
			for range 3 {
				p.Arcs = append(p.Arcs, solve.Arc{Ticket: r.Int32N(int32(len(p.LeaveOut))), Opening: int32(len(p.Capacity)) - 1, Cost: r.Int32N(5)})
			}
			require.LessOrEqual(t, certified(t, p).Cost, after.Cost)
		}
	}
}

func TestScalingTheCostsScalesTheCost(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for i := range 200 {
		p := random(r, ties[i%len(ties)])
		want := 7 * certified(t, p).Cost
		for i := range p.Arcs {
			p.Arcs[i].Cost *= 7
		}
		for i := range p.LeaveOut {
			p.LeaveOut[i] *= 7
		}
		require.Equal(t, want, certified(t, p).Cost)
		require.Equal(t, want, scaled(t, p).Cost)
	}
}
