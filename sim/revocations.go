package sim

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// revocations take a skill from an expert, or lower its level, and give it back days later.
type revocations struct{}

func (v *revocations) habit() habit { return habit{begin: v.begin} }

func (v *revocations) begin(l *life) {
	for day := range l.o.Days + l.o.After {
		at := begin.AddDate(0, 0, day)
		for _, p := range l.world.people {
			r := l.dice("revoke", string(p.ID)+strconv.Itoa(day))
			if !odds(r, 0.015) {
				continue
			}
			l.at(at.Add(between(r, 0, 20*time.Hour)), func() {
				before := slices.Clone(p.Skills)
				after := slices.Clone(p.Skills)
				n := r.IntN(len(after))
				if odds(r, 0.3) && after[n].Level > 1 {
					after[n].Level--
				} else {
					after = slices.Delete(after, n, n+1)
				}
				if len(after) == 0 {
					return
				}
				v.save(l, p, after, "skill revoked")
				l.in(between(r, 10*time.Hour, 60*time.Hour), func() { v.save(l, p, before, "skill given back") })
			})
		}
	}
}

// save sets an expert's skills, all else as it is by now. If somebody else saves them meanwhile it is done again.
func (v *revocations) save(l *life, p *person, to []muster.Competence, what string) {
	found, err := l.store.Records(l.ctx, "", string(p.ID))
	e, ok := found[string(p.ID)].(*muster.Expert)
	if err != nil || !ok {
		l.broken = err
		return
	}
	req := *e
	req.Skills = to
	n := l.ledger.changing(p.ID, to, l.clock.Now())
	ask(l, admin, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (muster.Expert, error) {
		return d.SaveExpert(ctx, cmd, req)
	}, func(_ muster.Expert, err error) {
		if err != nil {
			l.ledger.notChanged(p.ID, n)
			l.refused(what, err)
			if muster.CodeOf(err) == muster.CodeStale {
				v.save(l, p, to, what)
			}
			return
		}
		p.Skills = to
		l.ledger.changed(p.ID, n, l.clock.Now())
		l.did(what)
	})
}
