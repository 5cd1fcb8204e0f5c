package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
)

// Start says that the work of a visit has begun.
func (d *Dispatch) Start(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.advance(ctx, cmd, verbStart, req)
}
