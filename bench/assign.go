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

// assign brings queued tickets to committed assignments in a fresh process: once as it works, planning while it
// commits, and once planning first, so that the commits have the machine to themselves as the probe has.
func assign(ctx context.Context, o Options, p place) ([]Line, error) {
	var all, commits []float64
	var bare probed
	var last Assigned
	for range o.Turns {
		r, err := assigned(ctx, o, p)
		if err != nil {
			return nil, err
		}
		all = append(all, float64(r.Assigned)/r.Seconds)
		if err := p.keep(ctx, o, "after"); err != nil {
			return nil, err
		}
		peer, err := p.probe(ctx, o, "before", "after", r.Assigned, 0)
		if err != nil {
			return nil, err
		}
		bare = bare.better(peer)
		if last, err = assigned(ctx, o, p, "--plan-first"); err != nil {
			return nil, err
		}
		commits = append(commits, float64(last.Assigned)/last.CommitSeconds)
	}
	lines := []Line{
		perSecond(p, "queued to committed, all of it", "assignments/s", all, bare, 0),
		perSecond(p, "commits of assignments", "assignments/s", commits, bare, 0.6),
	}
	for i := range lines {
		lines[i].Note = fmt.Sprintf("%d of %d tickets, %d experts", last.Assigned, o.Tickets, o.Experts)
	}
	return lines, nil
}

// assigned makes a company anew, keeps it as "before", and has it assigned.
func assigned(ctx context.Context, o Options, p place, flags ...string) (r Assigned, err error) {
	at, err := p.fresh(ctx)
	if err != nil {
		return r, err
	}
	if err := company(ctx, o, p); err != nil {
		return r, err
	}
	if err := p.keep(ctx, o, "before"); err != nil {
		return r, err
	}
	if err := child(ctx, &r, o.Muster, append([]string{"assign", "--graph", at, "--json"}, flags...)...); err != nil {
		return r, err
	}
	if r.Assigned == 0 {
		return r, fmt.Errorf("nothing was assigned")
	}
	return r, nil
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
