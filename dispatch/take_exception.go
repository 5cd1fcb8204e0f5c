package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// TakeException lets somebody look after an exception. It returns to the list if they don't log a contact or settle it
// within the policy's minutes. One that another has is CodeState: they can hand it over.
func (d *Dispatch) TakeException(ctx context.Context, cmd muster.Command, req ExceptionRequest) (Answer, error) {
	return d.onException(ctx, cmd, verbTake, req, req, func(k *desk, e *muster.Exception) error {
		if by := k.cmd.Actor.ID; e.Owner != "" && e.Owner != by {
			return muster.E(muster.CodeState, fmt.Sprintf("%s of %s was taken by %s at %s", e.Kind, k.ticket.Ref(), e.Owner, e.TakenAt.Format(time.RFC3339)),
				"ask them to hand it over; if they do nothing it is free again at "+k.keptUntil(e).Format(time.RFC3339))
		}
		e.Owner, e.TakenAt = k.cmd.Actor.ID, k.now
		return nil
	})
}
