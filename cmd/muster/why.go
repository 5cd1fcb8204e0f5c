package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

func (a *app) whyCommand() *cobra.Command {
	var relax bool
	c := &cobra.Command{
		Use:   "why TICKET [EXPERT]",
		Short: "Say who can take a ticket and why everyone else can't",
		Long: `Ranks who can take a ticket's visit, each with the cost by term, and gives for everyone excluded every reason
with the numbers that were compared. With an expert: the answer for that one alone.

With --relax also the least changes that would let somebody take it who can't: one, or two together, such that nothing
less would do. First what escalation may widen, then what a dispatcher may set aside, then proposals to the
administrator; of each the experts that it opens. Nothing is changed.`,
		Example: "  muster why T-4821\n  muster why T-4821 exp_ana-ruiz --json\n  muster why T-4821 --relax",
		Args:    args(1, 2),
		RunE: func(c *cobra.Command, args []string) error {
			ref, err := dispatch.ParseTicketRef(args[0])
			if err != nil {
				return err
			}
			return a.deciding(c.Context(), func(s graph.Store, clock muster.Clock) error {
				d := dispatch.New(s, clock)
				var m muster.Match
				switch {
				case len(args) == 2:
					m, err = whyOne(c, d, ref, args[1], relax)
				case relax:
					m, err = d.Relax(c.Context(), ref)
				default:
					m, err = d.Match(c.Context(), ref)
				}
				if err != nil {
					return err
				}
				there, err := zoneOf(c.Context(), s, m.Ticket)
				if err != nil {
					return err
				}
				if err := a.answer(m, func(w io.Writer) { printMatch(w, args[0], m, there) }); err != nil {
					return err
				}
				if len(m.Candidates) == 0 {
					return findings{}
				}
				return nil
			})
		},
	}
	c.Flags().BoolVar(&relax, "relax", false, "also show the least changes that would let somebody take it")
	return c
}

// zoneOf is the time zone of a ticket's site.
func zoneOf(ctx context.Context, s graph.Store, id muster.TicketID) (*time.Location, error) {
	records, err := s.Records(ctx, "", string(id))
	if t, ok := records[string(id)].(*muster.Ticket); ok {
		return muster.Location(t.Zone), err
	}
	return time.UTC, err
}

// whyOne gives the verdict on one expert in the shape of a match.
func whyOne(c *cobra.Command, d *dispatch.Dispatch, ref dispatch.TicketRef, expert string, relax bool) (muster.Match, error) {
	if err := muster.CheckID(muster.KindExpert, "EXPERT", expert); err != nil {
		return muster.Match{}, err
	}
	find := d.Why
	if relax {
		find = d.RelaxOne
	}
	v, err := find(c.Context(), ref, muster.ExpertID(expert))
	if err != nil {
		return muster.Match{}, err
	}
	m := muster.Match{
		Ticket: v.Ticket, Rev: v.Rev, At: v.At, Policy: v.Policy, Skills: v.Skills,
		Candidates: []muster.Candidate{}, Excluded: []muster.Exclusion{}, Clocks: v.Clocks,
		Relaxations: v.Relaxations,
	}
	if v.Candidate != nil {
		m.Candidates = append(m.Candidates, *v.Candidate)
	}
	if v.Exclusion != nil {
		m.Excluded = append(m.Excluded, *v.Exclusion)
		m.Counts = map[muster.ReasonCode]int{}
		for _, r := range v.Exclusion.Reasons {
			m.Counts[r.Code]++
		}
	}
	return m, nil
}

// shownCandidates and shownExclusions are what people get to read; --json has all.
const (
	shownCandidates = 10
	shownExclusions = 5
	shownOpened     = 3
)

