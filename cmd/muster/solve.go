package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/bench"
	"github.com/sysopssquad/muster/matcher/solve"
)

func (a *app) benchSolveCommand() *cobra.Command {
	var file string
	var turns, threads, changes int
	var seed uint64
	c := &cobra.Command{
		Use:   "solve",
		Short: "Solve a reference instance of assignment and check the plan",
		Long: `Reads an instance, plain or gzipped, brings its arcs into random order, solves it to the optimum with dual prices, and
checks the plan by code that shares nothing with the solver. Times are those of the fastest turn, from the arcs as they are to
assignment and prices (build and solve). The format: little-endian int32, tickets, openings, tickets that each opening takes, arcs;
then for each arc ticket, opening, cost. Leaving a ticket out costs 10,000,000. Exit code 1 if the check finds a flaw.`,
		Example: "  muster bench solve --instance u3.bin.gz --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			switch {
			case file == "":
				return muster.Invalid("--instance", file, "a file")
			case turns < 1:
				return muster.Invalid("--turns", strconv.Itoa(turns), "at least 1")
			case threads < 1:
				return muster.Invalid("--threads", strconv.Itoa(threads), "at least 1")
			}
			f, err := os.Open(file)
			if err != nil {
				return muster.Invalid("--instance", file, "a file that can be read").Because(err)
			}
			defer f.Close()
			in, err := bench.ReadInstance(f)
			if err != nil {
				return err
			}
			if seed > 0 {
				in.Shuffle(seed)
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(threads))
			r, err := bench.SolveInstance(c.Context(), in, turns)
			var named *solve.BadInput
			if errors.As(err, &named) {
				return muster.Invalid("instance: "+named.Where, named.What, "a problem that can be solved")
			}
			if err == nil && changes > 0 && in.Tickets > 0 && in.Openings > 0 {
				var again bench.Resolved
				again, err = bench.ResolveInstance(c.Context(), in, changes, seed)
				r.Resolve, r.Certified = &again, r.Certified && again.Certified
			}
			if err != nil {
				return err
			}
			if err := a.answer(r, func(w io.Writer) {
				fmt.Fprintf(w, "cost %d, %d of %d tickets left out; build %.1f ms, solve %.1f ms, check %.1f ms, %d threads, %.0f bytes an arc\n",
					r.Cost, r.Unassigned, r.Tickets, r.BuildMs, r.SolveMs, r.CheckMs, r.Threads, r.BytesArc)
				if s := r.Resolve; s != nil {
					fmt.Fprintf(w, "a ticket arrives: p50 %.1f us, p99 %.1f us; an opening closes: p50 %.1f us, p99 %.1f us; undone: p50 %.1f us, p99 %.1f us; %.0f times faster than a full solve on average\n",
						s.ArriveP50, s.ArriveP99, s.LeaveP50, s.LeaveP99, s.BackP50, s.BackP99, 1000*(r.BuildMs+r.SolveMs)/s.Mean)
				}
			}); err != nil {
				return err
			}
			if !r.Certified {
				a.say("%s", strings.Join(r.Flaws, "\n"))
				return findings{}
			}
			return nil
		},
	}
	f := c.Flags()
	f.StringVar(&file, "instance", "", "the file")
	f.IntVar(&turns, "turns", 3, "how often it is solved; the fastest counts")
	f.IntVar(&changes, "changes", 0, "then mend the plan after so many arrivals of a ticket and closings of an opening, one at a time")
	f.IntVar(&threads, "threads", 1, "how many threads Go may use")
	f.Uint64Var(&seed, "shuffle", 1, "seed of the arcs' order, 0: as in the file")
	return c
}

func (a *app) benchGenerateCommand() *cobra.Command {
	var name, out string
	var seed uint64
	c := &cobra.Command{
		Use:   "generate",
		Short: "Make an instance of assignment like a reference instance",
		Long: `Writes an instance, gzipped, in the format of muster bench solve: u1 to u4 are tickets and experts at US ZIP codes, i4 a
uniform square. The same seed makes the same file.`,
		Example: "  muster bench generate --like u4 --seed 1 --out u4.bin.gz",
		Args:    cobra.NoArgs,
		RunE: func(_ *cobra.Command, _ []string) (err error) {
			in, err := bench.Generate(name, dataFiles(), seed)
			if err != nil {
				return err
			}
			if out == "" || out == "-" {
				return in.Write(a.io.out)
			}
			f, err := os.Create(out)
			if err != nil {
				return muster.Invalid("--out", out, "a file that can be written").Because(err)
			}
			defer func() { err = errors.Join(err, f.Close()) }()
			return in.Write(f)
		},
	}
	f := c.Flags()
	f.StringVar(&name, "like", "u4", "one of "+strings.Join(bench.Likes(), ", "))
	f.Uint64Var(&seed, "seed", 1, "of positions and skills")
	f.StringVar(&out, "out", "", "the file (default: standard output)")
	return c
}
