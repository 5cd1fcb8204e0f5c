package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// coveragePage is how many experts are in memory at once.
const coveragePage = 500

// Coverage says which skills and regions have nobody at work, or one person only, by hour of the usual week: of the whole
// company, or of those who are based in one region. It reads experts in pages and keeps counts.
func (d *Dispatch) Coverage(ctx context.Context, region muster.RegionID) (muster.Coverage, error) {
	return d.coverage(ctx, region, coveragePage)
}

func (d *Dispatch) coverage(ctx context.Context, region muster.RegionID, size int) (muster.Coverage, error) {
	setup, err := d.store.Setup(ctx)
	if err != nil {
		return muster.Coverage{}, err
	}
	cells := make(map[muster.Cell]muster.RegionID)
	var known []muster.RegionID
	resolution := 0
	for _, r := range setup.Regions {
		cell, err := geo.RegionCell(r.ID)
		if err != nil {
			return muster.Coverage{}, err
		}
		cells[cell], resolution = r.ID, cell.Resolution()
		if region == "" || region == r.ID {
			known = append(known, r.ID)
		}
	}
	tree := muster.NewSkills(setup.Tree.Rev, setup.Skills)
	count := matcher.NewCoverage(&tree, setup.Skills, known, d.clock.Now())
	page := graph.Page{Limit: size}
	for {
		experts, next, err := d.store.Experts(ctx, muster.Scope{Everything: true}, graph.ExpertFilter{Region: region}, page)
		if err != nil {
			return muster.Coverage{}, err
		}
		for _, e := range experts {
			at := []muster.RegionID{e.Region}
			for _, c := range e.Territory {
				if r := cells[c.Parent(resolution)]; region == "" && r != "" && !slices.Contains(at, r) {
					at = append(at, r)
				}
			}
			count.Add(e, at)
		}
		if next == "" {
			break
		}
		page.After = next
	}
	out := count.Report()
	out.Region = region
	return out, nil
}
