package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/sim"
)

// simulation are the flags of simulate.
type simulation struct {
	sim.Campaign
	faults   string
	evidence string
	shrink   int
	explain  bool
	graph    string // as it is shown; "": temporary stores
}

func (a *app) simulateCommand() *cobra.Command {
	var o simulation
	c := &cobra.Command{
		Use:   "simulate",
		Short: "Let a company live on a fake clock, with faults, and look for what was lost",
		Long: `Lets a repair company live on a clock of its own: customers call, experts answer or don't, dispatchers meddle, processes
stop in the middle of their work, the store fails before and after it wrote. Commands, matcher, jobs and store are the
real ones. What people were told is kept apart and compared with the store at the end; fsck looks at all of it.

The same seed gives the same history. Many tickets are cut into histories of --chunk tickets each, with the seeds that
follow; a history that shows something wrong is repeated by its own seed. Without --graph each has a SQLite store in a
folder of its own, in memory where there is room for that.

Exit code 1 if a ticket was lost or doubled, a wrong expert was sent, or an invariant doesn't hold.`,
		Example: "  muster simulate --tickets 20000 --faults all --json\n" +
			"  muster simulate --seed 17 --tickets 500 --faults conflict,slow --shrink 50\n" +
			"  muster simulate --tickets 1000000 --keep /var/tmp/sim --evidence docs/evidence/simulation-sqlite.json",
		Args: args(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if o.explain {
				return a.explainFaults()
			}
			return a.simulate(c.Context(), &o, c.Flags().Changed("graph"))
		},
	}
	o.flags(c.Flags())
	return c
}

func (o *simulation) flags(f *pflag.FlagSet) {
	f.Int64Var(&o.Seed, "seed", 1, "the same seed gives the same history")
	f.IntVar(&o.Days, "days", 3, "in which customers call")
	f.IntVar(&o.After, "after", 3, "days that life goes on after the last call")
	f.IntVar(&o.Tickets, "tickets", 1000, "calls")
	f.IntVar(&o.Experts, "experts", 0, "0: as many as the tickets need")
	f.StringVar(&o.faults, "faults", "all", "all, none, or kinds with commas between (see --explain)")
	f.IntVar(&o.Chunk, "chunk", 5_000, "tickets of one history, on a store of its own; 0: all in one. Above 2,000 a day slow calls make its processes late")
	f.IntVar(&o.Parallel, "parallel", runtime.NumCPU(), "histories at once")
	f.StringVar(&o.Keep, "keep", "", "a folder for the report of each history; a run that was stopped goes on from there")
	f.StringVar(&o.evidence, "evidence", "", "write what was found into this file, with commit, seed and machine")
	f.IntSliceVar(&o.Calls, "calls", nil, "only these of the calls of a history, by number from 0, with commas between")
	f.IntVar(&o.shrink, "shrink", 0, "if something is wrong, run so many smaller histories to find the smallest that shows it")
	f.BoolVar(&o.explain, "explain", false, "say what the kinds of faults are")
}

func (a *app) explainFaults() error {
	about := make(map[sim.Kind]string)
	for _, k := range sim.Kinds() {
		about[k] = k.About()
	}
	return a.answer(about, func(w io.Writer) {
		for _, k := range sim.Kinds() {
			fmt.Fprintf(w, "%-16s %s\n", k, k.About())
		}
	})
}

