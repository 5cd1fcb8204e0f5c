package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
)

// Reassign gives a visit that somebody has to another expert, or moves it to another start of the same one.
// Without a start it stays at its time if that is possible, else it moves to the cheapest.
func (d *Dispatch) Reassign(ctx context.Context, cmd muster.Command, req AssignRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbReassign, req, req.ref(), func(k *desk) error {
		if err := d.holders(ctx, k, req); err != nil {
			return err
		}
		return reassign(k, req)
	})
}

func reassign(k *desk, req AssignRequest) error {
	if err := k.begin(verbReassign); err != nil {
		return err
	}
	s, err := next(verbReassign, "", &k.ticket, k.visit)
	if err != nil {
		return err
	}
	if err := textFits("why", req.Why); err != nil {
		return err
	}
	k.reason = "reassigned"
	if req.Why != "" {
		k.reason = req.Why
	}
	var chosen []seated
	if req.Start.IsZero() {
		chosen, err = k.seats(req, k.visit.Start)
	}
	if chosen == nil {
		chosen, err = k.seats(req, req.Start)
	}
	if err != nil {
		return err
	}
	k.seat(chosen)
	k.take(s)
	return nil
}
