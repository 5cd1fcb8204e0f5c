package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/sysopssquad/muster/matcher/check"
	"github.com/sysopssquad/muster/matcher/solve"
)

// Resolved is how long it takes to mend an optimal plan after one change, in microseconds.
type Resolved struct {
	Changes   int     `json:"changes"` // of each kind
	ArriveP50 float64 `json:"arrive_p50_us"`
	ArriveP99 float64 `json:"arrive_p99_us"` // a ticket comes, with the arcs of a random one
	LeaveP50  float64 `json:"leave_p50_us"`
	LeaveP99  float64 `json:"leave_p99_us"` // a random opening closes
	BackP50   float64 `json:"back_p50_us"`
	BackP99   float64 `json:"back_p99_us"` // what was done is undone: the ticket is taken back, the opening opens
	Mean      float64 `json:"mean_us"`     // of arrivals and leaves
	Certified bool    `json:"certified"`   // the plan after all changes
}

// ResolveInstance solves an instance and then makes one change after the other, each undone before the next.
func ResolveInstance(ctx context.Context, in *Instance, changes int, seed uint64) (Resolved, error) {
	out := Resolved{Changes: changes}
	p := in.Problem()
	s, err := solve.New(p)
	if err != nil {
		return out, err
	}
	first, err := s.Solve(ctx)
	if err != nil {
		return out, err
	}
	if _, err := s.Resolve(ctx); err != nil { // the first makes what changes need, once
		return out, err
	}
	rows := make([][]solve.Arc, in.Tickets)
	for _, a := range in.Arcs {
		rows[a.Ticket] = append(rows[a.Ticket], a)
	}
	r := rand.New(rand.NewPCG(seed, 6))
	var arrive, leave, back []time.Duration
	timed := func(to *[]time.Duration, change func() error) error {
		at := time.Now()
		if err := change(); err != nil {
			return err
		}
		_, err := s.Resolve(ctx)
		*to = append(*to, time.Since(at))
		return err
	}
	for range changes {
		arcs, e := rows[r.IntN(in.Tickets)], r.Int32N(int32(in.Openings))
		var t int32
		for _, step := range []struct {
			to *[]time.Duration
			do func() error
		}{
			{&arrive, func() (err error) { t, err = s.AddTicket(LeftOut, arcs); return err }},
			{&back, func() error { return s.RemoveTicket(t) }},
			{&leave, func() error { return s.SetCapacity(e, 0) }},
			{&back, func() error { return s.SetCapacity(e, in.Capacity) }},
		} {
			if err := timed(step.to, step.do); err != nil {
				return out, err
			}
		}
	}
	last := s.Plan()
	if last.Cost != first.Cost {
		return out, fmt.Errorf("after all is undone the cost is %d, not %d", last.Cost, first.Cost)
	}
	flaws := check.Assignment(check.Round[solve.Arc]{
		Arcs: p.Arcs, LeaveOut: append(p.LeaveOut, make([]int64, changes)...), Capacity: p.Capacity,
		Opening: last.Opening, Cost: last.Cost, TicketDual: last.TicketDual, OpeningDual: last.OpeningDual,
	})
	out.Certified = len(flaws) == 0
	out.ArriveP50, out.ArriveP99 = percentiles(arrive)
	out.LeaveP50, out.LeaveP99 = percentiles(leave)
	out.BackP50, out.BackP99 = percentiles(back)
	var sum time.Duration
	for _, d := range slices.Concat(arrive, leave) {
		sum += d
	}
	out.Mean = float64(sum.Nanoseconds()) / 1000 / float64(max(1, 2*changes))
	return out, nil
}

func percentiles(d []time.Duration) (p50, p99 float64) {
	if len(d) == 0 {
		return 0, 0
	}
	slices.Sort(d)
	us := func(i int) float64 { return float64(d[i].Nanoseconds()) / 1000 }
	return us(len(d) / 2), us(len(d) * 99 / 100)
}
