package graphtest

import (
	"context"
	"flag"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/evidence"
	"github.com/sysopssquad/muster/graph"
)

// Histories holds a store to a model of maps under random histories: after every step all reads are compared. The steps
// of one history are set by rapid's own flag, -rapid.steps; -rapid.seed repeats one that failed.
//
// A campaign counts what it did, and writes it to the file that GRAPHTEST_EVIDENCE names:
//
//	GRAPHTEST_HISTORIES=35000 GRAPHTEST_EVIDENCE=$PWD/docs/evidence/steps-sqlite.json \
//	    go test ./graph/sqlite -run HistoriesInMemory -timeout 0 -rapid.seed=1
func Histories(t *testing.T, o Options) {
	limitHistories(t, o.Histories)
	seed, err := strconv.ParseInt(flag.Lookup("rapid.seed").Value.String(), 0, 64)
	require.NoError(t, err)
	run, steps, histories := evidence.Begin("go test -run "+t.Name()+" "+strings.Join(os.Args[1:], " "), seed), 0, 0
	defer func() {
		t.Logf("%d histories, %d steps", histories, steps)
		if path := os.Getenv("GRAPHTEST_EVIDENCE"); path != "" {
			require.NoError(t, run.Write(path, map[string]any{"histories": histories, "steps": steps, "different": t.Failed()}))
		}
	}()
	rapid.Check(t, func(rt *rapid.T) {
		own := &span{TB: t}
		defer own.end()
		h := &history{T: rt, ctx: t.Context(), model: NewModel(), store: o.Open(own), steps: &steps}
		histories++
		rt.Repeat(map[string]func(*rapid.T){
			"commit":    h.step(h.commit),
			"commit ":   h.step(h.commit), // more often than the others
			"commit  ":  h.step(h.commit),
			"claim due": h.step(h.claimDue),
			"claim":     h.step(h.claim),
			"settle":    h.step(h.settle),
			"number":    h.step(h.number),
			"advance":   h.step(h.advance),
			"prune":     h.step(h.prune),
			"decisions": h.step(h.compareDecisions),
			"lists":     h.step(h.compareLists),
			"timers":    h.step(h.compareTimers),
			"events":    h.step(h.compareEvents),
		})
		h.compareAll()
	})
}

// span is a test whose cleanups run at the end of one history: a campaign has very many.
type span struct {
	testing.TB
	ends []func()
}

func (s *span) Cleanup(f func()) { s.ends = append(s.ends, f) }

func (s *span) TempDir() string {
	dir, err := os.MkdirTemp("", "history")
	require.NoError(s, err)
	s.Cleanup(func() { require.NoError(s, os.RemoveAll(dir)) })
	return dir
}

func (s *span) end() {
	for _, f := range slices.Backward(s.ends) {
		f()
	}
}

// limitHistories sets how many histories rapid tries, unless its flag was given.
func limitHistories(t *testing.T, n int) {
	value := os.Getenv("GRAPHTEST_HISTORIES")
	if value == "" && n > 0 {
		value = itoa(n)
	}
	if value == "" || checksGiven() {
		return
	}
	before := flag.Lookup("rapid.checks").Value.String()
	require.NoError(t, flag.Set("rapid.checks", value), "GRAPHTEST_HISTORIES is a number of histories")
	t.Cleanup(func() { require.NoError(t, flag.Set("rapid.checks", before)) })
}

// checksGiven tells whether rapid's own flag was on the command line; to ask later would find what limitHistories has set.
var checksGiven = sync.OnceValue(func() (given bool) {
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	return given
})

// history is one random history under way.
type history struct {
	*rapid.T
	ctx     context.Context
	model   *Model
	store   graph.Store
	changes []graph.Change // all that were tried, for repetitions
	wakes   []graph.Wake   // all that were claimed
	now     time.Duration  // since Start
	clock   int            // makes the moments of commands differ
	steps   *int           // of all histories
}

// step runs an action that draws from the step's own source.
func (h *history) step(action func()) func(*rapid.T) {
	return func(rt *rapid.T) {
		h.T = rt
		*h.steps++
		action()
	}
}

// same fails unless both sides gave the same, or failed with the same code.
func same[V any](h *history, what string, want V, wantErr error, got V, gotErr error) {
	h.Helper()
	require.Equal(h, muster.CodeOf(wantErr), muster.CodeOf(gotErr), "%s: model %v, store %v", what, wantErr, gotErr)
	if wantErr != nil {
		return
	}
	if reflect.DeepEqual(want, got) { // a difference is rare, and looking for it slow
		return
	}
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		h.Fatalf("%s: model - , store +\n%s", what, d)
	}
}

