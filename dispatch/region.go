package dispatch

import (
	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// region makes sure that there is a region with a timer for its rounds, where the first ticket or expert of
// a region comes in. Two who do so at once meet at the guard on its absence.
func (d *draft) region(id muster.RegionID) error {
	if _, known := d.on.regions[id]; known {
		return nil
	}
	r, err := newRegion(d, id)
	if err != nil {
		return err
	}
	return d.write("region.opened", 0, r)
}

func newRegion(d *draft, id muster.RegionID) (*muster.Region, error) {
	cell, err := geo.RegionCell(id)
	if err != nil {
		return nil, err
	}
	return &muster.Region{
		ID: id, Rev: 1, Cells: []muster.Cell{cell},
		Timers: muster.Timers{muster.TimerRound: d.now.Add(d.on.policy.RoundEvery.Duration())},
	}, nil
}
