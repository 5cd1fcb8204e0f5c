// Mutants puts known bugs into a copy of the source tree, one at a time, and tells which of them no test notices. Each is
// a patch in testdata/mutants; docs/guarantees.md says what counts. Exit code 1 if one survived or is not valid, or if a
// harmless patch was taken for a bug.
//
//	make mutants
//	make mutants ARGS="-slice 3"                    # three of them; the commit decides which
//	make mutants DIR=my-mutants                     # patches of your own
//	RESUME=1 make mutants ARGS="-evidence docs/evidence/mutants.json"   # goes on where it was stopped
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/sysopssquad/muster/evidence"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	clean, err := run(ctx)
	stop()
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(2)
	case !clean:
		os.Exit(1)
	}
}

func run(ctx context.Context) (clean bool, err error) {
	dir := flag.String("dir", "testdata/mutants", "folder of the patches; those in its folder harmless must survive")
	slice := flag.Int("slice", 0, "only so many bugs, and one of the harmless; all for 0")
	seed := flag.Int64("seed", 0, "which of them a slice takes; 0: the commit decides")
	only := flag.String("only", "", "only the patches whose name has this in it")
	limit := flag.Duration("limit", 10*time.Minute, "what the tests of one package may take")
	asJSON := flag.Bool("json", false, "print the report as JSON")
	file := flag.String("evidence", "", "file to write the report to, as JSON, after each patch")
	flag.Parse()

	r := evidence.Begin("make mutants ARGS="+strconv.Quote(strings.Join(os.Args[1:], " ")), *seed)
	if *seed == 0 {
		h := fnv.New32a()
		h.Write([]byte(r.Commit))
		r.Seed = int64(h.Sum32())
	}
	all, err := patches(*dir)
	if err != nil {
		return false, err
	}
	all = slices.DeleteFunc(all, func(p patch) bool { return !strings.Contains(p.Name, *only) })
	if *slice > 0 {
		all = sliceOf(all, *slice, uint64(r.Seed))
		fmt.Fprintf(os.Stderr, "the slice of seed %d:\n", r.Seed)
		for _, p := range all {
			fmt.Fprintln(os.Stderr, "  "+p.Name)
		}
	}
	var earlier report
	if evidence.Resuming() && *file != "" {
		if err := r.GoOn(*file, &earlier); err != nil {
			return false, err
		}
	}
	before := judged(ctx, earlier)
	t, err := copyTree(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, t.remove()) }()
	j := judge{tree: t, limit: *limit}
	var so report
	fresh := 0
	for i, p := range all {
		v, known := before[p.Name]
		if known = known && v.Digest == p.digest; !known {
			if v, err = j.verdict(ctx, p); err != nil {
				return false, fmt.Errorf("%s: %w", p.Name, err)
			}
			v.Commit = r.Commit
			fresh++
			r.Did(map[string]int{"judged": fresh})
		}
		so.add(v)
		fmt.Fprintf(os.Stderr, "%3d of %d  %s\n", i+1, len(all), v)
		if *file != "" && !known {
			if err := r.Write(*file, so); err != nil {
				return false, err
			}
		}
	}
	if *file != "" {
		if err := r.Write(*file, so); err != nil {
			return false, err
		}
	}
	if *asJSON {
		b, err := json.MarshalIndent(so, "", "  ")
		if err != nil {
			return false, err
		}
		fmt.Println(string(b))
	} else {
		fmt.Print(so)
	}
	return so.clean(), nil
}

// judged are the verdicts of an earlier run that stand. What was caught is not tried again; all else is, and what was caught at
// a commit that doesn't lead to this one.
func judged(ctx context.Context, before report) map[string]verdict {
	out := make(map[string]verdict)
	for _, v := range slices.Concat(before.Mutants, before.Harmless) {
		if v.asMeant() && exec.CommandContext(ctx, "git", "merge-base", "--is-ancestor", v.Commit, "HEAD").Run() == nil {
			out[v.Name] = v
		}
	}
	return out
}
