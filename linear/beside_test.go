package linear

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A longer one: make linear ARGS="-beside 5m".
func TestVolumeFsckBesideWritersFindsNothing(t *testing.T) {
	store, end, err := files(t)(t.Context())
	require.NoError(t, err)
	defer func() { require.NoError(t, end()) }()
	b, err := FsckBeside(t.Context(), store, 64, 5*time.Second, 1)
	require.NoError(t, err)
	t.Logf("%+v", b)
	require.Empty(t, b.Breaches)
	require.Positive(t, b.Checks)
	require.Greater(t, b.Ops, int64(64))
}
