package sim

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// choices are customers who call to say that another time suits them better, or any.
type choices struct{}

func (c *choices) habit() habit { return habit{begin: func(*life) {}, hear: c.hear} }

func (c *choices) hear(l *life, n *news) {
	if n.Name == touched || n.Root.State != muster.Queued && n.Root.State != muster.Scheduled && n.Root.State != muster.Waiting {
		return
	}
	r := l.dice("choice", string(n.Root.ID)+n.At.String())
	if !odds(r, 0.01) {
		return
	}
	l.in(between(r, time.Minute, 3*time.Hour), func() {
		req := dispatch.WindowsRequest{Ticket: n.Root.ID}
		if odds(r, 0.8) {
			req.Windows = wishes(r, l.clock.Now(), muster.Location(n.Root.Zone))
		}
		command(l, helpdesk, "choose windows", n.Root.ID, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.ChooseWindows(ctx, cmd, req)
		}, nil)
	})
}
