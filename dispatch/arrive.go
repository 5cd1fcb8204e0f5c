package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
)

// Arrive says that the expert of a visit is at the site.
func (d *Dispatch) Arrive(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.advance(ctx, cmd, verbArrive, req)
}
