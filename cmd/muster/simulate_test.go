package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/sim"
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

// What is printed to repeat a history leads to the same one, whatever it was a part of.
func TestAHistoryIsRepeatedByWhatIsPrinted(t *testing.T) {
	parsed := func(args ...string) (*simulation, []sim.Options) {
		o := &simulation{}
		f := pflag.NewFlagSet("simulate", pflag.ContinueOnError)
		f.String("graph", "", "")
		o.flags(f)
		require.NoError(t, f.Parse(args))
		var err error
		o.Faults, err = sim.ParseFaults(o.faults)
		require.NoError(t, err)
		all, err := o.Histories()
		require.NoError(t, err)
		return o, all
	}
	for _, args := range [][]string{
		{"--tickets", "12000", "--seed", "5"},
		{"--tickets", "9000", "--days", "7", "--after", "9", "--experts", "77", "--chunk", "4000", "--faults", "slow,conflict"},
		{"--tickets", "50", "--faults", "none", "--calls", "3,17"},
	} {
		o, all := parsed(args...)
		for _, graph := range []string{"", "bolt://localhost"} {
			o.graph = graph
			for _, h := range all {
				line := strings.Fields(o.again(h))
				require.Equal(t, []string{"muster", "simulate"}, line[:2])
				_, again := parsed(line[2:]...)
				require.Equal(t, []sim.Options{h}, again)
			}
		}
	}
}

// A campaign that is gone on with in its folder names its parts, and what each has done.
func TestACampaignInPartsNamesThem(t *testing.T) {
	keep, file := t.TempDir(), filepath.Join(t.TempDir(), "evidence.json")
	args := []string{
		"simulate", "--days", "1", "--after", "1", "--faults", "none", "--chunk", "5", "--keep", keep, "--evidence", file,
	}
	answers(t, exitFine, append(args, "--tickets", "5")...)
	answers(t, exitFine, append(args, "--tickets", "10")...)
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	var got struct{ Run evidence.Run }
	require.NoError(t, json.Unmarshal(b, &got))
	require.Len(t, got.Run.Parts, 2)
	for _, p := range got.Run.Parts {
		require.Equal(t, map[string]int{"histories": 1}, p.Did)
	}
}
