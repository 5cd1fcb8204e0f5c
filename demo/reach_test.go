package demo

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/importer"
)

// visits keeps where home visits are needed, and what they take.
type visits struct {
	mu   sync.Mutex
	all  []dispatch.Intake
	site map[muster.SiteID]muster.Point
}

func (v *visits) Setup(context.Context) (graph.Setup, error) {
	return graph.Setup{Skills: skillParts()}, nil
}

func (v *visits) SaveSkills(_ context.Context, _ muster.Command, req dispatch.SkillRequest) ([]muster.Skill, error) {
	return nil, muster.Invalid("skills", string(req.Skills[0].ID), "the demo company has all skills of the mapping")
}

func (v *visits) Import(_ context.Context, rows []dispatch.Intake) ([]dispatch.RowResult, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	out := make([]dispatch.RowResult, len(rows))
	for i, r := range rows {
		out[i].State = dispatch.RowNew
		if r.Submit.Mode == muster.ModeHomeVisit {
			v.all = append(v.all, r)
			v.site[r.Submit.Site] = r.Sites[0].Place.Point
		}
	}
	return out, nil
}

// TestDataStaffReachesTheImport: the company's experts can take nearly every home visit of the real records,
// which are spread evenly over the country's ZIP codes, by skill and distance.
func TestDataStaffReachesTheImport(t *testing.T) {
	folder := os.Getenv("MUSTER_DATA")
	if folder == "" {
		folder = filepath.Join("..", "..", "shared", "data")
	}
	file := filepath.Join(folder, "openrepair.csv.gz")
	_, err := os.Stat(file)
	require.NoError(t, err, "set MUSTER_DATA to the folder that has openrepair.csv.gz (docs/importing.md says where it is from), "+
		"or deselect the tests that need it with -skip '^TestData'")
	v := &visits{site: map[muster.SiteID]muster.Point{}}
	_, err = importer.Run(t.Context(), importer.Options{File: file, Data: folder, Clock: muster.NewFakeClock(noon)}, v, v)
	require.NoError(t, err)

	w := newWorld(Options{Now: noon}, company(t, Options{Seed: 1, Tickets: -1}).Experts)
	lost := 0
	for _, in := range v.all {
		if !w.anybody(v.site[in.Submit.Site], in.Submit.Needs) {
			lost++
		}
	}
	t.Logf("%d of %d home visits are out of reach", lost, len(v.all))
	require.Less(t, float64(lost), 0.015*float64(len(v.all)))
}

func (w *world) anybody(at muster.Point, needs []muster.Need) bool {
	for i := range w.staff {
		e := &w.staff[i]
		if d := e.Base.Point.Lat - at.Lat; d > 2 || d < -2 || e.Capacity.CarryInOnly || len(e.Territory) > 0 {
			continue
		}
		if geo.Km(e.Base.Point, at)*1.35 > e.Capacity.TravelKm {
			continue
		}
		able := true
		for _, n := range needs {
			able = able && w.knows(e, n)
		}
		if able {
			return true
		}
	}
	return false
}
