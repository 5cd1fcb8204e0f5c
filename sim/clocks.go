package sim

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// clocks are the clocks of the machines: now and then one jumps a day ahead or back, until somebody sets it right.
type clocks struct{}

func (c *clocks) habit() habit {
	return habit{begin: func(l *life) {
		for _, p := range l.procs {
			c.wait(l, p)
		}
	}}
}

const jumpEvery = 10 * time.Hour

func (c *clocks) wait(l *life, p *process) {
	l.in(between(l.rand, jumpEvery/2, 3*jumpEvery/2), func() {
		if !p.dead && p.wall.off == 0 && l.faults.befalls(clockJumps) {
			p.wall.off = pick(l.rand, []time.Duration{-24 * time.Hour, 24 * time.Hour})
			l.in(between(l.rand, 2*time.Minute, 40*time.Minute), func() { p.wall.off = 0 })
		}
		c.wait(l, p)
	})
}

// wall is the clock of one machine, beside the time that truly passes.
type wall struct {
	life *life
	off  time.Duration
}

// Now implements muster.Clock.
func (w *wall) Now() time.Time { return w.life.clock.Now().Add(w.off) }

// Elapsed implements jobs.Steady.
func (w *wall) Elapsed() time.Duration { return w.life.clock.Now().Sub(begin) }

// deciding is the clock by which a process decides, and in whose time it waits.
type deciding struct {
	muster.Clock
	process *process
}

// Sleep implements muster.Sleeper. Whoever has stopped waits for nothing.
func (d deciding) Sleep(ctx context.Context, t time.Duration) error {
	if d.process.dead {
		return gone
	}
	return d.process.wall.life.clock.Sleep(ctx, t)
}
