package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A check that is interrupted says so by its exit code, keeps how far it came, and goes on from there.
func TestFsckThatIsInterruptedGoesOn(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "demo", "--experts", "20", "--tickets", "30", "--seed", "3")
	whole := answers(t, exitFine, "fsck", "--full-speed")
	place := filepath.Join(t.TempDir(), "place")
	waits := pause
	t.Cleanup(func() { pause = waits })
	runs := 0
	for {
		runs++
		pages := 0
		pause = func(context.Context, time.Duration) error {
			if pages++; pages > 2 {
				return context.Canceled
			}
			return nil
		}
		var out, trouble bytes.Buffer
		code := run(t.Context(), []string{"fsck", "--json", "--resume", place}, streams{strings.NewReader(""), &out, &trouble})
		var r fsckAnswer
		require.NoError(t, json.Unmarshal(out.Bytes(), &r), trouble.String())
		if code == exitFine {
			require.Empty(t, r.Incomplete)
			require.EqualValues(t, whole["checked"], r.Checked)
			require.NoFileExists(t, place)
			break
		}
		require.Equal(t, exitIncomplete, code)
		require.NotEmpty(t, r.Incomplete)
		require.FileExists(t, place)
	}
	require.Greater(t, runs, 2)
	require.NoError(t, os.WriteFile(place, []byte("{}"), 0o600))
	code, _, trouble := call(t, "fsck", "--resume", place)
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, place)
}
