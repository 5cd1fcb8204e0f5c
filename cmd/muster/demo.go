package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/demo"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

func (a *app) demoCommand() *cobra.Command {
	var o demo.Options
	var life string
	c := &cobra.Command{
		Use:   "demo",
		Short: "Put a demo company into an empty store, or keep one alive",
		Long: `Puts a demo company into an empty store: skills, experts over real places, customers, open tickets, and a few that
nobody can take. With --life it does not touch the store: it drives a server through the public API, as customers
and experts would, until it is stopped.`,
		Example: "  muster demo --graph neo4j://neo4j:secret@localhost --experts 2000 --tickets 600\n  muster demo --life http://127.0.0.1:8080",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if life != "" {
				if u, err := url.Parse(life); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
					return muster.Invalid("--life", masked(life), "the address of a server, such as http://"+defaultAddr)
				}
				return a.live(c.Context(), life, o.Seed)
			}
			if o.Experts < 1 {
				return muster.Invalid("--experts", strconv.Itoa(o.Experts), "at least 1")
			}
			if o.Tickets < -1 {
				return muster.Invalid("--tickets", strconv.Itoa(o.Tickets), "how many, or -1 for none")
			}
			if o.Tickets == 0 {
				o.Tickets = -1 // Options takes 0 for what is usual
			}
			clock := muster.SystemClock{}
			return a.open(c.Context(), clock, func(s graph.Store) error {
				empty, err := isEmpty(c.Context(), s)
				if err != nil {
					return err
				}
				if !empty {
					return muster.Invalid("--graph", masked(a.graph), "a demo company goes into an empty store only; this one has a company")
				}
				o.Now = clock.Now()
				made, err := a.loadDemo(c.Context(), dispatch.New(s, clock), s, o)
				if err != nil {
					return err
				}
				return a.answer(map[string]any{"experts": len(made.Experts), "tickets": len(made.Tickets), "seed": made.Seed}, func(w io.Writer) {
					fmt.Fprintln(w, "The company is there. Now: muster work, muster serve, and muster demo --life URL")
				})
			})
		},
	}
	f := c.Flags()
	f.IntVar(&o.Experts, "experts", 2000, "how many experts")
	f.IntVar(&o.Tickets, "tickets", 600, "how many open tickets; -1: none")
	f.Int64Var(&o.Seed, "seed", 1, "the same seed at the same moment makes the same company")
	f.StringVar(&life, "life", "", "keep the company of the server at this URL alive instead")
	return c
}

// live keeps a demo company alive through the public API.
func (a *app) live(ctx context.Context, url string, seed int64) error {
	return demo.Live(ctx, demo.LiveOptions{URL: url, Seed: seed, Clock: muster.SystemClock{}, Log: a.logger()})
}
