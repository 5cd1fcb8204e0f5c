package importer

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// open opens a store in a file and brings it up to date.
func open(t testing.TB, path string, clock muster.Clock) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// TestDataOnSQLite takes the whole file in; -v shows how fast.
func TestDataOnSQLite(t *testing.T) {
	file := dataFile(t, "openrepair.csv.gz")
	clock := muster.NewFakeClock(noon)
	s := open(t, filepath.Join(t.TempDir(), "muster.db"), clock)
	o := Options{File: file, Data: filepath.Dir(file), Clock: clock}
	rep, err := Run(t.Context(), o, dispatch.New(s, clock), s)
	require.NoError(t, err)
	t.Logf("%.0f rows a second: %+v", float64(rep.Rows)/rep.Seconds, rep)
	require.Equal(t, 109_303, rep.Rows)
	require.Equal(t, rep.Rows, rep.Imported)
	clock.Advance(40 * day)
	again, err := Run(t.Context(), o, dispatch.New(s, clock), s)
	require.NoError(t, err)
	t.Logf("again: %.0f rows a second: %+v", float64(again.Rows)/again.Seconds, again)
	require.Equal(t, again.Rows, again.Repeated)
	counts, err := s.TicketCounts(t.Context(), muster.Scope{Everything: true})
	require.NoError(t, err)
	t.Log(counts)
	require.Equal(t, 2361, counts[string(muster.Triage)])
}