func (a *app) simulate(ctx context.Context, o *simulation, onGraph bool) error {
	var err error
	if o.Faults, err = sim.ParseFaults(o.faults); err != nil {
		return err
	}
	if onGraph {
		o.Chunk, o.Parallel, o.graph = 0, 1, masked(a.graph)
		if o.shrink > 0 {
			return muster.Invalid("--shrink", strconv.Itoa(o.shrink), "each history needs an empty store: leave out --graph")
		}
		o.Open = a.openEmpty
	} else {
		folder, err := os.MkdirTemp(roomy(), "muster-sim-")
		if err != nil {
			return muster.E(muster.CodeUnavailable, "there is no folder for the stores", "set TMPDIR to one").Because(err)
		}
		defer os.RemoveAll(folder)
		o.Open = temporary(folder)
	}
	defer debug.SetGCPercent(debug.SetGCPercent(garbage))
	run := evidence.Begin("muster "+strings.Join(os.Args[1:], " "), o.Seed)
	o.Said = a.progress(run.Began)
	if o.Keep != "" {
		if err := o.inParts(&run); err != nil {
			return err
		}
	}
	r, err := o.Run(ctx)
	if err != nil {
		return err
	}
	if o.evidence != "" {
		if err := run.Write(o.evidence, r); err != nil {
			return err
		}
	}
	answer := struct {
		sim.Report
		Commit string  `json:"commit"`
		Dirty  bool    `json:"dirty"`
		Wall   float64 `json:"wall_seconds"`
	}{r, run.Commit, run.Dirty, time.Since(run.Began).Seconds()}
	if err := a.answer(answer, func(w io.Writer) { o.print(w, &r, answer.Wall) }); err != nil {
		return err
	}
	if r.Clean() {
		return nil
	}
	if err := a.smallest(ctx, o, &r); err != nil {
		return err
	}
	return findings{}
}

// inParts makes a run go on with the parts that have put reports into its folder before.
func (o *simulation) inParts(run *evidence.Run) error {
	path, histories := filepath.Join(o.Keep, "run.json"), 0
	if err := run.GoOn(path, nil); err != nil {
		return err
	}
	o.Kept = func() error {
		histories++
		run.Did(map[string]int{"histories": histories})
		return run.Write(path, nil)
	}
	return nil
}

// smallest looks for a smaller history that shows what is wrong with the first that isn't clean, and says how to repeat it.
func (a *app) smallest(ctx context.Context, o *simulation, r *sim.Report) error {
	histories, err := o.Histories()
	if err != nil || o.shrink == 0 {
		return err
	}
	wrong := slices.IndexFunc(r.Chunks, func(c sim.Chunk) bool { return !c.Clean })
	least, _, err := sim.Shrink(ctx, o.Open, histories[wrong], o.shrink, func(calls, kinds int) {
		a.say("it is wrong with %d calls and %d kinds of faults", calls, kinds)
	})
	if err == nil {
		a.say("the smallest: %s", o.again(least))
	}
	return err
}

// again is the command that repeats one history.
func (o *simulation) again(h sim.Options) string {
	kinds, line := make([]string, len(h.Faults)), &strings.Builder{}
	for i, k := range h.Faults {
		kinds[i] = string(k)
	}
	faults := strings.Join(kinds, ",")
	switch len(kinds) {
	case 0:
		faults = "none"
	case len(sim.Kinds()):
		faults = "all"
	}
	fmt.Fprintf(line, "muster simulate --seed %d --days %d --after %d --tickets %d --experts %d --chunk 0 --faults %s",
		h.Seed, h.Days, h.After, h.Tickets, h.Experts, faults)
	for i, n := range h.Calls {
		before := ","
		if i == 0 {
			before = " --calls "
		}
		line.WriteString(before + strconv.Itoa(n))
	}
	if o.graph != "" {
		line.WriteString(" --graph " + o.graph)
	}
	return line.String()
}

// garbage lets the heap grow to so many percent of what is alive: a simulation is small, and makes much of it.
const garbage = 400

// openEmpty opens the store that --graph names, which must be empty.
func (a *app) openEmpty(ctx context.Context, clock muster.Clock) (graph.Store, error) {
	s, err := openStore(ctx, a.graph, clock)
	if err != nil {
		return nil, err
	}
	refuse := func(err error) (graph.Store, error) {
		_ = s.Close(context.WithoutCancel(ctx)) // what was wrong before is what matters
		return nil, err
	}
	if err := s.Migrate(ctx); err != nil {
		return refuse(err)
	}
	empty, err := isEmpty(ctx, s)
	if err != nil {
		return refuse(err)
	}
	if !empty {
		return refuse(muster.Invalid("--graph", masked(a.graph), "a simulation needs an empty store; this one has a company"))
	}
	return s, nil
}

