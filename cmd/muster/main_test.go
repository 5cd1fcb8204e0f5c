package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// call runs the command line and gives its exit code and streams.
func call(t *testing.T, args ...string) (code int, out, trouble string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), args, streams{strings.NewReader(""), &o, &e})
	return code, o.String(), e.String()
}

// answers runs a command that must end with a code, and reads its JSON.
func answers(t *testing.T, code int, args ...string) map[string]any {
	t.Helper()
	got, out, trouble := call(t, append(args, "--json")...)
	require.Equal(t, code, got, "%v: %s%s", args, out, trouble)
	var m map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &m), out)
	return m
}

func TestEveryCommandIsThereWithAnExample(t *testing.T) {
	root := (&app{}).root()
	for _, name := range []string{
		"up", "serve", "work", "schema", "import", "assign", "rounds", "why", "sick", "whatif", "exceptions", "fsck", "bench", "demo", "config", "journal", "simulate", "version",
		"queue", "coverage",
	} {
		c, _, err := root.Find([]string{name})
		require.NoError(t, err)
		require.Equal(t, name, c.Name())
		require.NotEmpty(t, c.Short, name)
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) { // README: help COMMAND has an example for each
		for _, sub := range c.Commands() {
			require.Contains(t, sub.Example, sub.CommandPath(), "help %s has an example", sub.CommandPath())
			walk(sub)
		}
	}
	walk(root)
	for _, flag := range []string{"graph", "redis", "json"} {
		require.NotNil(t, root.PersistentFlags().Lookup(flag), flag)
	}
}

// TestACompanyByCommand goes through what the README says, on SQLite, and pins the fields of each answer.
func TestACompanyByCommand(t *testing.T) {
	at := "sqlite:" + filepath.Join(t.TempDir(), "m.db")
	t.Setenv("MUSTER_GRAPH", at)

	require.EqualValues(t, graph.SchemaVersion, answers(t, exitFine, "schema")["version"])
	answers(t, exitFine, "demo", "--experts", "150", "--tickets", "60", "--seed", "3")
	code, _, trouble := call(t, "demo")
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, "empty store only")

	a := answers(t, exitFine, "assign")
	requireFields(t, a, "assigned", "remaining", "by_reason", "seconds", "commit_seconds", "linear")
	require.Positive(t, a["assigned"])
	require.Positive(t, a["remaining"], "the demo has tickets that nobody can take")

	r := answers(t, exitFine, "rounds", "--until-idle", "--days", "3", "--seed", "1")
	requireFields(t, r, "days", "assigned", "remaining", "by_reason")
	day := r["days"].([]any)[0].(map[string]any)
	for _, f := range []string{"day", "assigned", "remaining", "by_reason"} {
		require.Contains(t, day, f)
	}

	place := filepath.Join(t.TempDir(), "place")
	f := answers(t, exitFine, "fsck", "--full-speed", "--resume", place)
	requireFields(t, f, "checked", "suspects", "breaches")
	require.NoFileExists(t, place, "all has been checked")
	require.Positive(t, f["checked"])
	require.Empty(t, f["breaches"])

	c := answersList(t, "config")
	require.Contains(t, c, map[string]any{"name": "graph", "value": at, "from": "environment", "env": "MUSTER_GRAPH"})
	requireFields(t, answers(t, exitFine, "version"), "version", "commit", "dirty", "go", "schema")
}

func TestWhyGivesCandidatesTermsAndReasons(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "demo", "--experts", "150", "--tickets", "60", "--seed", "3")
	for n := range 60 {
		ref := "T-" + string(rune('0'+(n+1)/10)) + string(rune('0'+(n+1)%10))
		code, out, trouble := call(t, "why", ref, "--json")
		require.Contains(t, []int{exitFine, exitFindings}, code, trouble)
		var m struct {
			Candidates []struct {
				Expert, Start string
				Cost          *float64
				Terms         []struct{ Name string }
			}
			Excluded []struct {
				Expert  string
				Reasons []map[string]any
			}
		}
		require.NoError(t, json.Unmarshal([]byte(out), &m), out)
		if code == exitFindings || len(m.Excluded) == 0 {
			continue
		}
		require.NotEmpty(t, m.Candidates[0].Expert)
		require.NotNil(t, m.Candidates[0].Cost)
		require.NotEmpty(t, m.Candidates[0].Terms)
		_, err := time.Parse(time.RFC3339, m.Candidates[0].Start)
		require.NoError(t, err)
		x := m.Excluded[0]
		require.NotEmpty(t, x.Reasons)
		for _, r := range x.Reasons {
			for _, field := range []string{"code", "have", "need"} {
				require.NotContains(t, []any{nil, ""}, r[field], "%s of %v", field, r)
			}
		}
		one := answers(t, exitFindings, "why", ref, x.Expert)
		require.Len(t, one["excluded"], 1)
		return
	}
	t.Fatal("no ticket of the demo has both a candidate and an excluded expert")
}

