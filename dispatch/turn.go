package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
)

// How far rounds have gone through a region's queue that is too long for one is kept in the store, so that whoever does the next
// one goes on there: as two counts of tickets that only go forward, all that were gone through so far, and those of them in
// passes that are over.
const turnPrefix = "round/"

type turn struct {
	region       muster.RegionID
	passed, over int64
}

func (t turn) name(of string) string { return turnPrefix + of + "/" + string(t.region) }

func (d *Dispatch) turn(ctx context.Context, region muster.RegionID) (t turn, err error) {
	t.region = region
	if t.over, err = d.store.Cursor(ctx, t.name("over")); err == nil {
		t.passed, err = d.store.Cursor(ctx, t.name("passed"))
	}
	return t, err
}

// at is how many have been gone through in the present pass.
func (t turn) at() int { return int(max(0, t.passed-t.over)) }

// anew begins the next pass.
func (d *Dispatch) anew(ctx context.Context, t *turn) error {
	t.over = t.passed
	return d.store.Advance(ctx, t.name("over"), t.over)
}

// pass notes that so many more have been gone through.
func (d *Dispatch) pass(ctx context.Context, t turn, tickets int) error {
	if tickets == 0 {
		return nil
	}
	return d.store.Advance(ctx, t.name("passed"), t.passed+int64(tickets))
}
