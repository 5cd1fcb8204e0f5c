package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// HandOverException gives an exception to somebody else of the staff, who has the policy's minutes anew.
func (d *Dispatch) HandOverException(ctx context.Context, cmd muster.Command, req HandOverRequest) (Answer, error) {
	u, unknown := load[muster.User](ctx, d, "", string(req.To))
	if unknown == nil && (u.ID == "" || u.Suspended || !slices.Contains(staff, u.Role)) {
		unknown = muster.Invalid("to", string(req.To), "somebody of the staff who can sign in")
	}
	return d.onTicket(ctx, cmd, verbHandOver, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		if unknown != nil {
			return unknown
		}
		return k.attend(verbHandOver, req.ExceptionRequest, func(k *desk, e *muster.Exception) error {
			k.hand(e, req.To)
			return nil
		})
	})
}
