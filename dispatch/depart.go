package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Depart says that the expert of a visit has left for it.
func (d *Dispatch) Depart(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.advance(ctx, cmd, verbDepart, req)
}

// advance takes a visit one step on its way.
func (d *Dispatch) advance(ctx context.Context, cmd muster.Command, v verb, req VisitRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, v, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		if err := k.current(req.Visit, v); err != nil {
			return err
		}
		if err := k.begin(v, k.theirs()...); err != nil {
			return err
		}
		return k.proceed(v, "")
	})
}

// current refuses a visit that isn't the ticket's open one.
func (k *desk) current(id muster.VisitID, v verb) error {
	if k.visit == nil || k.visit.ID != id {
		return wrongState(v, &k.ticket, muster.VisitEnded)
	}
	return nil
}
