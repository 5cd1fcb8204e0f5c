package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/api"
	"github.com/sysopssquad/muster/demo"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// upOptions are the flags of up.
type upOptions struct {
	addr  string
	data  string
	empty bool
	still bool
	seed  int64

	channels string
}

func (a *app) upCommand() *cobra.Command {
	var o upOptions
	c := &cobra.Command{
		Use:   "up",
		Short: "Run everything in one process: SQLite, Redis in memory, a demo company, the board",
		Long: `Runs everything in one process: a SQLite file in the data folder, Redis in memory, the API and the board. An empty
store gets a demo company, whose life then goes on by itself through the public API.`,
		Example: "  muster up\n  muster up --addr 127.0.0.1:9000 --data /srv/muster --empty",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if c.Flags().Changed("graph") {
				return muster.Invalid("--graph", masked(a.graph), "up keeps its store in --data; for another store use muster serve and muster work")
			}
			return a.up(c.Context(), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.addr, "addr", fromEnv("MUSTER_ADDR", defaultAddr), "where to listen, on loopback ($MUSTER_ADDR)")
	f.StringVar(&o.data, "data", "./data", "folder of the store")
	f.BoolVar(&o.empty, "empty", false, "start without a demo company")
	f.BoolVar(&o.still, "still", false, "don't let the demo company live by itself")
	f.Int64Var(&o.seed, "seed", 1, "of the demo company")
	channelsFlag(c, &o.channels)
	return c
}

// demoMark is left in the data folder by the demo company, so that a company of one's own never comes to life.
const demoMark = "demo"

func (a *app) up(ctx context.Context, o upOptions) error {
	began := time.Now()
	l, err := api.Listen(o.addr) // first: a port in use is said before anything is written
	if err != nil {
		return err
	}
	defer l.Close()
	if err := os.MkdirAll(o.data, 0o755); err != nil {
		return muster.Invalid("--data", o.data, "choose a folder that can be made and written to").Because(err)
	}
	a.graph = "sqlite:" + filepath.Join(o.data, "muster.db")
	a.say("Muster: one process, SQLite, in-process Redis")
	return a.run(ctx, rehearsed(a.open), func(ctx context.Context, n *node) error {
		n.outbox = true
		if err := n.tellBy(o.channels, "http://"+l.Addr().String()+"/survey/{ticket}"); err != nil {
			return err
		}
		lives, err := a.welcome(ctx, n, o)
		if err != nil {
			return err
		}
		tend, end, err := n.keep(keeping{folder: filepath.Join(o.data, "journal"), numbers: 100})
		if err != nil {
			return err
		}
		defer end()
		parts := []func(context.Context) error{
			n.work,
			tend,
			func(ctx context.Context) error { return n.serve(ctx, l) },
		}
		if lives && !o.still {
			parts = append(parts, func(ctx context.Context) error { return a.live(ctx, "http://"+l.Addr().String(), o.seed) })
		}
		if err := a.invite(l, o, began); err != nil {
			return err
		}
		return together(ctx, parts...)
	})
}

// welcome loads the demo company into an empty store, and tells whether the store's company is the demo's.
func (a *app) welcome(ctx context.Context, n *node, o upOptions) (lives bool, err error) {
	mark := filepath.Join(o.data, demoMark)
	empty, err := isEmpty(ctx, n.store)
	if err != nil {
		return false, err
	}
	if !empty || o.empty {
		_, err := os.Stat(mark)
		return err == nil, nil
	}
	if err := os.WriteFile(mark, []byte("this folder holds a demo company\n"), 0o644); err != nil {
		return false, muster.Invalid("--data", o.data, "choose a folder that can be written to").Because(err)
	}
	_, err = a.loadDemo(ctx, n.dispatch, n.store, demo.Options{Seed: o.seed, Now: n.clock.Now()})
	return true, err
}

// isEmpty tells whether a store has no company yet.
func isEmpty(ctx context.Context, s graph.Store) (bool, error) {
	setup, err := s.Setup(ctx)
	if err != nil {
		return false, err
	}
	people, err := s.Users(ctx, muster.Scope{Everything: true})
	return setup.Policy.ID == "" && len(setup.Skills) == 0 && len(people) == 0, err
}

// loadDemo makes a demo company and says what it made.
func (a *app) loadDemo(ctx context.Context, d *dispatch.Dispatch, s graph.Store, o demo.Options) (*demo.Company, error) {
	began := time.Now()
	c, err := demo.Generate(o)
	if err != nil {
		return nil, err
	}
	if err := c.Load(ctx, d); err != nil {
		return nil, err
	}
	if err := s.Analyze(ctx); err != nil {
		return nil, err
	}
	a.say("Demo company  %d experts, %d open tickets  %.1f s", len(c.Experts), len(c.Tickets), time.Since(began).Seconds())
	return c, nil
}

// invite says where to look and how to stop.
func (a *app) invite(l net.Listener, o upOptions, began time.Time) error {
	board := "http://" + l.Addr().String()
	err := a.answer(map[string]string{"board": board, "data": o.data}, func(w io.Writer) {
		fmt.Fprintf(w, "\n  The board   %s\n  The outbox  %s/outbox\n  The data    %s\n  Stop with   Ctrl+C\n\n", board, board, o.data)
	})
	a.say("ready after %.1f s", time.Since(began).Seconds())
	return err
}
