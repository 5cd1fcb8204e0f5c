package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const root = "../.."

func all(t *testing.T) []patch {
	t.Helper()
	found, err := patches(filepath.Join(root, "testdata/mutants"))
	require.NoError(t, err)
	return found
}

// Sources move on; whoever moves them mends the patch.
func TestEveryPatchStillApplies(t *testing.T) {
	for _, p := range all(t) {
		if len(p.changes) == 0 {
			continue
		}
		c := exec.Command("git", "apply", "--check", p.path)
		c.Dir = root
		says, err := c.CombinedOutput()
		require.NoError(t, err, "%s: %s", p.Name, says)
	}
}

func TestEveryPatchSaysWhatItIsAndWhereToLook(t *testing.T) {
	bugs, harmless, empty := 0, 0, 0
	seen := make(map[string]bool)
	for _, p := range all(t) {
		require.NotEmpty(t, p.What, p.Name)
		require.NotEmpty(t, p.Tests, p.Name)
		require.False(t, seen[p.Name], "%s is there twice", p.Name)
		seen[p.Name] = true
		for _, pkg := range p.Tests {
			tests, err := filepath.Glob(filepath.Join(root, pkg, "*_test.go"))
			require.NoError(t, err)
			require.NotEmpty(t, tests, "%s names %s, which has no tests", p.Name, pkg)
		}
		for _, f := range p.changes {
			require.NotRegexp(t, `_test\.go$|testdata/`, f, "%s changes what is to judge it", p.Name)
		}
		switch {
		case p.Harmless && len(p.changes) == 0:
			empty++
		case p.Harmless:
			harmless++
		default:
			require.NotEmpty(t, p.changes, p.Name)
			bugs++
		}
	}
	require.GreaterOrEqual(t, bugs, 50)
	require.GreaterOrEqual(t, harmless, 5)
	require.Equal(t, 1, empty)
}

// A test that knew a bug by name could fail for it alone.
func TestNoTestKnowsAPatch(t *testing.T) {
	known := [][]byte{[]byte("testdata/" + "mutants"), []byte("muster-" + "mutants")}
	for _, p := range all(t) {
		if !p.Harmless { // these are ordinary words
			known = append(known, []byte(p.Name))
		}
	}
	read := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") || filepath.Dir(path) == "../../cmd/mutants" {
			return err
		}
		read++
		b, err := os.ReadFile(path)
		for _, k := range known {
			require.False(t, bytes.Contains(b, k), "%s has %s in it", path, k)
		}
		return err
	})
	require.NoError(t, err)
	require.Greater(t, read, 100)
}
