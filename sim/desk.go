package sim

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// desk is the helpdesk: it says what tickets need about which that isn't known, gives remote advice, hands repaired
// devices back, and hears that a part has come early.
type desk struct{}

func (k *desk) habit() habit { return habit{begin: func(*life) {}, hear: k.hear} }

func (k *desk) hear(l *life, n *news) {
	t := n.Root.ID
	if n.Name == touched {
		return
	}
	r := l.dice("desk", string(t)+n.At.String())
	req := dispatch.TicketRequest{Ticket: t}
	switch {
	case n.Root.State == muster.Triage && n.Root.Mode == muster.ModeRemote:
		k.complete(l, t, between(r, 5*time.Minute, 2*time.Hour))
	case n.Root.State == muster.Triage:
		l.in(between(r, 2*time.Minute, 90*time.Minute), func() {
			triage := dispatch.TriageRequest{Ticket: t, Mode: muster.ModeHomeVisit, Needs: needs(r)}
			command(l, helpdesk, "triage", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
				return d.Triage(ctx, cmd, triage)
			}, nil)
		})
	case n.Root.State == muster.Waiting && n.Root.Mode == muster.ModeCarryIn:
		k.complete(l, t, between(r, 2*time.Hour, 40*time.Hour))
	case n.Root.State == muster.Waiting && odds(r, 0.4):
		l.in(between(r, time.Hour, 20*time.Hour), func() {
			command(l, helpdesk, "wake", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
				return d.Wake(ctx, cmd, req)
			}, nil)
		})
	}
}

func (k *desk) complete(l *life, t muster.TicketID, after time.Duration) {
	l.in(after, func() {
		command(l, helpdesk, "complete", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.Complete(ctx, cmd, dispatch.CompleteRequest{Ticket: t, Outcome: muster.Fixed})
		}, nil)
	})
}
