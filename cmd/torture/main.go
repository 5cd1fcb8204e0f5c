// Torture breaks a company of three replicas on purpose and tells what was lost: see docs/guarantees.md. Exit code 1 if
// anything was.
//
//	make torture
//	RESUME=1 make torture          # goes on after the last chapter that was over; an outage is one piece and begins anew
//	make torture ARGS="-kills 10 -graph 1 -wipes 2"
//	make torture ARGS="-outage graph-down -lasts 10m -surge 200"
package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/torture"
)

func main() { evidence.Main("torture", run) }

func run(ctx context.Context) (sound bool, err error) {
	o := torture.Options{Say: func(format string, args ...any) {
		fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
	}}
	flag.StringVar(&o.Muster, "muster", "bin/muster", "the binary to break")
	flag.StringVar(&o.Dir, "dir", "", "where servers, ledger and state live, for RESUME=1; a temporary folder if left out")
	flag.Int64Var(&o.Seed, "seed", 1, "of the company and of what breaks when")
	flag.IntVar(&o.Kills, "kills", 1000, "SIGKILLs of servers and workers")
	flag.IntVar(&o.Graph, "graph", 50, "SIGKILLs of Neo4j")
	flag.IntVar(&o.Wipes, "wipes", 100, "of Redis")
	flag.DurationVar(&o.Every, "every", time.Second, "mean time between two faults")
	flag.Float64Var(&o.Rate, "rate", 8, "submissions a second")
	flag.IntVar(&o.Experts, "experts", 600, "of the company")
	flag.DurationVar(&o.Chapter, "chapter", 5*time.Minute, "how long it breaks things before it looks for what was promised")
	file := flag.String("evidence", "", "file to write the result to, as JSON")
	outage := flag.String("outage", "", "one outage instead of many kills: "+strings.Join(torture.Outages(), ", "))
	flag.Float64Var(&o.Surge, "surge", 0, "so many more submissions a second while the outage lasts")
	lasts := flag.Duration("lasts", 10*time.Minute, "of the outage")
	flag.Parse()
	if o.Muster, err = filepath.Abs(o.Muster); err != nil {
		return false, err
	}
	r := evidence.Begin(evidence.Made("torture"), o.Seed)
	if *outage != "" {
		e, err := torture.RunOutage(ctx, o, *outage, *lasts)
		if err != nil {
			return false, err
		}
		return e.Sound(), r.Publish(*file, e)
	}
	var before torture.Evidence
	state := filepath.Join(o.Dir, "state.json")
	if o.Dir != "" && evidence.Resuming() {
		if err := r.GoOn(state, &before); err != nil {
			return false, err
		}
	}
	faults := maps.Clone(before.Faults) // the run counts on in the same
	did := func(e torture.Evidence) {
		done := map[string]int{"chapters": e.Chapters - before.Chapters, "acknowledged": e.Acked - before.Acked}
		for kind, n := range e.Faults {
			done[kind] = n - faults[kind]
		}
		r.Did(done)
	}
	o.Each = func(e torture.Evidence) error {
		if o.Dir == "" {
			return nil
		}
		did(e)
		return r.Write(state, e)
	}
	e, err := torture.Run(ctx, o, before)
	if err != nil {
		return false, err
	}
	did(e)
	return e.Sound(), r.Publish(*file, e)
}
