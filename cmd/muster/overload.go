package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/bench"
	"github.com/sysopssquad/muster/evidence"
)

func (a *app) overloadCommand() *cobra.Command {
	var o bench.OverloadOptions
	var write string
	c := &cobra.Command{
		Use:   "overload URL",
		Short: "Send a server ten times what it can carry",
		Long: `Finds the highest open-loop rate of submissions that a running server answers with a 99th percentile below 250 ms, and
then sends ten times as many, with reads beside them. It submits real tickets: use a store made for it. Exit code 1 if
less of the rated load was accepted than --share says, requests failed in another way than 429 or 503 with Retry-After,
submissions waited behind reads, or the server's memory grew. Give the sender cores of its own: scripts/overload does.`,
		Example: "  muster up --still --data /tmp/overload & muster bench overload http://127.0.0.1:8080 --pid $! --seconds 600 --json",
		Args:    args(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			if o.Seconds < 1 {
				return muster.Invalid("--seconds", strconv.Itoa(o.Seconds), "at least 1")
			}
			if o.Rated < 0 {
				return muster.Invalid("--rated", fmt.Sprint(o.Rated), "more than 0, or 0 to find it")
			}
			o.URL, o.Say = args[0], a.say
			run := evidence.Begin("muster bench overload", 0)
			r, err := bench.RunOverload(c.Context(), o)
			if err != nil {
				return err
			}
			if write != "" {
				if err := run.Write(write, r); err != nil {
					return err
				}
			}
			if err := a.answer(r, func(w io.Writer) {
				fmt.Fprintf(w, "rated %.0f a second; offered %.0f: %.0f accepted (%.0f %%), p99 %.0f ms, %d refused, %d failed\nmemory %v MiB\n",
					r.Rated, r.Offered, r.Goodput, 100*r.Share, r.P99Ms, r.Refused, r.Failed, r.MemoryMiB)
			}); err != nil {
				return err
			}
			if missing := r.Missing(o.Share); len(missing) > 0 {
				a.say("%s", strings.Join(missing, "\n"))
				return findings{}
			}
			return nil
		},
	}
	f := c.Flags()
	f.IntVar(&o.Seconds, "seconds", 600, "how long the overload lasts")
	f.DurationVar(&o.Warm, "warm", 30*time.Second, "how long the server is warmed: Neo4j compiles what it does often")
	f.DurationVar(&o.Step, "step", 3*time.Second, "for how long each rate is tried")
	f.Float64Var(&o.Share, "share", 0.9, "how much of the rated load must be accepted in overload")
	f.Float64Var(&o.Rated, "rated", 0, "submissions a second that the server is said to carry; 0: they are found")
	f.IntVar(&o.PID, "pid", 0, "process id of the server, to look at its memory")
	f.StringVar(&write, "evidence", "", "a file for the result with commit, seed and machine")
	return c
}
