package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// assignReport adds how long it took, from the first read to the last acknowledged commit.
type assignReport struct {
	dispatch.AssignReport
	Seconds       float64 `json:"seconds"`
	CommitSeconds float64 `json:"commit_seconds"` // of these, while a commit was under way
}

func (a *app) assignCommand() *cobra.Command {
	var planFirst bool
	c := &cobra.Command{
		Use:   "assign",
		Short: "Run one round of every region: assign the queued tickets that fit",
		Long: `Runs one round of every region now and assigns without asking, whatever the policy says about offers.
What remains is counted by the reason that keeps it in the queue.`,
		Example: "  muster assign --graph sqlite:./data/muster.db --json",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.deciding(c.Context(), func(s graph.Store, clock muster.Clock) error {
				began, t := time.Now(), &timed{Store: s}
				d := dispatch.New(t, clock)
				all := d.AssignAll
				if planFirst {
					all = d.AssignAllPlanned
				}
				sum, err := all(c.Context())
				if err != nil {
					return err
				}
				r := assignReport{sum, time.Since(began).Seconds(), t.seconds()}
				return a.answer(r, func(w io.Writer) {
					fmt.Fprintf(w, "%d assigned in %.1f s, %d remain in the queue\n", r.Assigned, r.Seconds, r.Remaining)
					printReasons(w, r.ByReason)
					printLinear(w, r.Linear)
				})
			})
		},
	}
	c.Flags().BoolVar(&planFirst, "plan-first", false, "commit nothing before all is planned: to measure either by itself")
	return c
}

// printLinear says what the solver added, and what its certificate is for.
func printLinear(w io.Writer, l dispatch.LinearReport) {
	if l.Rounds > 0 {
		fmt.Fprintf(w, "%d linear rounds, each proven the best for its own problem:\n", l.Rounds)
		fmt.Fprintf(w, "  %+d placed, %.0f minutes saved, %d places refused by tours\n", l.Placed, l.Saved, l.Refused)
	}
}

// printReasons lists counted reasons, the most frequent first.
func printReasons(w io.Writer, counts map[muster.ReasonCode]int) {
	codes := slices.SortedFunc(maps.Keys(counts), func(a, b muster.ReasonCode) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		if a < b {
			return -1
		}
		return 1
	})
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, c := range codes {
		fmt.Fprintf(t, "  %s\t%d\n", c, counts[c])
	}
	t.Flush()
}
