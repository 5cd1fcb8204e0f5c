package importer

import (
	"context"
	"os"
	"path/filepath"
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
}

func newSink() *sink {
	return &sink{modes: map[muster.Mode]int{}, homes: map[muster.CustomerID]bool{}, ends: map[muster.VisitOutcome]int{}, titles: map[string]int{}}
}

func (s *sink) Setup(context.Context) (graph.Setup, error) { return graph.Setup{}, nil }

func (s *sink) SaveSkills(context.Context, muster.Command, dispatch.SkillRequest) ([]muster.Skill, error) {
	return nil, nil
}

func (s *sink) Import(_ context.Context, rows []dispatch.Intake) ([]dispatch.RowResult, error) {
	out := make([]dispatch.RowResult, len(rows))
	for i, r := range rows {
		s.n++
		s.modes[r.Submit.Mode]++
		s.homes[r.Submit.Customer] = true
		s.ends[r.Submit.Expected]++
		s.titles[string(r.Submit.Mode)+" "+r.Submit.Category]++
		out[i].State = dispatch.RowNew
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
		b.Logf("%+v homes=%d %v %v", rep, len(s.homes), s.modes, s.ends)
		b.Logf("%v", s.titles)
	}
}
