package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLongBundleIsCurrent fails when the sources were changed and the bundle was not. To compile esbuild for the race detector
// takes 18 seconds, which no goroutine of ours is worth here.
func TestLongBundleIsCurrent(t *testing.T) {
	want, err := Bundle("..")
	require.NoError(t, err)
	have, err := os.ReadDir("../dist")
	require.NoError(t, err)
	for _, f := range have {
		require.Contains(t, want, f.Name(), "web/dist/%s comes from nothing: delete it", f.Name())
	}
	for name, text := range want {
		is, err := os.ReadFile(filepath.Join("..", "dist", name))
		require.NoError(t, err, "run `go generate ./web`")
		require.True(t, string(text) == string(is), "web/dist/%s is not what the sources make: run `go generate ./web`", name)
	}
}

func TestLongBundleNamesTheFault(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("..")))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "src", "who.ts"), []byte("import './nowhere'\n"), 0o600))
	_, err := Bundle(dir)
	require.ErrorContains(t, err, "nowhere")
}
