package bench

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDataBenchMeasuresEveryLine runs the whole of muster bench with little to do: it says nothing of speed, but that
// every line has its peer, on both stores.
func TestDataBenchMeasuresEveryLine(t *testing.T) {
	bin := t.TempDir()
	for name, pkg := range map[string]string{"muster": "../cmd/muster", "probe": "./probe"} {
		out, err := exec.Command("go", "build", "-ldflags=-s -w", "-o", filepath.Join(bin, name), pkg).CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	r, err := Run(t.Context(), Options{
		Muster: filepath.Join(bin, "muster"), Probe: filepath.Join(bin, "probe"), Stores: []string{"sqlite", "neo4j"},
		Data: dataFolder(), Rows: 200, Tickets: 60, Experts: 100, Offers: 2, Seed: 1, Turns: 1, Brief: true,
	})
	require.NoError(t, err)
	require.Len(t, r.Lines, 14)
	for _, l := range r.Lines {
		require.Positive(t, l.Have, "%s %s", l.Store, l.Work)
		require.Positive(t, l.Probe, "%s %s", l.Store, l.Work)
	}
	var table strings.Builder
	r.Print(&table)
	require.Equal(t, 14, strings.Count(table.String(), "\n| SQLite |")+strings.Count(table.String(), "\n| Neo4j |"))
}
