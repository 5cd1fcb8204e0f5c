package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// fits checks that a text can be read on a terminal of a hundred columns. Words can't be broken: a line may be longer by its last.
func fits(t *testing.T, of, text string) {
	t.Helper()
	require.NotEmpty(t, text, of)
	for _, line := range strings.Split(text, "\n") {
		require.LessOrEqual(t, utf8.RuneCountInString(line), widest, "%s: %s", of, line)
		require.Equal(t, strings.TrimRight(line, " "), line, of)
	}
}

func TestHelpFitsATerminal(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:m.db")
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if slices.Contains([]string{"completion", "bash", "zsh", "fish", "powershell"}, c.Name()) {
			return // is made by cobra
		}
		_, out, _ := call(t, append(strings.Fields(c.CommandPath())[1:], "--help")...)
		out, _, _ = strings.Cut(out, "\nUsage:")
		fits(t, c.CommandPath(), out)
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{}).root())
	_, out, _ := call(t, "simulate", "--help")
	_, flags, _ := strings.Cut(out, "\nFlags:")
	fits(t, "flags", flags)
}

func TestParagraphsAreBrokenAnewAndColumnsStay(t *testing.T) {
	require.Equal(t, "one two\nthree\n\na  b     c  d\nfour", wrap("one\ntwo three\n\na  b     c  d\nfour\n", 9))
}

func TestListsFitATerminal(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "demo", "--experts", "150", "--tickets", "60", "--seed", "3")
	for _, args := range [][]string{{"why", "T-1"}, {"why", "T-2"}, {"why", "T-7"}, {"queue"}, {"exceptions"}, {"assign"}} {
		_, out, _ := call(t, args...)
		fits(t, strings.Join(args, " "), out)
	}
	_, out, _ := call(t, "queue")
	require.Contains(t, out, "wait for timer sla")
}

// A list of what is late says of each ticket in a few lines what it waits for, and why it failed.
func TestTheQueueFitsATerminal(t *testing.T) {
	at := time.Date(2026, 11, 23, 13, 0, 0, 0, time.UTC)
	var b strings.Builder
	printQueue(&b, queueReport{BacklogReport: dispatch.BacklogReport{
		Items: []dispatch.BacklogItem{{
			Ref: "T-109303", Timer: muster.TimerQueue, DueAt: at, NextAt: at, LateS: 86400, Failures: 3, Why: "deferred", Step: 2,
			Waits: "an expert within the limits of step 2", LastErr: "the store is away",
		}},
		Relay:     dispatch.RelayBacklog{Pending: dispatch.PendingCounted, LagS: 33},
		Regions:   []dispatch.BacklogItem{{ID: "reg_822617fffffffff", Why: "deferred", LateS: 35, Failures: 1, LastErr: "no road is known"}},
		Consumers: []dispatch.ConsumerBacklog{{Name: "notify", At: 1_204_388, Unread: 12_000, LagS: 7_200}, {Name: "prompt", At: 1_216_388}},
	}})
	fits(t, "queue", b.String())
	require.Contains(t, b.String(), "3 failures, next try 2026-11-23T13:00:00Z: the store is away")
	require.NotContains(t, b.String(), "late, late")
	require.Contains(t, b.String(), "1 failure\n            no road is known")
	require.Contains(t, b.String(), "notify     has read up to 1204388, 12000 wait for it, the oldest for 2h0m0s")
	require.Contains(t, b.String(), "prompt     has read up to 1216388, all there is")
	require.Contains(t, b.String(), "at least 1000 not yet", "they are not counted further")
}

func TestSickEndsAfterNow(t *testing.T) {
	code, _, trouble := call(t, "sick", "exp_li", "--until", "2020-01-01T00:00:00Z")
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, `--until: "2020-01-01T00:00:00Z" is not acceptable: must be after now`)
}

func TestExceptionsOfWhatIsNoIDAreRefused(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "schema")
	for _, flag := range []string{"--owner", "--region"} {
		code, out, trouble := call(t, "exceptions", flag, "dana")
		require.Equal(t, exitUsage, code, "nothing found would look like nothing to do: %s", out)
		require.Contains(t, trouble, flag+`: "dana"`)
	}
}

// Somebody's day is told by the clocks of the places that it is about.
func TestSickTellsLocalTimes(t *testing.T) {
	var b strings.Builder
	at := time.Date(2026, 11, 24, 6, 12, 0, 0, time.UTC)
	printSick(&b, dispatch.SickReport{
		Name: "Kadir Ivanov", From: at, Until: at.Add(24 * time.Hour), Visits: []dispatch.Moved{{
			Ref: "T-445", Zone: "America/New_York", Window: muster.Window{Start: at.Add(9 * time.Hour), End: at.Add(11 * time.Hour)},
			Do: dispatch.MoveGiven, Name: "Davina Sinclair", At: at.Add(10 * time.Hour),
		}},
	}, true, muster.Location("America/Los_Angeles"))
	require.Equal(t, `Kadir Ivanov would be away from Mon 23 Nov 22:12 to Tue 24 Nov 22:12, time of America/Los_Angeles; visits: 1
T-445  promised Tue 24 Nov 10:12-12:12  Davina Sinclair comes at 11:12
`, b.String())
}

func TestConfigShowsWhatFlagsTakeFromTheEnvironment(t *testing.T) {
	shown := make(map[any]bool)
	for _, s := range answersList(t, "config") {
		shown["$"+s.(map[string]any)["env"].(string)] = true
	}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		c.LocalFlags().VisitAll(func(f *pflag.Flag) {
			for _, env := range regexp.MustCompile(`\$MUSTER_[A-Z]+`).FindAllString(f.Usage, -1) {
				require.True(t, shown[env], "%s of muster %s --%s", env, c.Name(), f.Name)
			}
		})
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk((&app{}).root())
}

// What changes would do is shown, and a file that isn't right is refused with what is wrong.
func TestWhatIf(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(dir, "m.db"))
	answers(t, exitFine, "schema")
	answers(t, exitFine, "demo", "--experts", "60", "--tickets", "60")
	file := filepath.Join(dir, "changes.json")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }

	write(`{"changes": [{"policy": {"weights": {"travel": 4}}}]}`)
	code, out, trouble := call(t, "whatif", file, "--json")
	require.Equal(t, exitFine, code, trouble)
	var r dispatch.WhatIfReport
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	require.Positive(t, r.Before.Placed)
	require.Equal(t, r.Before.Tickets, r.After.Tickets)
	require.Greater(t, r.After.Cost, r.Before.Cost)
	code, out, _ = call(t, "whatif", file)
	require.Equal(t, exitFine, code)
	require.Contains(t, out, "gain a place: ")

	for text, says := range map[string]string{
		`{"changes": [{"leaves": "exp_nobody"}]}`: "changes[0]",
		`{"changes": [{"sick": "exp_nobody"}]}`:   "sick",
		`{"changes": []}`:                         "changes",
		`{`:                                       "muster whatif --help",
		`{"changes": [{"leaves": "exp_a"}]} {}`:   "nothing after it",
	} {
		write(text)
		code, _, trouble = call(t, "whatif", file)
		require.NotEqual(t, exitFine, code, text)
		require.Contains(t, trouble, says)
	}
	code, _, trouble = call(t, "whatif", filepath.Join(dir, "none.json"))
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, "none.json")
}