// printMatch shows a match to people, who called the ticket by ref, in the time of its site.
func printMatch(w io.Writer, ref string, m muster.Match, there *time.Location) {
	fmt.Fprintf(w, "%s: %d can take it, %d can't; times of %s\n", ref, len(m.Candidates), len(m.Excluded), there)
	defer printRelaxations(w, m.Relaxations, there)
	printClocks(w, m.Clocks, there)
	if len(m.Candidates)+len(m.Excluded) == 0 {
		fmt.Fprintf(w, "no expert is based near enough to be compared; how far one is: muster why %s EXPERT\n", ref)
		return
	}
	shown := m.Candidates[:min(len(m.Candidates), shownCandidates)]
	name, id := 0, 0
	for _, c := range shown {
		name, id = max(name, utf8.RuneCountInString(c.Name)), max(id, len(c.Expert))
	}
	for i, c := range shown {
		fmt.Fprintf(w, "%2d  %-*s  %-*s  %.0f min lost, %s, %.0f km\n", i+1, name, c.Name, id, c.Expert, c.Cost, clockTime(c.Start, there), math.Ceil(c.Km))
		for _, term := range c.Terms {
			fmt.Fprintf(w, "      %-10s  %7.1f  %s\n", term.Name, term.Minutes, term.Why)
		}
		for _, r := range c.Beyond {
			fmt.Fprintf(w, "      %-10s  %7s  %s\n", r.Code, "", r.Text)
		}
	}
	if len(m.Excluded) > 1 {
		fmt.Fprintln(w, "excluded by (reasons overlap):")
		printReasons(w, m.Counts)
	}
	for i, x := range m.Excluded {
		if i == shownExclusions {
			fmt.Fprintf(w, "... and %d more; --json lists all, or name one: muster why %s EXPERT\n", len(m.Excluded)-i, ref)
			break
		}
		fmt.Fprintf(w, "%s %s\n", x.Name, x.Expert)
		for _, r := range x.Reasons {
			fmt.Fprintf(w, "  %s: %s\n", r.Code, r.Text)
		}
	}
}

// printRelaxations shows the least changes, and whom each opens.
func printRelaxations(w io.Writer, all []muster.Relaxation, there *time.Location) {
	switch {
	case all == nil: // nobody asked
		return
	case len(all) == 0:
		fmt.Fprintln(w, "no change, nor two together, would let anybody else take it")
		return
	}
	fmt.Fprintln(w, "the least changes that would let somebody take it who can't:")
	for i, r := range all {
		ask := "escalation may"
		switch r.Class {
		case muster.ByDispatcher:
			ask = "a dispatcher may"
		case muster.Never:
			ask = "nobody may; a proposal to the administrator"
		}
		texts := make([]string, len(r.Changes))
		for k, c := range r.Changes {
			texts[k] = c.Text
		}
		fmt.Fprintf(w, "%2d  %s\n      %s; opens %d\n", i+1, strings.Join(texts, " And: "), ask, r.Opens)
		for _, c := range r.Experts[:min(len(r.Experts), shownOpened)] {
			fmt.Fprintf(w, "      %s %s  %.0f min lost, %s\n", c.Name, c.Expert, c.Cost, clockTime(c.Start, there))
		}
	}
}

// printClocks shows how far a ticket is from what was agreed.
func printClocks(w io.Writer, clocks []muster.SLAStanding, there *time.Location) {
	for _, c := range clocks {
		fmt.Fprintf(w, "  %-10s %-7s due %s", c.Name, c.State, clockTime(c.Due, there))
		if !c.Original.IsZero() {
			fmt.Fprintf(w, ", at first %s", clockTime(c.Original, there))
		}
		if !c.PausedAt.IsZero() {
			fmt.Fprintf(w, ", stands since %s", clockTime(c.PausedAt, there))
		}
		if !c.EndedAt.IsZero() {
			fmt.Fprintf(w, ", ended %s", clockTime(c.EndedAt, there))
		}
		if c.State == muster.SLAMissed {
			fmt.Fprintf(w, ", missed by %s", time.Duration(c.MissedBy)*time.Minute)
		}
		fmt.Fprintln(w)
	}
}

// clockTime is a moment as a clock on the wall there shows it.
func clockTime(at time.Time, there *time.Location) string {
	return at.In(there).Format("Mon 2 Jan 15:04")
}
