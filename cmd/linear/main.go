// Linear lets many callers fight over the same tickets and experts and checks with porcupine that there is an order in
// which every answer is right: see package linear. Exit code 1 if there is none for some history.
//
//	make linear ARGS="-store sqlite -ops 1000000 -evidence docs/evidence/linear-sqlite.json"
//	RESUME=1 make linear ARGS="..."     # goes on where it was stopped: the evidence says how far it came
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/linear"
	"github.com/sysopssquad/muster/servertest"
)

func main() { evidence.Main("linear", run) }

func run(ctx context.Context) (clean bool, err error) {
	o := linear.Options{Fsck: true}
	store := flag.String("store", "sqlite", "sqlite, or neo4j: a server is started for it")
	flag.IntVar(&o.Ops, "ops", 10_000, "operations in all")
	seed := flag.Int64("seed", 1, "of what is asked")
	flag.Float64Var(&o.Troubled, "troubled", 0.05, "share of commits whose outcome the caller doesn't learn at once")
	about := flag.String("scenes", "", "what to quarrel about: "+strings.Join(linear.Names(), ", ")+"; all if left out")
	beside := flag.Duration("beside", 0, "instead: how long 64 writers quarrel while fsck checks the store again and again")
	file := flag.String("evidence", "", "file to write the result to, as JSON, after each batch")
	flag.Parse()
	o.Seed = uint64(*seed)
	if *about != "" {
		o.Scenes = strings.Split(*about, ",")
	}
	open := inFile
	switch *store {
	case "sqlite":
	case "neo4j":
		server, err := servertest.StartNeo4j("")
		if err != nil {
			return false, err
		}
		defer func() { err = errors.Join(err, server.Stop()) }()
		open = on("bolt" + strings.TrimPrefix(server.URL, "neo4j")) // there is nowhere to route to
		o.Fsck = false                                              // of all batches at the end
	default:
		return false, fmt.Errorf("-store %s: sqlite or neo4j", *store)
	}
	o.Open = open(muster.SystemClock{})
	r := evidence.Begin(evidence.Made("linear"), *seed)
	if *beside > 0 {
		b, err := linear.FsckBeside(ctx, open, 64, *beside, o.Seed)
		if err != nil {
			return false, err
		}
		return len(b.Breaches) == 0, r.Publish(*file, b)
	}
	var before linear.Report
	if evidence.Resuming() && *file != "" {
		if err := r.GoOn(*file, &before); err != nil {
			return false, err
		}
	}
	did := func(so linear.Report) {
		r.Did(map[string]int{
			"batches": so.Batches - before.Batches, "histories": so.Histories - before.Histories, "ops": so.Ops - before.Ops,
		})
	}
	o.Each = func(so linear.Report) error {
		fmt.Fprintf(os.Stderr, "%d operations in %d histories, %.0f s: %d not linearizable, %d undecided, %d breaches\n",
			so.Ops, so.Histories, so.Seconds, so.Illegal, so.Undecided, so.Breaches)
		if *file == "" {
			return nil
		}
		did(so)
		return r.Write(*file, so)
	}
	report, err := linear.Run(ctx, o, before)
	if err == nil && *store == "neo4j" {
		err = report.Fsck(ctx, o)
	}
	if err != nil {
		return false, err
	}
	did(report)
	return report.Clean(), r.Publish(*file, report)
}

// inFile opens a SQLite file of its own for each batch, and removes it after.
func inFile(clock muster.Clock) func(context.Context) (graph.Store, func() error, error) {
	return func(ctx context.Context) (graph.Store, func() error, error) {
		dir, err := os.MkdirTemp("", "muster-linear")
		if err != nil {
			return nil, nil, err
		}
		s, err := sqlite.Open(ctx, filepath.Join(dir, "muster.db"), clock)
		if err != nil {
			return nil, nil, errors.Join(err, os.RemoveAll(dir))
		}
		end := func() error { return errors.Join(s.Close(context.WithoutCancel(ctx)), os.RemoveAll(dir)) }
		if err := s.Migrate(ctx); err != nil {
			return nil, nil, errors.Join(err, end())
		}
		return s, end, nil
	}
}

// on opens the one store of a server for each batch: their experts and tickets are of different names.
func on(url string) func(muster.Clock) func(context.Context) (graph.Store, func() error, error) {
	return func(clock muster.Clock) func(context.Context) (graph.Store, func() error, error) {
		return func(ctx context.Context) (graph.Store, func() error, error) {
			s, err := neo4j.Open(ctx, url, clock)
			if err != nil {
				return nil, nil, err
			}
			end := func() error { return s.Close(context.WithoutCancel(ctx)) }
			if err := s.Migrate(ctx); err != nil {
				return nil, nil, errors.Join(err, end())
			}
			return s, end, nil
		}
	}
}
