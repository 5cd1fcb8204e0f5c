package solve_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/matcher/check"
	"github.com/sysopssquad/muster/matcher/solve"
)

// certified solves and checks with what shares no code with the solver.
func certified(t require.TestingT, p *solve.Problem) *solve.Plan {
	plan, err := solve.Solve(context.Background(), p)
	require.NoError(t, err)
	proven(t, p, plan)
	return plan
}

// scaled is certified, by way of the auction.
func scaled(t require.TestingT, p *solve.Problem) *solve.Plan {
	plan, err := solve.Scaled(context.Background(), p)
	require.NoError(t, err)
	proven(t, p, plan)
	return plan
}

func proven(t require.TestingT, p *solve.Problem, plan *solve.Plan) {
	require.Empty(t, check.Assignment(check.Round[solve.Arc]{
		Arcs: p.Arcs, LeaveOut: p.LeaveOut, Capacity: p.Capacity,
		Opening: plan.Opening, Cost: plan.Cost, TicketDual: plan.TicketDual, OpeningDual: plan.OpeningDual,
	}))
	require.Zero(t, plan.Gap())
	left := 0
	for _, e := range plan.Opening {
		if e == solve.Left {
			left++
		}
	}
	require.Equal(t, left, plan.Unassigned)
}

// shapes are loose, scarce, dense with ties, and with prices as far apart as a round's priorities.
var shapes = []shape{
	{tickets: 6, openings: 5, arcs: 18, capacity: 2, cost: 9, leave: 12},
	{tickets: 6, openings: 3, arcs: 14, capacity: 2, cost: 3, leave: 1000},
	{tickets: 5, openings: 5, arcs: 25, capacity: 3, cost: 1, leave: 3},
	{tickets: 6, openings: 4, arcs: 16, capacity: 1, cost: math.MaxInt32 - 1, leave: 1 << 50},
}

func TestSmallProblemsAgreeWithEveryAssignment(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for i := range 6000 {
		p := random(r, shapes[i%len(shapes)])
		want := brute(p)
		require.Equal(t, want, certified(t, p).Cost, "%+v", p)
		require.Equal(t, want, scaled(t, p).Cost, "%+v", p)
	}
}

func TestLongProblemsAgreeWithAnotherSolver(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for i := range 120 {
		s := shape{tickets: 40, openings: 25, arcs: 240, capacity: 3, cost: 50, leave: []int64{60, 10_000, 10_000_000}[i%3]}
		p := random(r, s)
		want := bellman(p)
		require.Equal(t, want, certified(t, p).Cost, "%+v", p)
		require.Equal(t, want, scaled(t, p).Cost, "%+v", p)
	}
}

func TestWhatIsOddHasAMeaning(t *testing.T) {
	for name, c := range map[string]struct {
		p    solve.Problem
		want []int32
		cost int64
	}{
		"nothing at all":        {solve.Problem{}, []int32{}, 0},
		"no openings":           {solve.Problem{LeaveOut: []int64{7, 8}}, []int32{-1, -1}, 15},
		"no tickets":            {solve.Problem{Capacity: []int32{1}}, []int32{}, 0},
		"a ticket without arcs": {solve.Problem{Arcs: []solve.Arc{{1, 0, 3}}, LeaveOut: []int64{7, 8}, Capacity: []int32{2}}, []int32{-1, 0}, 10},
		"capacity 0":            {solve.Problem{Arcs: []solve.Arc{{0, 0, 0}, {0, 1, 5}}, LeaveOut: []int64{7}, Capacity: []int32{0, 1}}, []int32{1}, 5},
		"only capacity 0":       {solve.Problem{Arcs: []solve.Arc{{0, 0, 0}}, LeaveOut: []int64{7}, Capacity: []int32{0}}, []int32{-1}, 7},
		"duplicate arcs":        {solve.Problem{Arcs: []solve.Arc{{0, 0, 9}, {0, 0, 2}, {0, 0, 4}, {0, 0, 2}}, LeaveOut: []int64{7}, Capacity: []int32{4}}, []int32{0}, 2},
		"cheaper left out":      {solve.Problem{Arcs: []solve.Arc{{0, 0, 8}}, LeaveOut: []int64{7}, Capacity: []int32{1}}, []int32{-1}, 7},
		"free to leave out":     {solve.Problem{Arcs: []solve.Arc{{0, 0, 0}}, LeaveOut: []int64{0}, Capacity: []int32{1}}, []int32{-1}, 0},
		"the largest numbers": {
			solve.Problem{Arcs: []solve.Arc{{0, 0, math.MaxInt32}, {1, 0, math.MaxInt32 - 1}}, LeaveOut: []int64{1 << 57, 1 << 57}, Capacity: []int32{math.MaxInt32}},
			[]int32{0, 0},
			2*math.MaxInt32 - 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			plan := certified(t, &c.p)
			require.Equal(t, c.want, plan.Opening)
			require.Equal(t, c.cost, plan.Cost)
			require.Equal(t, c.cost, scaled(t, &c.p).Cost)
		})
	}
}

func TestWhatCantBeSolvedIsNamed(t *testing.T) {
	right := func() solve.Problem {
		return solve.Problem{Arcs: []solve.Arc{{0, 0, 1}, {1, 1, 2}}, LeaveOut: []int64{5, 5}, Capacity: []int32{1, 1}}
	}
	for want, spoil := range map[string]func(*solve.Problem){
		"arc 1 (ticket 1, opening 1): its cost is -3": func(p *solve.Problem) { p.Arcs[1].Cost = -3 },
		"arc 1: there is no ticket 2 of 2":            func(p *solve.Problem) { p.Arcs[1].Ticket = 2 },
		"arc 0: there is no ticket -1 of 2":           func(p *solve.Problem) { p.Arcs[0].Ticket = -1 },
		"arc 0: there is no opening -5 of 2":          func(p *solve.Problem) { p.Arcs[0].Opening = -5 },
		"arc 1: there is no opening 2 of 2":           func(p *solve.Problem) { p.Arcs[1].Opening = 2 },
		"ticket 1: leaving it out costs -1":           func(p *solve.Problem) { p.LeaveOut[1] = -1 },
		"the problem: leaving a ticket out costs up to 9223372036854775807; for 2 tickets the sum may overflow": func(p *solve.Problem) { p.LeaveOut[1] = math.MaxInt64 },
		"opening 0: its capacity is -1":                       func(p *solve.Problem) { p.Capacity[0] = -1 },
		"the tickets' keys: 1 keys for 2 tickets":             func(p *solve.Problem) { p.TicketKeys = []uint64{1} },
		"the openings' keys: 3 keys for 2 openings":           func(p *solve.Problem) { p.OpeningKeys = []uint64{1, 2, 3} },
		"ticket 1: it has the key of ticket that came before": func(p *solve.Problem) { p.TicketKeys = []uint64{4, 4} },
	} {
		t.Run(want, func(t *testing.T) {
			p := right()
			spoil(&p)
			plan, err := solve.Solve(context.Background(), &p)
			require.Nil(t, plan)
			var named *solve.BadInput
			require.True(t, errors.As(err, &named))
			require.Contains(t, err.Error(), want)
		})
	}
}
