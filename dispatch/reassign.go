package dispatch

import (
	"context"
	"maps"
	"time"

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

// fitsAt tells whether there is room for the experts of a request at a start. It looks on a desk of its own: holds that
// would be set aside for that start stay, if it isn't taken.
func (k *desk) fitsAt(req AssignRequest, start time.Time) bool {
	try := newDraft(k.cmd, k.now, k.on).desk(k.loaded)
	try.holders = maps.Clone(k.holders)
	_, err := try.seats(req, start)
	return err == nil
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
	start := req.Start
	if start.IsZero() && k.fitsAt(req, k.visit.Start) {
		start = k.visit.Start
	}
	chosen, err := k.seats(req, start)
	if err != nil {
		return err
	}
	k.seat(chosen)
	k.take(s)
	return nil
}
