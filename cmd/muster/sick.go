package main

import (
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

func (a *app) sickCommand() *cobra.Command {
	var dry bool
	var until string
	c := &cobra.Command{
		Use:   "sick EXPERT",
		Short: "Enter that an expert is sick from now on, and re-plan their visits",
		Long: `Enters that an expert is sick from now on and re-plans what they have in that time. Each visit goes to somebody who
comes within the window that the customer was promised. Where nobody can, the ticket is queued and becomes a call task:
muster exceptions --kind call. With --dry-run it only shows what would be done. Exit code 1: there are customers to
call.`,
		Example: "  muster sick exp_ana-ruiz --dry-run\n  muster sick exp_ana-ruiz --until 2026-11-25T08:00:00-05:00 --json",
		Args:    args(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			if err := muster.CheckID(muster.KindExpert, "EXPERT", args[0]); err != nil {
				return err
			}
			req := dispatch.SickRequest{Expert: muster.ExpertID(args[0])}
			if until != "" {
				at, err := time.Parse(time.RFC3339, until)
				if err != nil {
					return muster.Invalid("--until", until, "date, time and zone, such as 2026-11-25T08:00:00-05:00")
				}
				if !at.After(muster.SystemClock{}.Now()) {
					return muster.Invalid("--until", until, "must be after now")
				}
				req.Until = at
			}
			return a.deciding(c.Context(), func(s graph.Store, clock muster.Clock) error {
				d := dispatch.New(s, clock)
				report, err := dispatch.SickReport{}, error(nil)
				if by := muster.System("command line"); dry {
					report, err = d.SickPlan(c.Context(), by, req)
				} else {
					id := fmt.Sprintf("sick/%s/%d", req.Expert, clock.Now().UnixMicro())
					report, err = d.Sick(c.Context(), muster.Command{ID: muster.CommandID(id), Actor: by}, req)
				}
				if err != nil {
					return err
				}
				records, err := s.Records(c.Context(), "", args[0])
				if err != nil {
					return err
				}
				home := time.UTC
				if e, ok := records[args[0]].(*muster.Expert); ok {
					home = muster.Location(e.Base.Zone)
				}
				if err := a.answer(report, func(w io.Writer) { printSick(w, report, dry, home) }); err != nil {
					return err
				}
				for _, m := range report.Visits {
					if m.Do == dispatch.MoveCall {
						return findings{}
					}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&dry, "dry-run", false, "only show what would be done")
	c.Flags().StringVar(&until, "until", "", "until when, with the zone (default: the end of the day where the expert lives)")
	return c
}

// printSick shows people what becomes of each visit: since when somebody is away in the time of their home, visits in that
// of their sites.
func printSick(w io.Writer, r dispatch.SickReport, dry bool, home *time.Location) {
	is := "is"
	if dry {
		is = "would be"
	}
	fmt.Fprintf(w, "%s %s away from %s to %s, time of %s; visits: %d\n", r.Name, is, clockTime(r.From, home), clockTime(r.Until, home), home, len(r.Visits))
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, m := range r.Visits {
		zone := muster.Location(m.Zone)
		promised := clockTime(m.Window.Start, zone) + "-" + m.Window.End.In(zone).Format("15:04")
		fmt.Fprintf(t, "%s\tpromised %s\t%s\n", m.Ref, promised, whatBecomes(m))
	}
	t.Flush()
}

// whatBecomes says what is done about a visit that its expert can't make.
func whatBecomes(m dispatch.Moved) string {
	if m.Do == dispatch.MoveGiven {
		return fmt.Sprintf("%s comes at %s", m.Name, m.At.In(muster.Location(m.Zone)).Format("15:04"))
	}
	return map[dispatch.MoveKind]string{
		dispatch.MoveCall: "call the customer: nobody can come then", dispatch.MoveAsked: "no longer asked",
		dispatch.MoveUnder: "on the way: ask them", dispatch.MoveStands: "seen to meanwhile",
	}[m.Do]
}
