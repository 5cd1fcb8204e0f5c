package sim

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// supplies is where parts come from: somebody orders what tickets wait for, suppliers change their minds, and parts come
// early, late, or without anybody saying so. Now and then it turns out before a visit that it takes a part.
type supplies struct{}

func (s *supplies) habit() habit { return habit{begin: func(*life) {}, hear: s.hear} }

func (s *supplies) hear(l *life, n *news) {
	if n.Name == touched || n.Root.State.Terminal() {
		return
	}
	r := l.dice("supplies", string(n.Root.ID)+n.At.String())
	if (n.Root.State == muster.Queued || n.Root.State == muster.Scheduled) && odds(r, 0.005) {
		l.in(between(r, time.Minute, 3*time.Hour), func() { s.send(l, "need part", n, "drain pump", time.Time{}) })
	}
	for _, p := range n.Root.Parts {
		if !p.At.Equal(n.At) {
			continue // this piece of news is not about it
		}
		switch p.State {
		case muster.PartMissing:
			if odds(r, 0.8) {
				s.order(l, n, p.Name, between(r, 10*time.Minute, 5*time.Hour), between(r, 2*time.Hour, 40*time.Hour))
			}
		case muster.PartOrdered:
			if odds(r, 0.3) { // earlier, or later
				s.order(l, n, p.Name, between(r, time.Minute, 4*time.Hour), between(r, time.Hour, 40*time.Hour))
			}
			if odds(r, 0.7) {
				comes := p.ETA.Add(between(r, -3*time.Hour, 3*time.Hour))
				l.at(comes, func() { s.send(l, "part there", n, p.Name, time.Time{}) })
			}
		}
	}
}

func (s *supplies) order(l *life, n *news, name string, after, eta time.Duration) {
	l.in(after, func() { s.send(l, "order part", n, name, l.clock.Now().Add(eta)) })
}

func (s *supplies) send(l *life, verb string, n *news, name string, eta time.Time) {
	req := dispatch.PartRequest{Ticket: n.Root.ID, Name: name, ETA: eta}
	command(l, helpdesk, verb, n.Root.ID, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		switch verb {
		case "need part":
			return d.NeedPart(ctx, cmd, req)
		case "order part":
			return d.OrderPart(ctx, cmd, req)
		default:
			return d.PartThere(ctx, cmd, req)
		}
	}, nil)
}
