package sim

import (
	"context"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// departures are experts for whom a dispatcher has the day planned anew because they are sick, and experts who leave
// the company.
type departures struct{}

func (d *departures) habit() habit { return habit{begin: d.begin} }

func (d *departures) begin(l *life) {
	for day := range l.o.Days + l.o.After {
		at := begin.AddDate(0, 0, day)
		for _, p := range l.world.people {
			r := l.dice("departure", string(p.ID)+strconv.Itoa(day))
			switch x := r.Float64(); {
			case x < 0.01:
				l.at(at.Add(between(r, 0, 8*time.Hour)), func() { d.sick(l, p) })
			case x < 0.02:
				l.at(at.Add(between(r, 0, 8*time.Hour)), func() { d.leave(l, p, l.clock.Now().Add(between(r, 0, 30*time.Hour))) })
			}
		}
	}
}

// sick: from this minute to the end of their day.
func (d *departures) sick(l *life, p *person) {
	now := l.clock.Now()
	p.Leave = append(p.Leave, muster.Leave{Window: muster.Window{Start: now, End: l.world.midnight(p.town, now, 1)}})
	ask(l, dispatcher, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.SickReport, error) {
		return d.Sick(ctx, cmd, dispatch.SickRequest{Expert: p.ID})
	}, func(r dispatch.SickReport, err error) {
		if err != nil {
			l.refused("sick today", err)
			return
		}
		l.ledger.absent(p.ID, muster.Window{Start: r.From, End: r.Until}, l.clock.Now())
		l.did("sick today")
	})
}

// leave: from a moment on they work here no longer. They still see to what they are at.
func (d *departures) leave(l *life, p *person, from time.Time) {
	ask(l, admin, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (muster.Expert, error) {
		return d.ExpertLeaves(ctx, cmd, dispatch.LeavesRequest{Expert: p.ID, From: from})
	}, func(e muster.Expert, err error) {
		if err != nil {
			l.refused("leaves", err)
			return
		}
		gone := e.Leave[len(e.Leave)-1]
		p.Leave = append(p.Leave, gone)
		l.ledger.quits(p.ID, gone.Window, l.clock.Now())
		l.did("leaves the company")
	})
}
