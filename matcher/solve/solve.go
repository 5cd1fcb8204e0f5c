package solve

import "context"

// Solver holds a problem with its assignment and prices, so that a changed problem needn't be solved from the beginning.
// It is for one goroutine at a time.
type Solver struct {
	state *state
	rankT []int32 // number inside of each ticket, nil: the same
	rankE []int32
	backE []int32 // of each number inside, the opening
}

// Solve finds an assignment of least cost. If ctx ends first, the plan is the best that was found until then, with its gap, and
// the error is that of ctx. Every other error is a *BadInput, and there is no plan.
func Solve(ctx context.Context, p *Problem) (*Plan, error) {
	s, err := New(p)
	if err != nil {
		return nil, err
	}
	return s.Solve(ctx)
}

// New looks whether the problem can be solved and sorts its arcs by ticket. It keeps nothing of p.
func New(p *Problem) (*Solver, error) {
	highest, err := p.limits()
	if err != nil {
		return nil, err
	}
	s := &Solver{}
	if s.rankT, err = ranks(p.TicketKeys, "ticket"); err != nil {
		return nil, err
	}
	if s.rankE, err = ranks(p.OpeningKeys, "opening"); err != nil {
		return nil, err
	}
	if s.rankE != nil {
		s.backE = make([]int32, len(s.rankE))
		for e, r := range s.rankE {
			s.backE[r] = int32(e)
		}
	}
	r, err := sorted(p, s.rankT, s.rankE)
	if err != nil {
		return nil, err
	}
	s.state = newState(r, moved(p.LeaveOut, s.rankT), moved(p.Capacity, s.rankE), highest)
	return s, nil
}

// Solve finds the optimum; see the function of that name.
func (s *Solver) Solve(ctx context.Context) (*Plan, error) {
	err := s.state.optimum(ctx)
	return s.plan(err == nil), err
}

// plan is the state in the numbers of the input.
func (s *Solver) plan(optimal bool) *Plan {
	p := s.state.plan(optimal)
	p.Opening, p.TicketDual, p.OpeningDual = named(p.Opening, s.rankT), named(p.TicketDual, s.rankT), named(p.OpeningDual, s.rankE)
	if s.backE != nil {
		for t, e := range p.Opening {
			if e >= 0 {
				p.Opening[t] = s.backE[e]
			}
		}
	}
	return p
}

// moved brings values, a copy, into the order of ranks.
func moved[V any](values []V, rank []int32) []V {
	out := make([]V, len(values))
	if rank == nil {
		copy(out, values)
		return out
	}
	for i, r := range rank {
		out[r] = values[i]
	}
	return out
}

// named brings values back into the order of the input.
func named[V any](values []V, rank []int32) []V {
	if rank == nil {
		return values
	}
	out := make([]V, len(values))
	for i, r := range rank {
		out[i] = values[r]
	}
	return out
}
