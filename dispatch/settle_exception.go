package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
)

// overrules are the roles that settle what somebody else looks after.
var overrules = []muster.Role{muster.RoleManager, muster.RoleAdministrator}

// SettleException takes an exception off the list: a person has done what was to be done. Where the cause is still
// there it comes back with the next look at the ticket. One that somebody else has taken is CodeLookedAfter, but for managers
// and administrators.
func (d *Dispatch) SettleException(ctx context.Context, cmd muster.Command, req ExceptionRequest) (Answer, error) {
	return d.onException(ctx, cmd, verbSettle, req, req, func(k *desk, e *muster.Exception) error {
		if err := k.lookedAfter(e); err != nil && !slices.Contains(overrules, k.cmd.Actor.Role) {
			return err
		}
		if slices.ContainsFunc(e.Errands, func(o muster.Errand) bool { return o.About == aboutPromise }) {
			k.called()
		}
		kind, visit := e.Kind, e.Visit
		k.keepExceptions(func(o muster.Exception) bool { return o.Kind != kind || o.Visit != visit })
		return nil
	})
}
