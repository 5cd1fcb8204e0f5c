package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/api"
	"github.com/sysopssquad/muster/dispatch/journal"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
)

// numbersAhead are a quarter of an hour's at 1,000 submissions a second, as many as were ever measured; decision 21 says what
// they cost.
const numbersAhead = 1_000_000

func (a *app) serveCommand() *cobra.Command {
	var addr string
	var k keeping
	c := &cobra.Command{
		Use:   "serve",
		Short: "Answer HTTP on a store that others work on",
		Long: `Answers HTTP: the API, the event stream and the board. Planning and timers are the work of muster work, of which
at least one must run. Any number of both may share one store, which muster schema has set up.

While the store can't be reached submissions are accepted into a journal on disk, and filed once it is back. What a
process that died had accepted is filed by the next one that uses the folder, or by muster journal replay. A process
that is started while the store is away accepts them too, from whom it knows by that folder; for all else it says that it
isn't ready until the store is there.`,
		Example: "  muster serve --graph neo4j://neo4j:secret@localhost --redis redis://localhost:6379/0 --addr 127.0.0.1:8080",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			l, err := api.Listen(addr)
			if err != nil {
				return err
			}
			defer l.Close()
			return a.run(c.Context(), rehearsed(a.orLater(k)), func(ctx context.Context, n *node) error {
				tend, end, err := n.keep(k)
				if err != nil {
					return err
				}
				defer end()
				a.say("Muster serves http://%s on %s", l.Addr(), masked(a.graph))
				return together(ctx, n.runtime.Watch, tend, func(ctx context.Context) error { return n.serve(ctx, l) })
			})
		},
	}
	c.Flags().StringVar(&addr, "addr", fromEnv("MUSTER_ADDR", defaultAddr), "where to listen, on loopback ($MUSTER_ADDR)")
	c.Flags().StringVar(&k.folder, "journal", fromEnv("MUSTER_JOURNAL", defaultJournal),
		"folder of the intake journal; empty: submissions need the store ($MUSTER_JOURNAL)")
	c.Flags().IntVar(&k.numbers, "numbers", numbersAhead, "how many tickets can be accepted while the store is away")
	return c
}

func (a *app) workCommand() *cobra.Command {
	var channels string
	c := &cobra.Command{
		Use:   "work",
		Short: "Do what must happen by itself: rounds, timers, events",
		Long: `Runs the rounds, keeps the timers and numbers the events of a store. Any number of them may share one store; one that
dies costs the others at most a minute. muster schema sets the store up. While the store is away it waits; without Redis it
goes on from sweep to sweep.`,
		Example: "  muster work --graph neo4j://neo4j:secret@localhost --redis redis://localhost:6379/0",
		Args:    args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return a.patiently(c.Context(), func(ctx context.Context) error {
				return a.run(ctx, a.existing, func(ctx context.Context, n *node) error {
					if err := n.tellBy(channels, ""); err != nil {
						return err
					}
					a.say("Muster works on %s", masked(a.graph))
					return n.work(ctx)
				})
			})
		},
	}
	channelsFlag(c, &channels)
	return c
}

// How long is waited between two looks for a store that is away.
const (
	firstWait   = 100 * time.Millisecond
	longestWait = 2 * time.Second
)

// patiently does what needs the store, again while that is away: who restarts processes that die may wait for minutes
// before the next try.
func (a *app) patiently(ctx context.Context, do func(context.Context) error) error {
	told := false
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		err := do(ctx)
		if ctx.Err() != nil && err != nil {
			return ctx.Err()
		}
		if !neo4j.Away(err) {
			return err
		}
		if !told {
			a.say("%v; waiting for it", err)
			told = true
		}
		if err := (muster.SystemClock{}).Sleep(ctx, wait); err != nil {
			return err
		}
	}
}

// opening is how a process comes by its store: app.open or app.existing.
type opening func(context.Context, muster.Clock, func(graph.Store) error) error

// rehearsed lets the graph's server get ready before the process answers: else the first customer waits for it. Work that
// is due doesn't wait: on a server that has just started, with others asking too, that takes up to 20 s.
func rehearsed(open opening) opening {
	return func(ctx context.Context, clock muster.Clock, use func(graph.Store) error) error {
		return open(ctx, clock, func(s graph.Store) error {
			if r, slow := s.(interface{ Rehearse(context.Context) error }); slow {
				if err := r.Rehearse(ctx); err != nil {
					return err
				}
			}
			return use(s)
		})
	}
}

// lookFor is how long a server looks for its store before it starts without.
const lookFor = 3 * time.Second

// orLater opens a store that is set up, or one that can't be reached now: a server that is started anew during an outage
// must not stop the intake, and is there as soon as its store is.
func (a *app) orLater(k keeping) opening {
	return func(ctx context.Context, clock muster.Clock, use func(graph.Store) error) error {
		s, err := neo4j.OpenLater(a.graph, clock)
		if err != nil || strings.HasPrefix(a.graph, "sqlite:") {
			return a.existing(ctx, clock, use)
		}
		defer s.Close(context.WithoutCancel(ctx))
		looking, cancel := context.WithTimeout(ctx, lookFor)
		_, err = s.Version(looking)
		away := neo4j.Away(err) || looking.Err() != nil
		cancel()
		if !away || ctx.Err() != nil {
			return a.existing(ctx, clock, use)
		}
		meanwhile := "nothing can be done until it is"
		if known, err := journal.People(k.folder); k.folder != "" && err == nil && len(known) > 0 {
			meanwhile = "submissions are accepted without it, from those who are known in " + k.folder
		}
		a.say("%s can't be reached: %s", masked(a.graph), meanwhile)
		return use(later{s})
	}
}

// later is a store that is not rehearsed: it isn't there yet.
type later struct{ graph.Store }

// run opens the store, makes a node and hands it to use.
func (a *app) run(ctx context.Context, open opening, use func(context.Context, *node) error) error {
	clock, err := wallClock()
	if err != nil {
		return err
	}
	return open(ctx, muster.SystemClock{}, func(s graph.Store) error {
		s, err := crash(s)
		if err != nil {
			return err
		}
		n, err := newNode(ctx, s, a.redis, clock, a.logger())
		if err != nil {
			return err
		}
		err = use(ctx, n)
		if e := n.close(); err == nil {
			err = e
		}
		return err
	})
}
