package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
)

// queueReport is the backlog, with what waits in journals.
type queueReport struct {
	dispatch.BacklogReport
	Journal []journal.Status `json:"journal"`
}

func (a *app) queueCommand() *cobra.Command {
	var folder string
	var limit int
	c := &cobra.Command{
		Use:   "queue",
		Short: "Show what is due, late, retried and deferred, and why",
		Long: `Shows what waits to be done: by lane what is due and since when; by timer how many open tickets wait for it; each ticket
whose timer is late (by more than two sweeps, 30 s), retried or deferred after failures, with its step of escalation and
what it waits for; regions whose rounds are late;
how far events are from those who listen; what waits in the intake journals of a folder. It changes nothing.

Exit code 0 if nothing is late, has failed or waits in a journal, 1 if something does, 3 if the store can't be read.`,
		Example: "  muster queue\n  muster queue --json --journal ./data/journal",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if limit < 1 {
				return muster.Invalid("--limit", fmt.Sprint(limit), "at least 1")
			}
			return a.existing(c.Context(), muster.SystemClock{}, func(s graph.Store) error {
				b, err := dispatch.New(s, muster.SystemClock{}).Backlog(c.Context(), s, limit)
				if err != nil {
					return err
				}
				r := queueReport{BacklogReport: b, Journal: []journal.Status{}}
				waiting := 0
				if folder != "" {
					if r.Journal, err = journal.Look(folder); err != nil {
						return err
					}
					for _, j := range r.Journal {
						waiting += j.Waiting
					}
				}
				if err := a.answer(r, func(w io.Writer) { printQueue(w, r) }); err != nil {
					return err
				}
				if t := b.Tickets; waiting+t.Late+t.Retried+t.Deferred+len(b.Regions) > 0 {
					return findings{}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&folder, "journal", fromEnv("MUSTER_JOURNAL", ""), "folder of the intake journals of this machine, to be looked at too ($MUSTER_JOURNAL)")
	c.Flags().IntVar(&limit, "limit", 50, "list at most this many tickets")
	return c
}

func printQueue(w io.Writer, r queueReport) {
	t := r.Tickets
	fmt.Fprintf(w, "%d open tickets: %d due, %d late, %d retried, %d deferred\n", t.Open, t.Due, t.Late, t.Retried, t.Deferred)
	for _, lane := range muster.Lanes() {
		b := r.Lanes[lane]
		fmt.Fprintf(w, "  %-13s %6d due, the oldest for %s, %d with failures\n", lane, b.Due, inSeconds(b.OldestS), b.Failed)
	}
	for _, step := range slices.Sorted(maps.Keys(t.Steps)) {
		fmt.Fprintf(w, "  %d in step %d of escalation\n", t.Steps[step], step)
	}
	for _, i := range r.Items {
		fmt.Fprintf(w, "  %-9s %-10s %-10s due %s, late by %s, %d failures, next %s, step %d, waits for %s  %s\n", i.Ref, i.Why, i.Timer,
			i.DueAt.Format(time.RFC3339), inSeconds(i.LateS), i.Failures, i.NextAt.Format(time.RFC3339), i.Step, i.Waits, i.LastErr)
	}
	fmt.Fprintf(w, "%d regions whose rounds are late or fail\n", len(r.Regions))
	for _, i := range r.Regions {
		fmt.Fprintf(w, "  %s  %s, late by %s, %d failures\n", i.ID, i.Why, inSeconds(i.LateS), i.Failures)
	}
	fmt.Fprintf(w, "events: %d numbered, %d not yet, the oldest of them for %s\n", r.Relay.Head, r.Relay.Pending, inSeconds(r.Relay.LagS))
	for _, j := range r.Journal {
		fmt.Fprintf(w, "journal %s: %d accepted wait to be filed\n", filepath.Base(j.File), j.Waiting)
	}
}

func inSeconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}
