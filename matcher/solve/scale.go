package solve

import "context"

const (
	// easy is how many openings searches may take up for every four tickets before the auction is the quicker way.
	easy = 2
	// patience is how many bids for each ticket a phase may take before its eps is taken to be too small.
	patience = 24
	// finer is by what eps shrinks from phase to phase; 3 to 6 differ little.
	finer = 4
	// phases bounds the work: after that the exact searches do the rest.
	phases = 50
	// plain is up to how many tickets searches are as quick as anything.
	plain = 200
)

// optimum solves from the beginning. Most tickets of a loose round find room at once: then searches do it all. If
// these get long an auction comes first, with an eps that shrinks from the size of the costs to 1 (Bertsekas 1979; seen as cost
// scaling it is Goldberg and Kennedy 1995), and searches mend what still differs from the optimum, which is little.
func (s *state) optimum(ctx context.Context) error {
	s.clear()
	most := easy * len(s.at) / 4
	if len(s.at) <= plain {
		most = 1 << 30
	}
	done, err := s.settleUntil(ctx, most)
	if err != nil || done {
		return err
	}
	return s.scaled(ctx)
}

// scaled solves by auction and searches.
func (s *state) scaled(ctx context.Context) error {
	a := newAuction(s)
	if err := a.scale(ctx); err != nil {
		return err
	}
	s.exact()
	return s.settleAll(ctx)
}

// clear makes all tickets free and all prices 0.
func (s *state) clear() {
	for t, e := range s.at {
		if e != gone {
			s.at[t] = free
		}
	}
	clear(s.used)
	s.zero()
}

// zero puts all prices back, but of what is closed.
func (s *state) zero() {
	for e, room := range s.room {
		s.price[e] = 0
		if room == 0 {
			s.price[e] = s.highest
		}
	}
}

// scale runs the phases.
func (a *auction) scale(ctx context.Context) error {
	a.zero()
	typical, lowest := a.typical()
	if lowest > 8*typical {
		if err := a.crowd(ctx, lowest-5*typical); err != nil {
			return err
		}
	}
	eps, lower := max(1, typical*3/4), int64(0)
	for range phases {
		a.all = 8*eps >= typical
		a.open(lower)
		var err error
		if eps, err = a.phase(ctx, eps); err != nil || eps == 1 {
			return err
		}
		lower, eps = eps, max(1, eps/finer)
	}
	return nil
}

// typical is the mean cost of an arc, and the least that leaving out a ticket with arcs costs.
func (a *auction) typical() (mean, lowest int64) {
	var sum, n int64
	lowest = a.highest
	for t, leave := range a.leave {
		arcs := a.of(int32(t))
		for _, x := range arcs {
			sum += x.cost()
		}
		if n += int64(len(arcs)); len(arcs) > 0 {
			lowest = min(lowest, leave)
		}
	}
	return sum / max(n, 1), lowest
}

// crowd finds where some tickets must be left out, by numbers alone, and lets prices begin at level there. From 0 they would
// have a long way, for which eps would have to begin as high, and blur the costs for many phases.
func (a *auction) crowd(ctx context.Context, level int64) error {
	a.all = true
	a.open(0)
	a.bids = 1 << 60
	if _, err := a.forward(ctx, max(1, a.highest)); err != nil {
		return err
	}
	a.slots()
	openings := a.crowded()
	a.zero()
	for _, e := range openings {
		a.price[e] = level
	}
	return nil
}

// phase runs one auction, first forward, then reverse. Where prices have a long way to go eps grows until it gets there in a bearable
// number of bids; what is within a smaller eps is within a larger one, so nothing is lost. It returns the last eps.
func (a *auction) phase(ctx context.Context, eps int64) (int64, error) {
	for _, way := range []struct {
		run      func(context.Context, int64) (bool, error)
		patience int
	}{{a.forward, patience}, {a.reverse, patience / 4}} {
		for {
			a.bids = way.patience * len(a.at)
			if eps >= a.highest {
				a.bids = 1 << 60 // a few for each slot, then all prices are out of reach
			}
			done, err := way.run(ctx, eps)
			if err != nil {
				return eps, err
			}
			if done {
				break
			}
			eps = max(1, min(a.highest, 16*eps))
		}
		a.slots()
	}
	return eps, nil
}
