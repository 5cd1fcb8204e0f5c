package linear

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// files opens a new file for each batch.
func files(t testing.TB) func(context.Context) (graph.Store, func() error, error) {
	n := 0
	dir := t.TempDir()
	return func(ctx context.Context) (graph.Store, func() error, error) {
		n++
		s, err := sqlite.Open(ctx, filepath.Join(dir, string(rune('a'+n))+".db"), muster.SystemClock{})
		if err == nil {
			err = s.Migrate(ctx)
		}
		return s, func() error { return s.Close(context.WithoutCancel(ctx)) }, err
	}
}

func TestVolumeContendedHistoriesAreLinearizable(t *testing.T) {
	linearizable(t, Options{Ops: 10_000, Seed: 1, Troubled: 0.05, Open: files(t), Fsck: true})
}

func TestVolumeContendedHistoriesAreLinearizableOnNeo4j(t *testing.T) {
	url := servertest.Neo4j(t)
	linearizable(t, Options{
		Ops: 300, Seed: 1, Troubled: 0.05,
		Open: func(ctx context.Context) (graph.Store, func() error, error) {
			s, err := neo4j.Open(ctx, url, muster.SystemClock{})
			if err == nil {
				err = s.Migrate(ctx)
			}
			return s, func() error { return s.Close(context.WithoutCancel(ctx)) }, err
		},
	})
}

func linearizable(t *testing.T, o Options) {
	t.Helper()
	r, err := Run(t.Context(), o, Report{})
	require.NoError(t, err)
	shown := r
	shown.Examples = nil
	t.Logf("%+v", shown)
	for _, e := range r.Examples {
		t.Logf("%s, batch %d, history %d: no order makes these right\n%s", e.Scene, e.Batch, e.History, strings.Join(e.Least, "\n"))
	}
	require.True(t, r.Clean())
	require.GreaterOrEqual(t, r.Shortest, 50)
	require.Positive(t, r.Races)
	require.Positive(t, r.Unknown)
	require.Positive(t, r.Replays)
}
