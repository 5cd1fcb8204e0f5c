package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Stuck puts before a person that the handler of a ticket's timers keeps failing. It is written once: the failures after
// that are for the log, and for the back-off. The ticket goes on being tried; a success settles it.
func (d *Dispatch) Stuck(ctx context.Context, wake graph.Wake, failures int, cause error) error {
	if wake.Kind != muster.KindTicket {
		return nil // regions and duties are nobody's in particular: the log tells
	}
	id := muster.TicketID(wake.ID)
	c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: id})
	if err != nil {
		return err
	}
	if c.Ticket.State.Terminal() || slices.ContainsFunc(c.Ticket.Exceptions, isStuck) {
		return nil
	}
	cmd := muster.Command{ID: muster.CommandID(fmt.Sprintf("stuck/%s/%d", id, c.Ticket.Rev)), Actor: muster.System("timers")}
	req := TicketRequest{Ticket: id, Reason: fmt.Sprintf("failed %d times in a row: %v", failures, cause)}
	_, err = d.onTicket(ctx, cmd, verbStuck, req, graph.CaseRef{Ticket: id}, func(k *desk) error {
		if err := k.begin(verbStuck); err != nil {
			return err
		}
		k.raise(muster.ExceptionStuck, "decide what is next for it, and tell who runs Muster", req.Reason)
		k.event = verbStuck.rule().event
		return nil
	})
	return err
}

func isStuck(e muster.Exception) bool { return e.Kind == muster.ExceptionStuck }
