package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Start says that the work of a visit has begun.
func (d *Dispatch) Start(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbStart, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		return start(k, req)
	})
}

func start(k *desk, req VisitRequest) error { return k.advance(verbStart, req) }
