package torture

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A process that kills itself is counted under the point at which it was told to; one that others kill is not.
func TestCrashesAreCountedByPoint(t *testing.T) {
	p := &process{
		name: "serve-0", binary: "/bin/sh", args: []string{"-c", `[ -z "$MUSTER_CRASH" ] || kill -9 $$; exec sleep 60`},
		log: filepath.Join(t.TempDir(), "log"), dir: t.TempDir(),
	}
	require.NoError(t, p.start())
	defer p.stop()
	require.NoError(t, p.kill("commit.after:3"))
	points, n := make(map[string]int), 0
	require.Eventually(t, func() bool { n += p.tookCrashes(points); return n > 0 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, map[string]int{"commit.after": 1}, points)
	require.Equal(t, 1, n)
}
