package sim

import (
	"context"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// absences are leave, planned and sudden: somebody falls ill in the morning.
type absences struct{}

func (a *absences) habit() habit { return habit{begin: a.begin} }

func (a *absences) begin(l *life) {
	for day := range l.o.Days + l.o.After {
		at := begin.AddDate(0, 0, day)
		for _, p := range l.world.people {
			r := l.dice("leave", string(p.ID)+strconv.Itoa(day))
			switch x := r.Float64(); {
			case x < 0.005: // at the doctor's, back within the shift
				l.at(at.Add(between(r, 0, 6*time.Hour)), func() {
					now := l.clock.Now()
					from := now.Add(between(r, 0, 3*time.Hour)).Truncate(time.Minute)
					a.leave(l, p, muster.Leave{Window: muster.Window{Start: from, End: from.Add(between(r, 30*time.Minute, 4*time.Hour))}, Kind: "doctor"})
				})
			case x < 0.01: // ill for a day or two, from this minute on
				l.at(at.Add(between(r, 0, 4*time.Hour)), func() {
					now := l.clock.Now()
					a.leave(l, p, muster.Leave{Window: muster.Window{Start: now, End: l.world.midnight(p.town, now, 1+r.IntN(2))}, Kind: "sick"})
				})
			case x < 0.02:
				l.at(at.Add(between(r, 0, 8*time.Hour)), func() {
					now, days := l.clock.Now(), 1+r.IntN(3)
					a.leave(l, p, muster.Leave{Window: muster.Window{
						Start: l.world.midnight(p.town, now, days), End: l.world.midnight(p.town, now, days+1),
					}, Kind: "holiday"})
				})
			}
		}
	}
}

func (a *absences) leave(l *life, p *person, leave muster.Leave) {
	p.Leave = append(p.Leave, leave) // they stay away whatever becomes of the command
	ask(l, dispatcher, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (muster.Expert, error) {
		return d.AddLeave(ctx, cmd, dispatch.LeaveRequest{Expert: p.ID, Leave: leave})
	}, func(_ muster.Expert, err error) {
		if err != nil {
			l.refused("leave", err)
			return
		}
		l.ledger.absent(p.ID, leave.Window, l.clock.Now())
		l.did("leave")
	})
}
