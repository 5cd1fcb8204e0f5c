// Command probe measures what a store's driver can do with exactly what Muster wrote, and nothing else: no
// guards, no reads, no decisions. It imports only the drivers.
//
// It takes a store before and after Muster's work, finds the rows (or nodes and relations) that are new or
// changed, and writes these again from the state before, in batches of 50, 250 and 1,000 units of work by 1,
// 2 and 4 sessions. The best of the nine is the peer in Muster's benchmarks.
//
//	probe sqlite -before before.db -after after.db -units 10000
//	probe neo4j  -url bolt://neo4j:secret@localhost:7687 -dump before.gob
//	probe neo4j  -url bolt://neo4j:secret@localhost:7687 -before before.gob -after after.gob -units 10000
//
// The second form of neo4j empties the server that it is pointed at; with -empty it does nothing else.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sync"
	"time"
)

// result is one way to write everything.
type result struct {
	Batch    int     `json:"batch"`
	Sessions int     `json:"sessions"`
	Seconds  float64 `json:"seconds"`
	Rate     float64 `json:"units_per_second"`
}

// report is what the probe prints.
type report struct {
	Store string   `json:"store"`
	Units int      `json:"units"`
	Rows  int      `json:"rows"` // or nodes and relations
	Best  result   `json:"best"`
	All   []result `json:"all"`
}

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "probe:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say which store: sqlite or neo4j")
	}
	f := flag.NewFlagSet(args[0], flag.ContinueOnError)
	before := f.String("before", "", "the store before Muster's work")
	after := f.String("after", "", "the store after it")
	units := f.Int("units", 0, "how many tickets or assignments the work was")
	url := f.String("url", "", "of the Neo4j server")
	dump := f.String("dump", "", "write what the server holds to this file, and end")
	empty := f.Bool("empty", false, "delete all that the server holds, and end")
	only := f.Int("batch", 0, "measure only this many units a commit by one session")
	read := f.String("read", "", "instead of writing, read the tickets whose ids are the lines of this file")
	if err := f.Parse(args[1:]); err != nil {
		return err
	}
	var write writer
	var rows int
	var err error
	switch {
	case args[0] == "neo4j" && *dump != "":
		return dumpNeo4j(ctx, *url, *dump)
	case args[0] == "neo4j" && *empty:
		return emptyNeo4j(ctx, *url)
	case args[0] == "neo4j" && *read != "":
		return timeReads(*read, func(do func(reading) error) error { return readNeo4j(ctx, *url, do) })
	case args[0] == "sqlite" && *read != "":
		return timeReads(*read, func(do func(reading) error) error { return readSQLite(ctx, *after, do) })
	case *units <= 0:
		return fmt.Errorf("-units %d: say how many units of work there were", *units)
	case args[0] == "sqlite":
		write, rows, err = probeSQLite(ctx, *before, *after)
	case args[0] == "neo4j":
		write, rows, err = probeNeo4j(ctx, *url, *before, *after)
	default:
		err = fmt.Errorf("no store %q: sqlite or neo4j", args[0])
	}
	if err != nil {
		return err
	}
	r := report{Store: args[0], Units: *units, Rows: rows}
	sizes, crowds := []int{50, 250, 1000}, []int{1, 2, 4}
	if *only > 0 {
		sizes, crowds = []int{*only}, []int{1}
	}
	for _, batch := range sizes {
		for _, sessions := range crowds {
			batches := (*units + batch - 1) / batch
			took, err := write(ctx, batches, sessions)
			if err != nil {
				return fmt.Errorf("batches of %d by %d sessions: %w", batch, sessions, err)
			}
			one := result{batch, sessions, took.Seconds(), float64(*units) / took.Seconds()}
			r.All = append(r.All, one)
			if one.Rate > r.Best.Rate {
				r.Best = one
			}
		}
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

// writer restores the state before, then writes everything in a number of transactions by some sessions, and
// tells how long the writing took.
type writer func(ctx context.Context, batches, sessions int) (time.Duration, error)

// share gives the n-th of parts shares of a list.
func share[T any](list []T, n, parts int) []T {
	return list[len(list)*n/parts : len(list)*(n+1)/parts]
}

// inSessions hands the numbers 0 to batches-1 to some sessions and returns the first error.
func inSessions(batches, sessions int, do func(session, batch int) error) error {
	todo := make(chan int, batches)
	for n := range batches {
		todo <- n
	}
	close(todo)
	errs := make(chan error, sessions)
	var wg sync.WaitGroup
	for s := range sessions {
		wg.Go(func() {
			for n := range todo {
				if err := do(s, n); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	return <-errs
}
