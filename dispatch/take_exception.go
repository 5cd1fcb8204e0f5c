package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// TakeException lets somebody look after an exception. It returns to the list if they don't log a contact or settle it
// within the policy's minutes. One that another has is CodeLookedAfter: it can be handed over.
func (d *Dispatch) TakeException(ctx context.Context, cmd muster.Command, req ExceptionRequest) (Answer, error) {
	return d.onException(ctx, cmd, verbTake, req, req, func(k *desk, e *muster.Exception) error {
		if err := k.lookedAfter(e); err != nil {
			return err
		}
		k.hand(e, k.cmd.Actor.ID)
		return nil
	})
}

// lookedAfter refuses what would go over the head of somebody else who has taken an exception: until when they have it is
// said. It returns nil for those who have it themselves, and once that time is over.
func (k *desk) lookedAfter(e *muster.Exception) error {
	until := k.keptUntil(e)
	if e.Owner == "" || e.Owner == k.cmd.Actor.ID || !k.now.Before(until) {
		return nil
	}
	return muster.E(muster.CodeLookedAfter,
		fmt.Sprintf("%s of %s is looked after by %s, who took it at %s and has it until %s unless they do something",
			e.Kind, k.ticket.Ref(), e.Owner, e.TakenAt.Format(time.RFC3339), until.Format(time.RFC3339)),
		"hand it over to yourself first, so that they see that you have it")
}
