package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The output of test2json for a run that failed: of each entry action, test and text.
func output(entries ...[3]string) []byte {
	var out []byte
	for _, e := range entries {
		b, _ := json.Marshal(map[string]string{"Action": e[0], "Test": e[1], "Output": e[2]})
		out = append(append(out, b...), '\n')
	}
	return out
}

func TestOnlyAnAssertionCounts(t *testing.T) {
	for name, c := range map[string]struct {
		out    []byte
		failed string
		says   string
	}{
		"an assertion": {output(
			[3]string{"run", "TestA", ""}, [3]string{"output", "TestA", "=== RUN   TestA\n"},
			[3]string{"output", "TestA", "    a_test.go:7: 1 is not 2\n"}, [3]string{"fail", "TestA", ""}, [3]string{"fail", "", ""},
		), "TestA", "a_test.go:7: 1 is not 2"},
		"an assertion in a library's goroutine": {output(
			[3]string{"output", "TestA", "    a_test.go:7: no\n"}, [3]string{"output", "TestA", "    \t/usr/lib/go/x.go:3\n"},
			[3]string{"output", "TestA", "    Error: 1 is not 2\n"}, [3]string{"fail", "TestA", ""}, [3]string{"fail", "", ""},
		), "TestA", "a_test.go:7: no\nError: 1 is not 2"},
		"the innermost test": {output(
			[3]string{"output", "TestA/b", "    a_test.go:7: no\n"},
			[3]string{"fail", "TestA/b", ""}, [3]string{"fail", "TestA", ""}, [3]string{"fail", "", ""},
		), "TestA/b", "a_test.go:7: no"},
		"a panic": {output(
			[3]string{"output", "TestA", "--- FAIL: TestA (0.00s)\n"}, [3]string{"output", "TestA", "panic: assignment to entry in nil map\n"},
			[3]string{"fail", "TestA", ""}, [3]string{"fail", "", ""},
		), "", "TestA: panic: assignment to entry in nil map"},
		"a panic in a property": {output(
			[3]string{"output", "TestA", "    a_test.go:7: [rapid] panic after 3 tests: runtime error\n"},
			[3]string{"fail", "TestA", ""}, [3]string{"fail", "", ""},
		), "", "TestA: a_test.go:7: [rapid] panic after 3 tests: runtime error"},
		"a hang": {output(
			[3]string{"output", "TestA", "panic: test timed out after 10m0s\n"}, [3]string{"fail", "TestA", ""}, [3]string{"fail", "", ""},
		), "", "TestA: panic: test timed out after 10m0s"},
		"a deadlock": {output(
			[3]string{"output", "", "fatal error: all goroutines are asleep - deadlock!\n"}, [3]string{"fail", "", ""},
		), "", ": fatal error: all goroutines are asleep - deadlock!"},
		"a leak that the package reports": {output(
			[3]string{"pass", "TestA", ""}, [3]string{"output", "", "goleak: Errors on successful test run\n"}, [3]string{"fail", "", ""},
		), "", "goleak: Errors on successful test run"},
		"nothing at all": {nil, "", "the tests ended without a verdict"},
	} {
		t.Run(name, func(t *testing.T) {
			r := readResult(c.out)
			require.False(t, r.passed)
			require.Equal(t, c.failed, r.failed)
			require.Equal(t, c.says, r.says+r.otherwise[:len(r.otherwise)*btoi(r.failed == "")])
		})
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// A module with one function and its test, and patches of every sort.
func TestVerdicts(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	write("src/go.mod", "module example.org/m\n\ngo 1.26\n")
	write("src/a/a.go", "package a\n\n// Half halves.\nfunc Half(n int) int {\n\treturn n / 2\n}\n")
	write("src/a/a_test.go", `package a

import "testing"

func TestHalf(t *testing.T) {
	t.Run("of four", func(t *testing.T) {
		if got := Half(4); got != 2 {
			t.Errorf("half of 4 is %d", got)
		}
	})
}
`)
	j := judge{tree: &tree{dir}, limit: time.Minute}
	require.NoError(t, j.tree.command(t.Context(), "git", "init", "-q").Run())
	for _, c := range []struct{ name, now, verdict, test, why string }{
		{"bug", "return n / 3", Caught, "TestHalf/of_four", ""},
		{"harmless", "return n >> 1", Survived, "", ""},
		{"panics", "return n / (n - n)", Survived, "", "panic: runtime error: integer divide by zero"},
		{"does not build", "return half", Invalid, "", "undefined: half"},
		{"does not pass vet", "n = n; return n / 3", Invalid, "", "self-assignment"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write("it.patch", "It is "+c.name+".\n\ndiff --git a/a/a.go b/a/a.go\n--- a/a/a.go\n+++ b/a/a.go\n"+
				"@@ -4,3 +4,3 @@\n func Half(n int) int {\n-\treturn n / 2\n+\t"+c.now+"\n }\n")
			p, err := readPatch(path)
			require.NoError(t, err)
			require.Equal(t, "It is "+c.name+".", p.What)
			v, err := j.verdict(t.Context(), p)
			require.NoError(t, err)
			require.Equal(t, c.verdict, v.Verdict, v.Why)
			require.Equal(t, c.test, v.Test)
			require.Contains(t, v.Why, c.why)
			left, err := os.ReadFile(filepath.Join(dir, "src/a/a.go"))
			require.NoError(t, err)
			require.Contains(t, string(left), "return n / 2", "it is taken out again")
		})
	}
	t.Run("does not apply", func(t *testing.T) {
		p, err := readPatch(write("it.patch", "diff --git a/a/a.go b/a/a.go\n--- a/a/a.go\n+++ b/a/a.go\n@@ -1,1 +1,1 @@\n-package b\n+package c\n"))
		require.NoError(t, err)
		v, err := j.verdict(t.Context(), p)
		require.NoError(t, err)
		require.Equal(t, Invalid, v.Verdict)
	})
}

func TestASliceTurns(t *testing.T) {
	var found []patch
	for _, name := range strings.Split("abcdefgh", "") {
		found = append(found, patch{Name: name})
	}
	found = append(found, patch{Name: "x", Harmless: true}, patch{Name: "y", Harmless: true})
	turn := make(map[string]bool)
	for seed := range uint64(3) {
		s := sliceOf(slices.Clone(found), 3, seed)
		require.Equal(t, s, sliceOf(slices.Clone(found), 3, seed))
		require.Len(t, s, 4)
		for _, p := range s {
			turn[p.Name] = true
		}
	}
	require.Len(t, turn, len(found), "all had their turn")
	require.Len(t, sliceOf(found[:2], 3, 5), 2, "there are fewer")
}

func TestTheReportIsCleanIfAllIsAsMeant(t *testing.T) {
	var r report
	r.add(verdict{Name: "a", Verdict: Caught})
	r.add(verdict{Name: "b", Verdict: Survived, Harmless: true})
	require.True(t, r.clean())
	for _, v := range []verdict{
		{Name: "c", Verdict: Survived}, {Name: "d", Verdict: Invalid},
		{Name: "e", Verdict: Caught, Harmless: true}, {Name: "f", Verdict: Survived, Harmless: true, Why: "panicked"},
	} {
		s := r
		s.add(v)
		require.False(t, s.clean(), v.Name)
		require.Contains(t, s.String(), v.Name)
	}
}
