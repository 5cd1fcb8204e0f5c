package bench

import (
	"context"
	"fmt"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/demo"
	"github.com/sysopssquad/muster/dispatch"
)

// Assigned is what muster assign answers, as far as it is measured.
type Assigned struct {
	Assigned      int     `json:"assigned"`
	Seconds       float64 `json:"seconds"`
	CommitSeconds float64 `json:"commit_seconds"`
}

// assign brings queued tickets to committed assignments in a fresh process.
func assign(ctx context.Context, o Options, p place) ([]Line, error) {
	at, err := p.fresh(ctx)
	if err != nil {
		return nil, err
	}
	if err := company(ctx, o, p); err != nil {
		return nil, err
	}
	if err := p.keep(ctx, o, "before"); err != nil {
		return nil, err
	}
	var r Assigned
	if err := child(ctx, &r, o.Muster, "assign", "--graph", at, "--json"); err != nil {
		return nil, err
	}
	if r.Assigned == 0 {
		return nil, fmt.Errorf("nothing was assigned")
	}
	if err := p.keep(ctx, o, "after"); err != nil {
		return nil, err
	}
	bare, err := p.probe(ctx, o, "before", "after", r.Assigned, 0)
	if err != nil {
		return nil, err
	}
	line := func(work string, seconds, owed float64) Line {
		rate := float64(r.Assigned) / seconds
		return Line{
			Store: p.name(), Work: work, Unit: "assignments/s", Have: rate, Peer: bare.String(), Probe: bare.Best.Rate,
			Ratio: rate / bare.Best.Rate, Owed: owed, Note: fmt.Sprintf("%d of %d tickets, %d experts", r.Assigned, o.Tickets, o.Experts),
		}
	}
	return []Line{
		line("queued to committed, all of it", r.Seconds, 0),
		line("commits of assignments", r.CommitSeconds, 0.6),
	}, nil
}

// company puts a uniform company into the present store.
func company(ctx context.Context, o Options, p place) error {
	s, err := p.open(ctx)
	if err != nil {
		return err
	}
	err = func() error {
		if err := s.Migrate(ctx); err != nil {
			return err
		}
		clock := muster.SystemClock{}
		c, err := demo.Uniform(demo.Options{Experts: o.Experts, Tickets: o.Tickets, Seed: o.Seed, Now: clock.Now()})
		if err != nil {
			return err
		}
		if err := c.Load(ctx, dispatch.New(s, clock)); err != nil {
			return err
		}
		return s.Analyze(ctx)
	}()
	if e := s.Close(ctx); err == nil {
		err = e
	}
	return err
}
