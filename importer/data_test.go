package importer

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// sink takes everything in and keeps nothing but counts.
type sink struct {
	n      int
	modes  map[muster.Mode]int
	homes  map[muster.CustomerID]bool
	ends   map[muster.VisitOutcome]int
	titles map[string]int

	forgets bool // keeps counts of few kinds only
	mu      sync.Mutex
}

func newSink() *sink {
	return &sink{modes: map[muster.Mode]int{}, homes: map[muster.CustomerID]bool{}, ends: map[muster.VisitOutcome]int{}, titles: map[string]int{}}
}

func (s *sink) Setup(context.Context) (graph.Setup, error) { return graph.Setup{}, nil }

func (s *sink) SaveSkills(context.Context, muster.Command, dispatch.SkillRequest) ([]muster.Skill, error) {
	return nil, nil
}

func (s *sink) Import(_ context.Context, rows []dispatch.Intake) ([]dispatch.RowResult, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]dispatch.RowResult, len(rows))
	for i, r := range rows {
		s.n++
		out[i].State = dispatch.RowNew
		if s.forgets {
			continue
		}
		s.modes[r.Submit.Mode]++
		s.homes[r.Submit.Customer] = true
		s.ends[r.Submit.Expected]++
		s.titles[string(r.Submit.Mode)+" "+r.Submit.Category]++
	}
	return out, nil
}

// dataFile is a data file of the project, or a failure that says how to get it.
func dataFile(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(dataFolder(""), name)
	if os.Getenv("MUSTER_DATA") == "" {
		path = filepath.Join("..", path) // tests run one folder further down
	}
	_, err := os.Stat(path)
	require.NoError(t, err, "%s is missing: set MUSTER_DATA to the folder that has it (docs/importing.md says where it is from), "+
		"or deselect the tests that need it with -skip '^TestData'", name)
	return path
}

func BenchmarkReadAndBuild(b *testing.B) {
	file := dataFile(b, "openrepair.csv.gz")
	for b.Loop() {
		s := newSink()
		rep, err := Run(b.Context(), Options{File: file, Data: filepath.Dir(file)}, s, s)
		require.NoError(b, err)
		b.ReportMetric(float64(rep.Rows)/rep.Seconds, "rows/s")
	}
}

// TestDataRows reads the whole file without a store: what its rows become.
func TestDataRows(t *testing.T) {
	file := dataFile(t, "openrepair.csv.gz")
	s := newSink()
	rep, err := Run(t.Context(), Options{File: file, Data: filepath.Dir(file), Clock: muster.NewFakeClock(noon)}, s, s)
	require.NoError(t, err)
	require.Equal(t, 109_303, rep.Rows)
	require.Equal(t, rep.Rows, rep.Imported)
	require.Empty(t, rep.Reasons)
	require.Equal(t, 2361, s.modes[""], "Misc is for a person to decide")
	require.Greater(t, s.modes[muster.ModeHomeVisit], 10_000)
	for _, small := range []string{"Lamp", "Toaster", "Kettle"} {
		require.Zero(t, s.titles[string(muster.ModeHomeVisit)+" "+small])
		require.Positive(t, s.titles[string(muster.ModeCarryIn)+" "+small])
	}
	require.Equal(t, map[muster.VisitOutcome]int{
		muster.Fixed: 59_561, muster.PartNeeded: 16_162, muster.BeyondRepair: 25_492, muster.FaultNotFound: 8_088,
	}, s.ends)
	require.InDelta(t, 109_303/2.2, len(s.homes), 5000)
	require.Greater(t, rep.Blanked["brand"], 43_136)
	require.Greater(t, rep.Blanked["year_of_manufacture"], 11_050)
	t.Logf("%.0f rows a second", float64(rep.Rows)/rep.Seconds)
}

// TestVolumeMemoryIsFlat imports a file and one ten times as long: what is alive may not grow with it.
func TestVolumeMemoryIsFlat(t *testing.T) {
	data := dataFolderOf(t)
	alive := func(rows int) uint64 {
		file := written(t, "made.csv", made(rows))
		s := newSink()
		s.forgets = true
		most, calls := uint64(0), 0
		_, err := Run(t.Context(), Options{File: file, Data: data, Clock: muster.NewFakeClock(noon), Progress: func(Progress) {
			if calls++; calls%16 == 0 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}}, s, s)
		require.NoError(t, err)
		require.Equal(t, rows, s.n)
		return most
	}
	alive(10_000) // whatever is loaded once
	short, long := alive(20_000), alive(200_000)
	t.Logf("%d KB alive during 20,000 rows, %d KB during 200,000", short>>10, long>>10)
	require.Less(t, long, short+4<<20)
}
