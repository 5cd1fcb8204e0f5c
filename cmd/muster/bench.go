package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/bench"
)

func (a *app) benchCommand() *cobra.Command {
	var o bench.Options
	c := &cobra.Command{
		Use:   "bench",
		Short: "Measure Muster beside the bare drivers",
		Long: `Measures import, assignment, reads and the time from submission to offer on stores of its own, each beside a program
that knows only the driver and writes the very same rows. Servers are started for it (scripts/install-servers). Exit code
1 if a ratio is below what is owed.`,
		Example: "  make bench\n  muster bench --stores sqlite --rows 20000 --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return muster.E(muster.CodeInternal, "this program can't find itself", "run it by its path").Because(err)
			}
			if o.Turns < 1 {
				return muster.Invalid("--turns", strconv.Itoa(o.Turns), "at least 1")
			}
			o.Muster, o.Data, o.Say = self, dataFiles(), a.say
			if o.Probe == "" {
				o.Probe = filepath.Join(filepath.Dir(self), "probe")
			}
			if _, err := os.Stat(o.Probe); err != nil {
				return muster.Invalid("--probe", o.Probe, "build it with go build -o bin/probe ./bench/probe, as make bench does")
			}
			r, err := bench.Run(c.Context(), o)
			return a.measured(r, err)
		},
	}
	f := c.Flags()
	f.StringSliceVar(&o.Stores, "stores", []string{"sqlite", "neo4j"}, "what to measure")
	f.IntVar(&o.Rows, "rows", 40_000, "of the openrepair file to import, 0: all")
	f.IntVar(&o.Tickets, "tickets", 10_000, "to assign")
	f.IntVar(&o.Experts, "experts", 5_000, "to assign them to")
	f.IntVar(&o.Offers, "offers", 100, "urgent tickets to time from submission to offer")
	f.IntVar(&o.Turns, "turns", 3, "how often import and assignment are measured; the best counts")
	f.Int64Var(&o.Seed, "seed", 1, "of the company")
	f.StringVar(&o.Probe, "probe", "", "the probe's binary (default: beside this program)")
	c.AddCommand(a.overloadCommand(), a.benchSolveCommand(), a.benchGenerateCommand(), a.benchPeersCommand(), a.benchRosterCommand())
	return c
}

// measured prints what was measured until an error, if there was one. A line below what is owed is a finding.
func (a *app) measured(r bench.Report, err error) error {
	v := thisVersion()
	r.Commit, r.Dirty = v.Commit, v.Dirty
	if len(r.Lines) > 0 {
		if e := a.answer(r, func(w io.Writer) { r.Print(w) }); err == nil {
			err = e
		}
	}
	if err != nil {
		return err
	}
	for _, l := range r.Lines {
		if l.Ratio < l.Owed {
			return findings{}
		}
	}
	return nil
}
