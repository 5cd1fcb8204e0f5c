package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Arrive says that the expert of a visit is at the site.
func (d *Dispatch) Arrive(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbArrive, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		return arrive(k, req)
	})
}

func arrive(k *desk, req VisitRequest) error { return k.advance(verbArrive, req) }
