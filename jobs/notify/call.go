package notify

import (
	"context"
	"fmt"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// CallTask is a Call that makes a call task on the ticket.
func CallTask(d *dispatch.Dispatch) Call {
	return func(ctx context.Context, m *muster.Message, next, why string) error {
		if m.Expert != "" {
			next += " " + string(m.Expert) // there may be several, and on a ticket that is cancelled nobody is named
		}
		return d.Undelivered(ctx, dispatch.UndeliveredRequest{
			Ticket: m.Ticket, Message: m.ID, Next: next, Topic: m.Topic, Visit: m.Visit, Expert: m.Expert,
			Note: fmt.Sprintf("the message %q could not be delivered: %s", m.Topic, why),
		})
	}
}