func (h *history) commit() {
	changes := h.drawChanges()
	want, wantErr := h.model.Commit(h.ctx, changes...)
	got, gotErr := h.store.Commit(h.ctx, changes...)
	same(h, "Commit", want, wantErr, got, gotErr)
	h.changes = append(h.changes, changes...)
}

func (h *history) moment() time.Time { return Start.Add(h.now) }

func (h *history) claimDue() {
	h.now += time.Duration(h.between("minutes", 0, 90)) * minute
	lane := rapid.SampledFrom(muster.Lanes()).Draw(h.T, "lane")
	shards, err := h.model.DueShards(h.ctx, lane, h.moment())
	require.NoError(h, err)
	shard := rapid.SampledFrom(append(shardsOf(shards), 7)).Draw(h.T, "shard")
	limit := h.between("limit", 1, 3)
	want, wantErr := h.model.ClaimDue(h.ctx, lane, shard, h.moment(), h.moment().Add(lease), limit)
	got, gotErr := h.store.ClaimDue(h.ctx, lane, shard, h.moment(), h.moment().Add(lease), limit)
	same(h, "ClaimDue", want, wantErr, got, gotErr)
	h.wakes = append(h.wakes, want...)
}

func (h *history) claim() {
	id := rapid.SampledFrom(timedIDs).Draw(h.T, "id")
	want, wantOK, wantErr := h.model.Claim(h.ctx, id, h.moment(), h.moment().Add(lease))
	got, gotOK, gotErr := h.store.Claim(h.ctx, id, h.moment(), h.moment().Add(lease))
	same(h, "Claim", want, wantErr, got, gotErr)
	require.Equal(h, wantOK, gotOK, "Claim")
	if wantOK {
		h.wakes = append(h.wakes, want)
	}
}

func (h *history) settle() {
	if len(h.wakes) == 0 {
		return
	}
	var settled []graph.Settled
	for range h.between("settled", 1, 3) {
		settled = append(settled, graph.Settled{
			Wake:     rapid.SampledFrom(h.wakes).Draw(h.T, "wake"),
			Next:     h.moment().Add(time.Duration(h.between("in", 1, 120)) * minute),
			Failures: h.between("failures", 0, 3),
			Why:      rapid.SampledFrom([]string{"", "the store is away", "\"quoted\" \u00fc"}).Draw(h.T, "why"),
		})
	}
	want, wantErr := h.model.Settle(h.ctx, settled...)
	got, gotErr := h.store.Settle(h.ctx, settled...)
	same(h, "Settle", want, wantErr, got, gotErr)
}

// number numbers some of what is pending, mostly with the right fence and the right number.
func (h *history) number() {
	events, wantErr := h.model.Pending(h.ctx, 1000)
	got, gotErr := h.store.Pending(h.ctx, 1000)
	same(h, "Pending", events, wantErr, got, gotErr)
	events = events[:h.between("events", 0, len(events))]
	_, head, err := h.model.Bounds(h.ctx)
	require.NoError(h, err)
	fence := int64(1)
	if s := h.model.state[theDuty]; s != nil {
		fence = s.fence
	}
	if h.between("wrong", 0, 5) == 0 {
		fence += rapid.Int64Range(-1, 1).Draw(h.T, "fence")
		head += rapid.Int64Range(-1, 1).Draw(h.T, "head")
	}
	wantErr = h.model.Number(h.ctx, theDuty, fence, head+1, events)
	gotErr = h.store.Number(h.ctx, theDuty, fence, head+1, events)
	same(h, "Number", 0, wantErr, 0, gotErr)
}

func (h *history) advance() {
	seq := rapid.Int64Range(0, 50).Draw(h.T, "seq")
	consumer := rapid.SampledFrom([]string{"stream", "mail"}).Draw(h.T, "consumer")
	same(h, "Advance", 0, h.model.Advance(h.ctx, consumer, seq), 0, h.store.Advance(h.ctx, consumer, seq))
}

func (h *history) prune() {
	before := Start.Add(time.Duration(h.between("before", 0, h.clock+1)) * time.Microsecond)
	limit := h.between("limit", 0, 3)
	want, wantErr := h.model.Prune(h.ctx, before, limit)
	got, gotErr := h.store.Prune(h.ctx, before, limit)
	same(h, "Prune", want, wantErr, got, gotErr)
	later := Start.Add(time.Duration(h.between("jobs before", 0, h.clock+1)) * time.Microsecond)
	want, wantErr = h.model.PruneJobs(h.ctx, later, limit)
	got, gotErr = h.store.PruneJobs(h.ctx, later, limit)
	same(h, "PruneJobs", want, wantErr, got, gotErr)
}
