package linear

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// A longer one: make linear ARGS="-beside 5m".
func TestVolumeFsckBesideWritersFindsNothing(t *testing.T) {
	open := func(clock muster.Clock) func(context.Context) (graph.Store, func() error, error) {
		return func(ctx context.Context) (graph.Store, func() error, error) {
			s, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "muster.db"), clock)
			if err == nil {
				err = s.Migrate(ctx)
			}
			return s, func() error { return s.Close(context.WithoutCancel(ctx)) }, err
		}
	}
	b, err := FsckBeside(t.Context(), open, 64, 5*time.Second, 1)
	require.NoError(t, err)
	t.Logf("%+v", b)
	require.Empty(t, b.Breaches)
	require.Positive(t, b.Checks)
	require.Greater(t, b.Ops, int64(64))
	require.Positive(t, b.Numbered, "the relay is at work")
}