// roomy is the folder for temporary stores: $TMPDIR if it is set, else one in memory where there is one.
func roomy() string {
	const memory = "/dev/shm"
	if info, err := os.Stat(memory); os.Getenv("TMPDIR") == "" && err == nil && info.IsDir() {
		return memory
	}
	return os.TempDir()
}

// temporary opens SQLite stores in a folder, each in one of its own that goes when the store is closed.
func temporary(folder string) sim.Open {
	return func(ctx context.Context, clock muster.Clock) (graph.Store, error) {
		own, err := os.MkdirTemp(folder, "")
		if err != nil {
			return nil, err
		}
		s, err := sqlite.OpenScratch(ctx, filepath.Join(own, "muster.db"), clock)
		if err != nil {
			return nil, err
		}
		return passing{s, own}, nil
	}
}

// passing is a store that goes when it is closed.
type passing struct {
	graph.Store
	folder string
}

// Close closes the store and removes its folder.
func (p passing) Close(ctx context.Context) error {
	err := p.Store.Close(ctx)
	if e := os.RemoveAll(p.folder); err == nil {
		err = e
	}
	return err
}

// progress shows on a terminal how far a campaign is.
func (a *app) progress(began time.Time) func(over, of int, share float64) {
	if !a.onTerminal() {
		return nil
	}
	return func(over, of int, share float64) {
		left := ""
		if took := time.Since(began); share > 0.01 {
			left = ", " + time.Duration(float64(took)*(1-share)/share).Round(time.Second).String() + " left"
		}
		fmt.Fprintf(a.io.err, "\r%5.1f %%, %d of %d histories%s   ", 100*share, over, of, left)
		if over == of {
			fmt.Fprintln(a.io.err)
		}
	}
}

// print shows a report to people.
func (o *simulation) print(w io.Writer, r *sim.Report, wall float64) {
	fmt.Fprintf(w, "%d tickets, histories: %d from seed %d, %s each, in %s: %.0f a second\n", r.Tickets, len(r.Chunks), r.Seed,
		r.Simulated, time.Duration(wall*float64(time.Second)).Round(time.Second), float64(r.Tickets)/wall)
	fmt.Fprintf(w, "lost %d, doubled %d, wrong expert %d, breaches %d, %d checked by fsck\n\n",
		r.Lost, r.Doubled, r.WrongExpert, len(r.Breaches)+r.More, r.Checked)
	table(w, "state", r.ByState)
	table(w, "open, and why", r.Waits)
	table(w, "people and chance", r.Interventions)
	table(w, "faults", r.Faults)
	fmt.Fprintf(w, "%d of %d calls of the store were struck: %.1f %%\n", r.Faulted, r.Calls, 100*float64(r.Faulted)/float64(max(1, r.Calls)))
	spread(w, "arrivals behind their plan", r.Lateness.Arrivals)
	spread(w, "timers behind their moment", r.Lateness.Timers)
	for _, b := range r.Breaches {
		fmt.Fprintf(w, "  %s  %s  %s\n", b.Invariant, b.ID, b.Text)
	}
	histories, err := o.Histories()
	for n, c := range r.Chunks {
		if err == nil && !c.Clean {
			fmt.Fprintln(w, "again:", o.again(histories[n]))
		}
	}
}

func spread(w io.Writer, what string, s sim.Spread) {
	fmt.Fprintf(w, "%s: %d, half within %s, 99 %% within %s, the latest %s\n", what, s.Count, seconds(s.Median), seconds(s.P99), seconds(s.Longest))
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

func table[K ~string](w io.Writer, title string, counts map[K]int) {
	fmt.Fprintln(w, title)
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(w, "  %9d  %s\n", counts[k], k)
	}
	fmt.Fprintln(w)
}
