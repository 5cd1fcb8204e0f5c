package sim

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// twins are two tickets about the same: the helpdesk makes one a duplicate of the other, whichever comes to hand.
type twins struct {
	open map[muster.CustomerID][]muster.TicketID
}

func (w *twins) habit() habit {
	w.open = make(map[muster.CustomerID][]muster.TicketID)
	return habit{begin: func(*life) {}, hear: w.hear}
}

func (w *twins) hear(l *life, n *news) {
	id, of := n.Root.ID, n.Root.Customer
	open := w.open[of]
	at := slices.Index(open, id)
	switch {
	case n.Root.State.Terminal() && at >= 0:
		w.open[of] = slices.Delete(open, at, at+1)
	case !n.Root.State.Terminal() && at < 0:
		w.open[of] = append(open, id)
		if r := l.dice("twin", id); len(open) > 0 && odds(r, 0.2) {
			one, other := id, pick(r, open)
			if odds(r, 0.5) {
				one, other = other, one
			}
			l.in(between(r, time.Minute, 8*time.Hour), func() { w.merge(l, one, other) })
		}
	}
}

func (w *twins) merge(l *life, t, into muster.TicketID) {
	command(l, helpdesk, "merge", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.Merge(ctx, cmd, dispatch.MergeRequest{Ticket: t, Into: string(into)})
	}, func(_ dispatch.Answer, err error) {
		if err == nil {
			l.ledger.merged[t] = into
		}
	})
}
