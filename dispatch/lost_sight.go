package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// outOfSight tells whether nobody has said for long what became of a visit: on the way at the time at which it should be
// over; at work, or never left for, an hour (the policy's look at the queue) after it. It is told once; where a person
// settles it and it is still so it comes back with the next look.
func (k *desk) outOfSight() bool {
	v := k.visit
	if v == nil || slices.ContainsFunc(k.ticket.Exceptions, func(e muster.Exception) bool {
		return e.Visit == v.ID && (e.Kind == muster.ExceptionUnknown || e.Kind == muster.ExceptionLateToLeave)
	}) {
		return false
	}
	switch v.State {
	case muster.VisitEnRoute:
		return !k.now.Before(v.End)
	case muster.VisitAssigned, muster.VisitArrived, muster.VisitInProgress:
		return !k.now.Before(v.End.Add(k.on.policy.QueueEvery.Duration()))
	}
	return false
}

// LostSight puts before a person that nothing is known of a visit which should be over. Nobody is reassigned for that.
func (d *Dispatch) LostSight(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbLostSight, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		if err := k.current(req.Visit, verbLostSight); err != nil {
			return err
		}
		if err := k.begin(verbLostSight); err != nil {
			return err
		}
		if !k.outOfSight() {
			return muster.E(muster.CodeState, "the visit of "+k.ticket.Ref()+" is in sight, or its silence was told", "nothing is to be done")
		}
		k.raise(muster.ExceptionUnknown, "call the expert",
			fmt.Sprintf("%s, planned until %s, and no word since", k.visit.State, k.visit.End.Format(time.RFC3339)))
		k.event = verbLostSight.rule().event
		return nil
	})
}
