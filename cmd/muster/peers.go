package main

import (
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/bench"
)

func (a *app) benchPeersCommand() *cobra.Command {
	var o bench.PeerOptions
	c := &cobra.Command{
		Use:   "peers",
		Short: "Measure the assignment solver beside LEMON, OR-Tools and SciPy",
		Long: `Solves the reference instances by turns with Muster and with three other solvers, which scripts/bench-peers installs. Muster's
time counts from arcs in random order to assignment and prices, theirs from the graph that they have built. All must find the same
cost; on random instances too. Exit code 1 if a ratio is below what is owed.`,
		Example: "  make bench-peers\n  muster bench peers --instances u1,u3 --turns 5",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			self, err := os.Executable()
			if err != nil {
				return muster.E(muster.CodeInternal, "this program can't find itself", "run it by its path").Because(err)
			}
			if o.Turns < 1 {
				return muster.Invalid("--turns", strconv.Itoa(o.Turns), "at least 1")
			}
			if _, err := os.Stat(filepath.Join(o.Peers, "lemon-peer")); err != nil {
				return muster.Invalid("--peers", o.Peers, "make bench-peers installs them")
			}
			o.Muster, o.Data, o.Say = self, dataFiles(), a.say
			r, err := bench.RunPeers(c.Context(), o)
			return a.measured(r, err)
		},
	}
	f := c.Flags()
	f.StringVar(&o.Peers, "peers", ".peers", "folder of the other solvers")
	f.StringVar(&o.Script, "script", "bench/peers/peers.py", "the program that calls SciPy and OR-Tools")
	f.StringSliceVar(&o.Instances, "instances", []string{"u1", "u2", "u3", "i4", "u4"}, "what to solve; u4 is generated")
	f.IntVar(&o.Turns, "turns", 2, "of each side, by turns; the best counts")
	f.IntVar(&o.Agree, "agree", 200, "random instances on which LEMON must find the same cost")
	f.Uint64Var(&o.Seed, "seed", 1, "of what is generated")
	return c
}
