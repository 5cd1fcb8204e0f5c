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
	var all, commits []float64
	var bare probed
	var r Assigned
	for turn := range o.Turns {
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
		if err := child(ctx, &r, o.Muster, "assign", "--graph", at, "--json"); err != nil {
			return nil, err
		}
		if r.Assigned == 0 {
			return nil, fmt.Errorf("nothing was assigned")
		}
		all, commits = append(all, float64(r.Assigned)/r.Seconds), append(commits, float64(r.Assigned)/r.CommitSeconds)
		if turn > 0 {
			continue
		}
		if err := p.keep(ctx, o, "after"); err != nil {
			return nil, err
		}
		if bare, err = p.probe(ctx, o, "before", "after", r.Assigned, 0); err != nil {
			return nil, err
		}
	}
	lines := []Line{
		perSecond(p, "queued to committed, all of it", "assignments/s", all, bare, 0),
		perSecond(p, "commits of assignments", "assignments/s", commits, bare, 0.6),
	}
	for i := range lines {
		lines[i].Note = fmt.Sprintf("%d of %d tickets, %d experts", r.Assigned, o.Tickets, o.Experts)
	}
	return lines, nil
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
