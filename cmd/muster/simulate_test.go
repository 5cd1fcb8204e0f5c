package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSimulate(t *testing.T) {
	stores, file := t.TempDir(), filepath.Join(t.TempDir(), "evidence.json")
	t.Setenv("TMPDIR", stores)
	r := answers(t, exitFine, "simulate", "--tickets", "10", "--days", "1", "--after", "1", "--faults", "conflict,slow", "--evidence", file)
	for _, field := range []string{
		"tickets", "by_state", "lost", "doubled", "wrong_expert", "lateness", "interventions", "faults", "breaches", "waits", "commit", "seed", "dirty",
	} {
		require.Contains(t, r, field)
	}
	require.EqualValues(t, 10, r["tickets"])
	left, err := os.ReadDir(stores)
	require.NoError(t, err)
	require.Empty(t, left, "the stores go with the run")
	require.FileExists(t, file)

	code, _, trouble := call(t, "simulate", "--faults", "bad luck")
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, "outcome_unknown")
	require.Contains(t, answers(t, exitFine, "simulate", "--explain"), "stop_after")
}
