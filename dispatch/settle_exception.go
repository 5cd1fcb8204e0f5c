package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
)

// SettleException takes an exception off the list: a person has done what was to be done. Where the cause is still
// there it comes back with the next look at the ticket.
func (d *Dispatch) SettleException(ctx context.Context, cmd muster.Command, req ExceptionRequest) (Answer, error) {
	return d.onException(ctx, cmd, verbSettle, req, req, func(k *desk, e *muster.Exception) error {
		kind, visit := e.Kind, e.Visit
		k.keepExceptions(func(o muster.Exception) bool { return o.Kind != kind || o.Visit != visit })
		return nil
	})
}
