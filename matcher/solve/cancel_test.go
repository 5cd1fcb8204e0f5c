package solve_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/matcher/check"
	"github.com/sysopssquad/muster/matcher/solve"
)

// patient is a context that ends when it has been asked so many times.
type patient struct {
	context.Context
	left int
}

func (p *patient) Err() error {
	if p.left--; p.left < 0 {
		return context.Canceled
	}
	return nil
}

func (*patient) Deadline() (time.Time, bool) { return time.Time{}, false }

// TestAPlanThatIsBrokenOffIsFeasible stops the work at each moment at which it looks.
func TestAPlanThatIsBrokenOffIsFeasible(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, s := range []shape{
		{tickets: 900, openings: 300, arcs: 9000, capacity: 3, cost: 1000, leave: 10_000_000},
		{tickets: 900, openings: 500, arcs: 9000, capacity: 2, cost: 50, leave: 400},
	} {
		for range 4 {
			p := random(r, s)
			best := certified(t, p).Cost
			stopped := 0
			for left := 0; ; left = left*5/4 + 1 {
				solver, err := solve.New(p)
				require.NoError(t, err)
				plan, err := solver.Solve(&patient{context.Background(), left})
				if err == nil {
					require.Equal(t, best, plan.Cost)
					break
				}
				stopped++
				require.ErrorIs(t, err, context.Canceled)
				feasible(t, p, plan)
				require.LessOrEqual(t, plan.Bound, best)
				require.GreaterOrEqual(t, plan.Cost, best)
				require.GreaterOrEqual(t, plan.Gap(), plan.Cost-best)

				// What is left can be done one by one, and broken off again.
				_, err = solver.Resolve(&patient{context.Background(), 3})
				if len(p.Capacity) > 3 {
					require.ErrorIs(t, err, context.Canceled)
				}
				plan = solver.Plan()
				feasible(t, p, plan)
				require.LessOrEqual(t, plan.Bound, best)
				_, err = solver.Resolve(context.Background())
				require.NoError(t, err)
				proven(t, p, solver.Plan())
				require.Equal(t, best, solver.Plan().Cost)
			}
			require.Positive(t, stopped)
		}
	}
}

// feasible lets the check judge all but optimality.
func feasible(t *testing.T, p *solve.Problem, plan *solve.Plan) {
	t.Helper()
	for _, f := range check.Assignment(check.Round[solve.Arc]{
		Arcs: p.Arcs, LeaveOut: p.LeaveOut, Capacity: p.Capacity,
		Opening: plan.Opening, Cost: plan.Cost, TicketDual: plan.TicketDual, OpeningDual: plan.OpeningDual,
	}) {
		require.Contains(t, []check.Rule{check.Slack, check.NoGap}, f.Rule, f.Text)
	}
}

func TestAContextThatHasEndedGivesAPlan(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := &solve.Problem{Arcs: []solve.Arc{{0, 0, 3}, {1, 0, 2}}, LeaveOut: []int64{10, 10}, Capacity: []int32{1}}
	plan, err := solve.Solve(ctx, p)
	require.ErrorIs(t, err, context.Canceled)
	feasible(t, p, plan)
	require.Equal(t, int64(13), plan.Cost, "the room that there is is used")
	require.Equal(t, int64(5), plan.Bound)
}

func FuzzSolve(f *testing.F) {
	f.Add([]byte{3, 2, 1, 2, 0, 0, 5, 1, 0, 4, 2, 1, 7, 0, 1, 9})
	f.Add([]byte{0, 0})
	f.Add([]byte{7, 1, 3, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) < 3 {
			return
		}
		tickets, openings := int(b[0]%8), int(b[1]%5)
		p := &solve.Problem{LeaveOut: make([]int64, tickets), Capacity: make([]int32, openings)}
		for i := range p.LeaveOut {
			p.LeaveOut[i] = int64(b[(2+i)%len(b)]) << (b[2] % 48)
		}
		for i := range p.Capacity {
			p.Capacity[i] = int32(b[(5+i)%len(b)] % 4)
		}
		for b = b[2:]; len(b) >= 3 && len(p.Arcs) < 24; b = b[3:] {
			p.Arcs = append(p.Arcs, solve.Arc{Ticket: int32(b[0]), Opening: int32(b[1]), Cost: int32(int8(b[2]))})
		}
		plan, err := solve.Solve(context.Background(), p)
		for _, a := range p.Arcs {
			if int(a.Ticket) >= tickets || int(a.Opening) >= openings || a.Cost < 0 {
				require.Error(t, err)
				return
			}
		}
		require.NoError(t, err)
		proven(t, p, plan)
		require.Equal(t, plan.Cost, scaled(t, p).Cost)
		require.Equal(t, bellman(p), plan.Cost)
	})
}