// TestWhyRelaxed: of each ticket of the demo that nobody can take the least changes are shown, in JSON and for people, and
// the same for one of the experts that they open.
func TestWhyRelaxed(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "demo", "--experts", "150", "--tickets", "60", "--seed", "3")
	shown := 0
	for n := 1; n <= 60 && shown < 3; n++ {
		ref := fmt.Sprintf("T-%d", n)
		code, out, trouble := call(t, "why", ref, "--relax", "--json")
		require.Contains(t, []int{exitFine, exitFindings}, code, trouble)
		var m muster.Match
		require.NoError(t, json.Unmarshal([]byte(out), &m), out)
		require.NotNil(t, m.Relaxations, out)
		if code == exitFine || len(m.Relaxations) == 0 {
			continue
		}
		shown++
		for _, r := range m.Relaxations {
			require.Contains(t, []string{"escalation", "dispatcher", "administrator"}, r.Ask)
			require.Positive(t, r.Size)
			require.Positive(t, r.Opens)
			require.NotEmpty(t, r.Experts)
			require.NotEmpty(t, r.Changes)
			for _, c := range r.Changes {
				require.NotEmpty(t, c.Code)
				require.NotEmpty(t, c.Class)
				require.NotEmpty(t, c.Text)
				require.Equal(t, c.Unit == "", c.Amount == 0, c.Text)
			}
		}
		_, text, _ := call(t, "why", ref, "--relax")
		require.Contains(t, text, m.Relaxations[0].Changes[0].Text)
		require.Contains(t, text, m.Relaxations[0].Experts[0].Name)
		one := answers(t, exitFindings, "why", ref, string(m.Relaxations[0].Experts[0].Expert), "--relax")
		require.NotEmpty(t, one["relaxations"])
	}
	require.Equal(t, 3, shown)

	c := answers(t, exitFine, "coverage")
	requireFields(t, c, "at", "region", "experts", "closed", "skills", "regions")
	require.NotEmpty(t, c["skills"])
	_, text, _ := call(t, "coverage")
	require.Contains(t, text, "nobody at all works")
	code, _, trouble := call(t, "coverage", "--region", "Boston")
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, "--region")
}

// TestWhySaysWhenNobodyWasCompared: a bare "0 can, 0 can't" explains nothing. The ticket is called as it was asked for.
func TestWhySaysWhenNobodyWasCompared(t *testing.T) {
	var b bytes.Buffer
	printMatch(&b, "T-2", muster.Match{Ticket: "tic_x"}, time.UTC)
	require.Contains(t, b.String(), "T-2: 0 can take it, 0 can't")
	require.Contains(t, b.String(), "no expert is based near enough")
	require.Contains(t, b.String(), "muster why T-2 EXPERT")
	require.NotContains(t, b.String(), "tic_x")
}

// TestAnInstanceIsSolvedByCommand makes one, solves it and pins the fields of the answer.
func TestAnInstanceIsSolvedByCommand(t *testing.T) {
	file := filepath.Join(t.TempDir(), "i4.bin.gz")
	code, _, trouble := call(t, "bench", "generate", "--like", "i4", "--seed", "2", "--out", file)
	require.Equal(t, exitFine, code, trouble)
	m := answers(t, exitFine, "bench", "solve", "--instance", file, "--turns", "1", "--changes", "5")
	for _, field := range []string{"cost", "unassigned", "build_ms", "solve_ms", "check_ms", "certified", "threads", "resolve"} {
		require.Contains(t, m, field)
	}
	require.Equal(t, true, m["certified"])
	require.Equal(t, 1.0, m["threads"])
}

