package main

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/bench"
)

func (a *app) benchRosterCommand() *cobra.Command {
	var o bench.RosterOptions
	c := &cobra.Command{
		Use:   "roster",
		Short: "Search experts in memory, beside an r-tree and a flat scan",
		Long: `Puts experts at US ZIP codes, each with some skills and a shift a day, and asks for the 16 nearest who have two skills, are at work
and have room. An r-tree (tidwall/rtree) and a flat scan give the identical answer, or the command fails. All three take turns
of 100 queries. Exit code 1 if a ratio is below what is owed or a query allocates.`,
		Example: "  muster bench roster --experts 100000 --skills 80 --queries 10000 --seed 1 --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			for _, f := range []struct {
				name        string
				have, least int
			}{{"--experts", o.Experts, 1}, {"--skills", o.Skills, 10}, {"--queries", o.Queries, 1}} {
				if f.have < f.least {
					return muster.Invalid(f.name, strconv.Itoa(f.have), "at least "+strconv.Itoa(f.least))
				}
			}
			o.Data, o.Say = dataFiles(), a.say
			r, err := bench.SearchRoster(c.Context(), o)
			if err != nil {
				return err
			}
			v := thisVersion()
			r.Commit, r.Dirty = v.Commit, v.Dirty
			if err := a.answer(r, func(w io.Writer) { r.Print(w) }); err != nil {
				return err
			}
			if short := r.Short(); len(short) > 0 {
				a.say("%s", strings.Join(short, "\n"))
				return findings{}
			}
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&o.Experts, "experts", 100_000, "how many")
	f.IntVar(&o.Skills, "skills", 80, "how many; every fifth is a broad one that the four after it narrow")
	f.IntVar(&o.Queries, "queries", 10_000, "of each band, all distinct, in random order")
	f.Uint64Var(&o.Seed, "seed", 1, "of experts and queries")
	f.DurationVar(&o.Patient, "patience", time.Minute, "how long a peer may take in all queries of a band; what it doesn't come to isn't compared")
	return c
}
