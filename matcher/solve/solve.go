package solve

import "context"

// Solver holds a problem with its assignment and prices, so that a changed problem needn't be solved from the beginning.
// It is for one goroutine at a time.
type Solver struct {
	state *state
	rankT []int32 // number inside of each ticket, nil: the same
	rankE []int32
	backE []int32 // of each number inside, the opening
	backT []int32 // of each number inside, the ticket; made when somebody asks

	solved       bool    // Solve came to an end, or Resolve has taken it over
	todo, offers []int32 // what is touched by changes: tickets that may be free, openings that may have room at a price
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
		s.backE = inverse(s.rankE)
	}
	r, err := sorted(p, s.rankT, s.rankE)
	if err != nil {
		return nil, err
	}
	s.state = newState(r, ordered(p.LeaveOut, s.rankT), ordered(p.Capacity, s.rankE), highest)
	return s, nil
}

// Solve finds the optimum; see the function of that name.
func (s *Solver) Solve(ctx context.Context) (*Plan, error) {
	st := s.state
	logged := st.logged
	st.logged = false
	err := st.optimum(ctx)
	plan := s.plan(err == nil)
	if err != nil {
		st.exact()
	}
	st.logged, st.log = logged, st.log[:0]
	s.solved, s.todo, s.offers = err == nil, s.todo[:0], s.offers[:0]
	return plan, err
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

func inverse(rank []int32) []int32 {
	back := make([]int32, len(rank))
	for i, r := range rank {
		back[r] = int32(i)
	}
	return back
}

// ordered brings values, a copy, into the order of ranks.
func ordered[V any](values []V, rank []int32) []V {
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
