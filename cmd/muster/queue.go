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
		Long: `Shows what waits to be done: by timer how many open tickets wait for it; each ticket whose timer is late (by more than
two sweeps, 30 s), retried or deferred after failures, or stuck because rounds break over it, with its step of escalation,
what it waits for and the last error; what else fails: experts whose work can't be looked at, messages, events that a consumer
has set aside; by lane what is due and since when, of tickets and all else that has timers; regions
whose rounds are late; how many events have no number yet, how many each consumer (prompt: urgent tickets, notify: messages)
hasn't read, and for how long; what waits in the intake journals of a folder. It changes nothing.

Exit code 0 if nothing is late (events for more than 30 s), has failed or waits in a journal, 1 if something does, 3 if the
store can't be read.`,
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
				if t := b.Tickets; waiting+t.Late+t.Retried+t.Deferred+t.Stuck+len(b.Regions)+len(b.Failing) > 0 || b.Late() {
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

// shownRegions are what people get to read of late regions: without a worker all of them are.
const shownRegions = 10

func printQueue(w io.Writer, r queueReport) {
	t := r.Tickets
	fmt.Fprintf(w, "%d open tickets: %d due, %d late, %d retried, %d deferred, %d stuck\n", t.Open, t.Due, t.Late, t.Retried, t.Deferred, t.Stuck)
	for _, timer := range slices.Sorted(maps.Keys(r.Timers)) {
		fmt.Fprintf(w, "  %6d wait for timer %s\n", r.Timers[timer].Open, timer)
	}
	for _, step := range slices.Sorted(maps.Keys(t.Steps)) {
		fmt.Fprintf(w, "  %d in step %d of escalation\n", t.Steps[step], step)
	}
	for _, i := range r.Items {
		fmt.Fprintf(w, "  %-9s %s: timer %s, due %s, late by %s\n", i.Ref, i.Why, i.Timer, i.DueAt.Format(time.RFC3339), inSeconds(i.LateS))
		fmt.Fprintf(w, "            step %d, waits for %s\n", i.Step, i.Waits)
		switch {
		case i.Failures > 0:
			fmt.Fprintf(w, "            %s, next try %s: %s\n", failed(i.Failures), i.NextAt.Format(time.RFC3339), i.LastErr)
		case i.LastErr != "":
			fmt.Fprintf(w, "            %s\n", i.LastErr)
		}
	}
	fmt.Fprintln(w, "lanes, with the timers of experts, messages and regions:")
	for _, lane := range muster.Lanes() {
		b := r.Lanes[lane]
		since := ""
		if b.Due > 0 {
			since = fmt.Sprintf(", the oldest for %s", inSeconds(b.OldestS))
		}
		fmt.Fprintf(w, "  %-13s %6d due%s, %d with failures\n", lane, b.Due, since, b.Failed)
	}
	fmt.Fprintf(w, "%d regions whose rounds are late or fail\n", len(r.Regions))
	for n, i := range r.Regions {
		if n == shownRegions {
			fmt.Fprintf(w, "  ... and %d more; --json lists all\n", len(r.Regions)-n)
			break
		}
		fmt.Fprintf(w, "  %s  %s, due for %s, %s\n", i.ID, i.Why, inSeconds(i.LateS), failed(i.Failures))
		if i.LastErr != "" {
			fmt.Fprintf(w, "            %s\n", i.LastErr)
		}
	}
	fmt.Fprintf(w, "%d others that fail\n", len(r.Failing))
	for _, i := range r.Failing {
		fmt.Fprintf(w, "  %s: %s\n", i.ID, i.Waits)
		fmt.Fprintf(w, "            %s, next try %s: %s\n", failed(i.Failures), i.NextAt.Format(time.RFC3339), i.LastErr)
	}
	fmt.Fprintf(w, "events: %d numbered, %s\n", r.Relay.Head, unnumbered(r.Relay))
	for _, c := range r.Consumers {
		fmt.Fprintf(w, "  %-10s has read up to %d, %s\n", c.Name, c.At, unread(c))
	}
	for _, j := range r.Journal {
		fmt.Fprintf(w, "journal %s: %d accepted wait to be filed\n", filepath.Base(j.File), j.Waiting)
	}
}

// failed counts failures in a row.
func failed(n int) string {
	if n == 1 {
		return "1 failure"
	}
	return fmt.Sprintf("%d failures", n)
}

// unread tells how many events wait for a consumer, and for how long.
func unread(c dispatch.ConsumerBacklog) string {
	if c.Unread == 0 {
		return "all there is"
	}
	return fmt.Sprintf("%d wait for it, the oldest for %s", c.Unread, inSeconds(c.LagS))
}

// unnumbered tells how many events wait for a number; they are not counted further than dispatch.PendingCounted.
func unnumbered(r dispatch.RelayBacklog) string {
	switch r.Pending {
	case 0:
		return "none without a number"
	case dispatch.PendingCounted:
		return fmt.Sprintf("at least %d not yet, for %s: does muster work or up run?", r.Pending, inSeconds(r.LagS))
	}
	return fmt.Sprintf("%d not yet, the oldest of them for %s", r.Pending, inSeconds(r.LagS))
}

func inSeconds(s float64) time.Duration {
	return time.Duration(s * float64(time.Second)).Round(time.Second)
}
