package main

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// roundsReport is the days, and how they ended.
type roundsReport struct {
	Days      []dispatch.DayReport      `json:"days"`
	Assigned  int                       `json:"assigned"`
	Remaining int                       `json:"remaining"`
	ByReason  map[muster.ReasonCode]int `json:"by_reason"`
}

func (a *app) roundsCommand() *cobra.Command {
	var o dispatch.DaysOptions
	var from string
	c := &cobra.Command{
		Use:   "rounds",
		Short: "Drive the company day by day: rounds assign, visits take place, capacity frees",
		Long: `Drives the company day by day on a clock of its own, starting now: each day every region has its round, which
assigns; then the clock moves to the next day, and the visits in between end, with the outcome that an imported
record foretells or one that the seed decides. Nothing else may work on the store meanwhile.`,
		Example: "  muster rounds --until-idle --days 60 --seed 1 --json",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			start := muster.SystemClock{}.Now()
			if from != "" {
				var err error
				if start, err = time.Parse(time.RFC3339, from); err != nil {
					return muster.Invalid("--from", from, "give an instant with its zone, such as 2026-11-21T08:00:00Z")
				}
			}
			if o.Days < 1 {
				return muster.Invalid("--days", fmt.Sprint(o.Days), "at least 1")
			}
			clock := muster.NewFakeClock(start)
			return a.existing(c.Context(), clock, func(s graph.Store) error {
				o.Report = func(d dispatch.DayReport) {
					a.say("day %2d  %s  %6d assigned  %6d visits ended  %6d remain", d.Day, d.Date, d.Assigned, d.Ended, d.Remaining)
				}
				days, err := dispatch.New(s, clock).Days(c.Context(), s, clock, o)
				if err != nil {
					return err
				}
				r := roundsReport{Days: days}
				for _, d := range days {
					r.Assigned += d.Assigned
				}
				if n := len(days); n > 0 {
					r.Remaining, r.ByReason = days[n-1].Remaining, days[n-1].ByReason
				}
				return a.answer(r, func(w io.Writer) {
					fmt.Fprintf(w, "days: %d, assigned: %d, left in the queue: %d\n", len(r.Days), r.Assigned, r.Remaining)
					printReasons(w, r.ByReason)
				})
			})
		},
	}
	f := c.Flags()
	f.BoolVar(&o.UntilIdle, "until-idle", false, "stop on the first day on which nothing could be assigned and nothing is under way")
	f.IntVar(&o.Days, "days", 14, "at most this many days")
	f.Int64Var(&o.Seed, "seed", 1, "decides what visits find where a record doesn't foretell it")
	f.StringVar(&from, "from", "", "the instant to start at, with its zone (default: now)")
	return c
}
