package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

func (a *app) coverageCommand() *cobra.Command {
	var region string
	c := &cobra.Command{
		Use:   "coverage",
		Short: "Say which skills and regions have nobody at work, or one person only",
		Long: `Goes through the hours of the usual week and says where nobody is at work, or one person only: of each skill by level,
and of each region. Weekly shifts count, by the clock where the expert is based: an hour counts for who works all of it.
Leave, single shifts and time on call don't, nor do certificates that have ended.`,
		Example: "  muster coverage\n  muster coverage --region reg_822617fffffffff --json",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if region != "" {
				if err := muster.CheckID(muster.KindRegion, "--region", region); err != nil {
					return err
				}
			}
			return a.deciding(c.Context(), func(s graph.Store, clock muster.Clock) error {
				found, err := dispatch.New(s, clock).Coverage(c.Context(), muster.RegionID(region))
				if err != nil {
					return err
				}
				return a.answer(found, func(w io.Writer) { printCoverage(w, found) })
			})
		},
	}
	c.Flags().StringVar(&region, "region", "", "of those alone who are based in this region")
	return c
}

// shownGaps is how many rows of each kind, and how many spans of each row, people get to read; --json has all.
const (
	shownGaps  = 25
	shownSpans = 4
)

func printCoverage(w io.Writer, c muster.Coverage) {
	fmt.Fprintf(w, "%d experts; hours of the usual week, by the clock where each is based\n", c.Experts)
	if c.Experts == 0 {
		return
	}
	if len(c.Closed) > 0 {
		fmt.Fprintf(w, "nobody at all works %s; what follows is about the other hours\n", spans(c.Closed))
	}
	rows := 0
	row := func(name string, experts int, nobody, one []muster.HourSpan) {
		if rows++; rows > shownGaps {
			return
		}
		fmt.Fprintf(w, "%s, %d experts\n", name, experts)
		if len(nobody) > 0 {
			fmt.Fprintf(w, "  nobody  %s\n", spans(nobody))
		}
		if len(one) > 0 {
			fmt.Fprintf(w, "  one     %s\n", spans(one))
		}
	}
	rest := func() {
		if rows > shownGaps {
			fmt.Fprintf(w, "... and %d more; --json lists all\n", rows-shownGaps)
		}
		rows = 0
	}
	skills := slices.Clone(c.Skills) // the scarcest first; those that JSON begins with begin with A
	slices.SortStableFunc(skills, func(a, b muster.SkillCoverage) int { return cmp.Compare(a.Experts, b.Experts) })
	for _, s := range skills {
		row(fmt.Sprintf("%s level %d", s.Name, s.Level), s.Experts, s.Nobody, s.One)
	}
	rest()
	for _, r := range c.Regions {
		row(string(r.Region), r.Experts, r.Nobody, r.One)
	}
	rest()
	if len(c.Skills)+len(c.Regions) == 0 {
		fmt.Fprintln(w, "two or more everywhere")
	}
}

// spans reads as 12 h: Mon 08:00 to 12:00, ...
func spans(all []muster.HourSpan) string {
	hours := 0
	var texts []string
	for i, s := range all {
		hours += s.To - s.From
		if i < shownSpans {
			texts = append(texts, s.String())
		}
	}
	if len(all) > shownSpans {
		texts = append(texts, fmt.Sprintf("and %d more", len(all)-shownSpans))
	}
	return fmt.Sprintf("%d h: %s", hours, strings.Join(texts, ", "))
}
