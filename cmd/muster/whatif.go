package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// mostSupposed is how many bytes a file of changes may have.
const mostSupposed = 4 << 20

func (a *app) whatIfCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "whatif FILE",
		Short: "Plan the queues with and without some changes, and show what they would do; nothing is saved",
		Long: `Reads changes from a file (- for standard input), carries them out on copies, and compares: which visits would lose
their expert and who could come instead, and how the queued tickets would be planned with and without them. Changes
are a JSON object:

  {"changes": [
    {"absent": {"expert": "exp_ana-ruiz", "until": "2026-11-27T18:00:00-05:00"}},
    {"skill": {"expert": "exp_li-wei", "skill": "skl_hvac", "level": 3}},
    {"leaves": "exp_tom-berg"},
    {"tickets": {"count": 20, "point": {"lat": 42.36, "lng": -71.06},
                 "needs": [{"skill": "skl_hvac", "level": 2}], "duration_min": 60}},
    {"policy": {"weights": {"travel": 2}}}
  ]}

Level 0 takes a skill away; "expert" with all that an expert has adds one. "regions" beside
"changes" names whose queues are planned; without it those that the changes reach, and all of
them if the policy changes.`,
		Example: "  muster whatif flu.json\n  echo '{\"changes\":[{\"absent\":{\"expert\":\"exp_ana-ruiz\"}}]}' | muster whatif - --json",
		Args:    args(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			req, err := supposed(args[0], c.InOrStdin())
			if err != nil {
				return err
			}
			return a.deciding(c.Context(), func(s graph.Store, clock muster.Clock) error {
				r, err := dispatch.New(s, clock).WhatIf(c.Context(), muster.System("command line"), req)
				if err != nil {
					return err
				}
				return a.answer(r, func(w io.Writer) { printWhatIf(w, r) })
			})
		},
	}
}

// supposed reads the changes.
func supposed(file string, in io.Reader) (req dispatch.WhatIfRequest, err error) {
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return req, muster.Invalid("FILE", file, "a file of changes, or - for standard input: "+err.Error())
		}
		defer f.Close()
		in = f
	}
	from := json.NewDecoder(io.LimitReader(in, mostSupposed))
	from.DisallowUnknownFields()
	if err := from.Decode(&req); err != nil {
		return req, muster.Invalid("FILE", file, "changes as muster whatif --help shows them: "+err.Error())
	}
	if _, err := from.Token(); err != io.EOF {
		return req, muster.Invalid("FILE", file, fmt.Sprintf("one JSON object of up to %d bytes, and nothing after it", mostSupposed))
	}
	return req, nil
}

// mostShown is how many tickets people are shown one by one.
const mostShown = 20

func printWhatIf(w io.Writer, r dispatch.WhatIfReport) {
	if len(r.Visits) > 0 {
		fmt.Fprintf(w, "visits that lose their expert: %d\n", len(r.Visits))
		t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, m := range r.Visits {
			zone := muster.Location(m.Zone)
			fmt.Fprintf(t, "  %s\tpromised %s-%s\t%s\n", m.Ref, clockTime(m.Window.Start, zone), m.Window.End.In(zone).Format("15:04"), whatBecomes(m))
		}
		t.Flush()
	}
	if r.Unclear != "" {
		fmt.Fprintf(w, "of one visit it isn't clear: %s\n", r.Unclear)
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "queued tickets\tbefore\tafter\t")
	fmt.Fprintf(t, "all\t%d\t%d\t\n", r.Before.Tickets, r.After.Tickets)
	fmt.Fprintf(t, "placed\t%d\t%d\t\n", r.Before.Placed, r.After.Placed)
	fmt.Fprintf(t, "left\t%d\t%d\t\n", r.Before.Left, r.After.Left)
	fmt.Fprintf(t, "cost, each by its own weights\t%.0f\t%.0f\t\n", r.Before.Cost, r.After.Cost)
	fmt.Fprintf(t, "travel in it\t%.0f\t%.0f\t\n", r.Before.Terms["travel"], r.After.Terms["travel"])
	t.Flush()
	fmt.Fprintf(w, "gain a place: %d, lose theirs: %d, move: %d\n", r.Gained, r.Lost, r.Moved)
	t = tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for i, x := range r.Tickets {
		if i == mostShown {
			fmt.Fprintf(t, "  and %d more: --json\n", len(r.Tickets)-mostShown)
			break
		}
		ref := x.Ref
		if ref == "" {
			ref = "new"
		}
		fmt.Fprintf(t, "  %s\t%s\t->\t%s\n", ref, placeOf(x.Before, x.Zone, ""), placeOf(x.After, x.Zone, string(x.Why)))
	}
	t.Flush()
}

// placeOf says who would come and when, by the clocks of the site.
func placeOf(c *muster.Candidate, zone, why string) string {
	switch {
	case c != nil:
		return fmt.Sprintf("%s, %s", c.Name, clockTime(c.Start, muster.Location(zone)))
	case why != "":
		return "nobody: " + why
	default:
		return "nobody"
	}
}