func TestExitCodes(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "schema")
	cut := filepath.Join(t.TempDir(), "cut.bin")
	require.NoError(t, os.WriteFile(cut, []byte{1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9}, 0o600))
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"nonsense"}, exitUsage, "nonsense"},
		{[]string{"nonsense"}, exitUsage, "see: muster --help"},
		{[]string{"help", "nonsense"}, exitUsage, "nonsense"},
		{[]string{"help", "import", "nonsense"}, exitUsage, "import nonsense"},
		{[]string{"why"}, exitUsage, "arg"},
		{[]string{"why"}, exitUsage, "TICKET is missing"},
		{[]string{"why", "T-1", "exp_a", "exp_b"}, exitUsage, "exp_b"},
		{[]string{"why"}, exitUsage, "muster why --help"},
		{[]string{"import", "ticket", "x.csv"}, exitUsage, "muster import has no \"ticket\""},
		{[]string{"assign", "now"}, exitUsage, "now"},
		{[]string{"assign", "--frob"}, exitUsage, "no flag --frob"},
		{[]string{"assign", "--graph"}, exitUsage, "--graph has no value"},
		{[]string{"rounds", "--days", "two"}, exitUsage, "--days: \"two\" is not acceptable: give a whole number"},
		{[]string{"fsck", "--graph", "sqlite:"}, exitUsage, "sqlite:PATH"},
		{[]string{"demo", "--life", "nonsense"}, exitUsage, "--life: \"nonsense\""},
		{[]string{"why", "T-x"}, exitUsage, "T-x"},
		{[]string{"why", "T-1"}, exitUsage, "T-1"},
		{[]string{"why", "T-1", "Ana"}, exitUsage, "Ana"},
		{[]string{"rounds", "--days", "0"}, exitUsage, "--days"},
		{[]string{"rounds", "--from", "2026-11-21 08:00"}, exitUsage, "zone"},
		{[]string{"assign", "--graph", "mysql://x"}, exitUsage, "mysql"},
		{[]string{"import", "tickets", "/does/not/exist.csv"}, exitUsage, "/does/not/exist.csv"},
		{[]string{"assign", "--graph", "bolt://neo4j:hidden@127.0.0.1:1"}, exitUnreachable, "127.0.0.1:1"},
		{[]string{"bench", "solve"}, exitUsage, "--instance"},
		{[]string{"bench", "solve", "--instance", "/does/not/exist"}, exitUsage, "/does/not/exist"},
		{[]string{"bench", "solve", "--instance", cut}, exitUsage, "ends in arc 0 of 1"},
		{[]string{"bench", "generate", "--like", "u9"}, exitUsage, "--like"},
		{[]string{"bench", "peers", "--peers", "/does/not/exist"}, exitUsage, "make bench-peers"},
		{[]string{"up", "--addr", "0.0.0.0:8080"}, exitUsage, "loopback"},
		{[]string{"up", "--addr", "nonsense"}, exitUsage, "--addr: \"nonsense\""},
		{[]string{"up", "--graph", "bolt://x"}, exitUsage, "--data"},
	} {
		code, out, trouble := call(t, c.args...)
		require.Equal(t, c.code, code, "%v: %s", c.args, trouble)
		require.Contains(t, trouble, c.says, "%v", c.args)
		require.NotContains(t, out+trouble, "hidden", "a password is never shown")
	}
}

// TestUpServesTheBoardAndTheAPI starts the one process that newcomers start, and asks what outsiders rely on.
func TestUpServesTheBoardAndTheAPI(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	code, _, trouble := call(t, "up", "--addr", addr, "--data", t.TempDir())
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, addr+" is in use")
	require.NoError(t, l.Close())

	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int, 1)
	data, ready := t.TempDir(), newLine("ready after")
	var out bytes.Buffer // read after up has ended
	go func() {
		ended <- run(ctx, []string{"up", "--addr", addr, "--data", data, "--still", "--json"}, streams{strings.NewReader(""), &out, ready})
	}()
	select {
	case <-ready.seen:
	case code := <-ended:
		t.Fatalf("up ended with %d", code)
	}
	for _, path := range []string{"/", "/healthz", "/readyz", "/openapi.json", "/v1/tickets?state=queued", "/v1/experts", "/v1/tickets/T-1", "/v1/tickets/T-1/match", "/v1/tickets/T-1/assignments"} {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
		require.NoError(t, err)
		req.Header.Set("Muster-Actor", "usr_dana")
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		require.Equal(t, http.StatusOK, res.StatusCode, path)
		if path == "/openapi.json" {
			committed, err := os.ReadFile("../../docs/openapi.json")
			require.NoError(t, err)
			require.Equal(t, string(committed), string(body), "what is served is what is committed")
		}
	}
	stop()
	require.Equal(t, exitFine, <-ended, "Ctrl+C is a normal end")
	var told map[string]any
	require.NoError(t, json.Unmarshal(out.Bytes(), &told), "standard output is for programs: %s", out.String())
	require.Equal(t, map[string]any{"board": "http://" + addr, "data": data}, told)
	_, err = os.Stat(filepath.Join(data, "muster.db"))
	require.NoError(t, err)
}

// line is a stream that tells when a text has been written to it.
type line struct {
	mu   sync.Mutex
	text string
	all  bytes.Buffer
	seen chan struct{}
}

func newLine(text string) *line { return &line{text: text, seen: make(chan struct{})} }

func (l *line) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := strings.Contains(l.all.String(), l.text)
	l.all.Write(b)
	if !was && strings.Contains(l.all.String(), l.text) {
		close(l.seen)
	}
	return len(b), nil
}

func answersList(t *testing.T, args ...string) (list []any) {
	t.Helper()
	code, out, trouble := call(t, append(args, "--json")...)
	require.Equal(t, exitFine, code, trouble)
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	return list
}

func requireFields(t *testing.T, m map[string]any, want ...string) {
	t.Helper()
	var have []string
	for k := range m {
		have = append(have, k)
	}
	slices.Sort(have)
	slices.Sort(want)
	require.Equal(t, want, have)
}
