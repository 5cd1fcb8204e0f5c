package solve_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sysopssquad/muster/matcher/solve"
)

// wild is a round in which most arcs are to near openings, with so much supply for each ticket.
func wild(r *rand.Rand, tickets int, supply float64, cost func() int32, leave func() int64) *solve.Problem {
	openings := tickets / 2
	p := &solve.Problem{LeaveOut: make([]int64, tickets), Capacity: make([]int32, openings)}
	for range int(supply * float64(tickets)) {
		p.Capacity[r.IntN(openings)]++
	}
	for t := range p.LeaveOut {
		p.LeaveOut[t] = leave()
		for near, n := r.IntN(openings), 0; n < 12; n++ {
			e := r.IntN(openings)
			if n%4 > 0 {
				e = (near + r.IntN(30)) % openings
			}
			p.Arcs = append(p.Arcs, solve.Arc{Ticket: int32(t), Opening: int32(e), Cost: cost()})
		}
	}
	return p
}

// TestLongOddCostsAreSolvedToo has what an auction finds hard: all costs equal, costs and prices of leaving out that are of every
// size, and just enough room or a little less. None may take it for ever, and all are checked.
func TestLongOddCostsAreSolvedToo(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, supply := range []float64{0.5, 0.97, 1, 1.5} {
		for _, c := range []struct {
			name string
			cost func() int32
		}{
			{"zero", func() int32 { return 0 }},
			{"equal", func() int32 { return 7 }},
			{"bits", func() int32 { return r.Int32N(2) }},
			{"small", func() int32 { return r.Int32N(100) }},
			{"large", r.Int32},
			{"skewed", func() int32 { return 1<<r.IntN(31) - 1 }},
		} {
			for _, l := range []struct {
				name  string
				leave func() int64
			}{
				{"one", func() int64 { return 10_000_000 }},
				{"near the costs", func() int64 { return 100 }},
				{"three classes", func() int64 { return []int64{1e6, 1e9, 1e12}[r.IntN(3)] }},
				{"any", func() int64 { return r.Int64N(1 << 45) }},
			} {
				t.Run(fmt.Sprintf("%.2f %s %s", supply, c.name, l.name), func(t *testing.T) {
					p := wild(r, 1500, supply, c.cost, l.leave)
					certified(t, p)
					scaled(t, p)
				})
			}
		}
	}
}
