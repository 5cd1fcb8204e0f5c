package jobs_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/asynq"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/servertest"
)

var quiet = slog.New(slog.DiscardHandler)

// patience is how long tests wait for what must happen.
const patience = 20 * time.Second

// store opens an empty SQLite store until the end of the test.
func store(t testing.TB, clock muster.Clock) graph.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "muster.db"), clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// neo4jStore empties the tests' Neo4j and opens it until the end of the test.
func neo4jStore(t testing.TB, clock muster.Clock) graph.Store {
	t.Helper()
	url := servertest.Neo4j(t)
	servertest.WipeNeo4j(t)
	s, err := neo4j.Open(t.Context(), url, clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	require.NoError(t, s.Migrate(t.Context()))
	return s
}

// change puts a root at its revision, with the event that tells of it.
func change(root muster.Root, at time.Time) (graph.Change, error) {
	body, err := json.Marshal(map[string]any{"root": root})
	guard := graph.Absent(root.RecordID())
	if root.Revision() > 1 {
		guard = graph.At(root.RecordID(), root.Revision()-1)
	}
	id := fmt.Sprintf("%s-%d", root.RecordID(), root.Revision())
	return graph.Change{
		Command: muster.Command{ID: muster.CommandID(id), Name: "test.put", Actor: muster.System("test"), Fingerprint: id},
		At:      at, Expect: []graph.Guard{guard}, Put: []muster.Record{root},
		Events: []muster.Event{{
			Aggregate: root.RecordID(), Rev: root.Revision(), Name: "test.put", Version: 1, At: at,
			Actor: muster.System("test"), Body: body,
		}},
	}, err
}

// put commits a root at its revision.
func put(ctx context.Context, s graph.Committer, root muster.Root, at time.Time) error {
	c, err := change(root, at)
	if err != nil {
		return err
	}
	out, err := s.Commit(ctx, c)
	if err != nil {
		return err
	}
	return out[0].Err()
}

// region is an aggregate with a timer and nothing else.
func region(n int, rev int64, due time.Time) *muster.Region {
	return &muster.Region{
		ID: muster.RegionID(fmt.Sprintf("reg_%d", n)), Rev: rev, Cells: []muster.Cell{},
		Timers: muster.Timers{muster.TimerRound: due},
	}
}

// urgent is a ticket that wants a prompt round.
func urgent(n int64, at time.Time) *muster.Ticket {
	return &muster.Ticket{
		ID: muster.TicketID(fmt.Sprintf("tic_%d", n)), Rev: 1, Number: n, Customer: "cus_a", Site: "sit_a", Title: "No heating",
		Mode: muster.ModeHomeVisit, Needs: []muster.Need{}, Duration: 60, Crew: 1, Priority: muster.PriorityCritical,
		State: muster.Queued, Region: "reg_1", Zone: "UTC", DueAt: at.Add(time.Hour), CreatedAt: at, QueuedAt: at,
		Timers: muster.Timers{muster.TimerQueue: at.Add(time.Hour)},
	}
}

// running is a process: a runtime at work.
type running struct {
	*jobs.Runtime
	redis *asynq.Redis
	stop  func() error

	mu       sync.Mutex
	due      []string
	prompted map[muster.TicketID]time.Time
}

// start runs a process on a store and a Redis.
func start(t testing.TB, s graph.Store, url string) *running {
	t.Helper()
	redis, err := asynq.Open(url, quiet)
	require.NoError(t, err)
	p := &running{redis: redis, prompted: make(map[muster.TicketID]time.Time)}
	p.Runtime = jobs.New(jobs.Config{
		Store: s, Queue: redis.Queue(), Stream: redis.Stream(), Clock: muster.SystemClock{}, Log: quiet,
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- p.Run(ctx, jobs.Work{
			Due: func(_ context.Context, w graph.Wake) (time.Time, error) {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.due = append(p.due, w.ID)
				return time.Now().Add(time.Hour), nil
			},
			Prompt: func(_ context.Context, id muster.TicketID) error {
				p.mu.Lock()
				defer p.mu.Unlock()
				p.prompted[id] = time.Now()
				return nil
			},
		})
	}()
	p.stop = sync.OnceValue(func() error {
		cancel()
		err := <-ended
		if e := redis.Close(); err == nil {
			err = e
		}
		return err
	})
	t.Cleanup(func() { require.NoError(t, p.stop()) })
	return p
}

func (p *running) handled() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(slices.Values(p.due))
}

// embedded runs a Redis in this process until the end of the test.
func embedded(t testing.TB) (url string, stop func()) {
	url, stop, err := asynq.Embedded()
	require.NoError(t, err)
	t.Cleanup(stop)
	return url, stop
}

func TestRuntimeWorksFromEndToEnd(t *testing.T) {
	t.Parallel()
	s := store(t, muster.SystemClock{})
	now := muster.SystemClock{}.Now()
	for n := range 20 { // due before any worker ran
		require.NoError(t, put(t.Context(), s, region(n, 1, now.Add(-time.Minute)), now))
	}
	url, _ := embedded(t)
	p := start(t, s, url)
	sub := p.Hub().Subscribe(0)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for sub.At() < 21 { // the regions' events, and that of the relay's duty
		_, err := sub.Next(ctx)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool { return len(p.handled()) == 20 }, patience, 10*time.Millisecond, "timers are swept at start")

	begin := time.Now()
	require.NoError(t, put(t.Context(), p.Store(), urgent(1, muster.SystemClock{}.Now()), muster.SystemClock{}.Now()))
	require.Eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.prompted["tic_1"].IsZero()
	}, patience, time.Millisecond)
	require.Less(t, p.prompted["tic_1"].Sub(begin), 2*time.Second, "an urgent ticket is offered within two seconds")

	status := p.Status(t.Context())
	require.True(t, status.Ready, "%+v", status)
	require.Equal(t, "ok", status.Queue)
	require.True(t, status.Relay.Holding)
	require.Equal(t, status.Relay.Head, status.Relay.Published)
	require.False(t, status.Sweep.At.IsZero())
	require.Empty(t, status.Slow)
	require.NoError(t, p.stop())
	require.Equal(t, p.handled(), slices.Compact(p.handled()), "each once")
}

func TestRuntimeGoesOnWithoutRedis(t *testing.T) {
	t.Parallel()
	s := store(t, muster.SystemClock{})
	url, stop := embedded(t)
	p := start(t, s, url)
	require.Eventually(t, func() bool { return p.Status(t.Context()).Ready }, patience, 10*time.Millisecond)
	stop()
	now := muster.SystemClock{}.Now()
	require.NoError(t, put(t.Context(), p.Store(), region(1, 1, now), now))
	require.NoError(t, put(t.Context(), p.Store(), urgent(1, now), now))
	sub := p.Hub().Subscribe(0)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for sub.At() < 3 {
		_, err := sub.Next(ctx)
		require.NoError(t, err, "events reach subscribers through the graph")
	}
	require.Eventually(t, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return !p.prompted["tic_1"].IsZero()
	}, patience, 10*time.Millisecond, "prompt rounds take place")
	require.Eventually(t, func() bool { return len(p.handled()) == 1 }, 2*jobs.SweepEvery, 50*time.Millisecond, "timers fire by the worker's own ticker")
	status := p.Status(t.Context())
	require.True(t, status.Ready, "slow, but at work: %+v", status)
	require.NotEqual(t, "ok", status.Queue)
	require.Len(t, status.Slow, 2)
	require.NoError(t, p.stop())
}

func TestEventsReachSubscribersAtOnce(t *testing.T) {
	s := store(t, muster.SystemClock{})
	url, _ := embedded(t)
	p := start(t, s, url)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	sub := p.Hub().Subscribe(0)
	_, err := sub.Next(ctx) // of the relay's duty
	require.NoError(t, err)
	var took []time.Duration
	for n := range 40 {
		now := muster.SystemClock{}.Now()
		require.NoError(t, put(ctx, p.Store(), region(n, 1, now.Add(time.Hour)), now))
		committed := time.Now()
		events, err := sub.Next(ctx)
		require.NoError(t, err)
		require.Len(t, events, 1)
		took = append(took, time.Since(committed))
	}
	slices.Sort(took)
	t.Logf("from commit to subscriber: median %s, slowest %s", took[len(took)/2], took[len(took)-1])
	require.Less(t, took[len(took)/2], 100*time.Millisecond)
}

// Two processes number what four writers commit to one store, with clocks that differ so much that the
// times of an aggregate's events go back. Every subscriber hears every event once, in order, also when one
// of the processes stops in the middle.
func TestRelaysOnARealStore(t *testing.T) {
	for name, open := range map[string]func(testing.TB, muster.Clock) graph.Store{"sqlite": store, "neo4j": neo4jStore} {
		t.Run(name, func(t *testing.T) { race(t, open(t, muster.SystemClock{})) })
	}
}

func race(t *testing.T, s graph.Store) {
	const writers, aggregates, revs = 4, 10, 20
	const total = writers*aggregates*revs + 1 // and the event of the relay's duty
	url, _ := embedded(t)
	a, b := start(t, s, url), start(t, s, url)
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			for rev := range int64(revs) {
				var changes []graph.Change
				for n := range aggregates {
					at := muster.SystemClock{}.Now().Add(-time.Duration(rev) * time.Minute)
					c, err := change(region(w*aggregates+n, rev+1, at.Add(24*time.Hour)), at)
					require.NoError(t, err)
					changes = append(changes, c)
				}
				if _, err := a.Store().Commit(t.Context(), changes...); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	ctx, cancel := context.WithTimeout(t.Context(), 6*patience) // a Neo4j that was just started is slow
	defer cancel()
	hear := func(p *running, heard, upTo int64, rev map[string]int64) int64 {
		sub := p.Hub().Subscribe(heard)
		for heard < upTo {
			events, err := sub.Next(ctx)
			require.NoError(t, err)
			for _, e := range events {
				heard++
				require.Equal(t, heard, e.Seq)
				require.Equal(t, rev[e.Aggregate]+1, e.Rev, "%s", e.Aggregate)
				rev[e.Aggregate] = e.Rev
			}
		}
		return heard
	}
	rev := make(map[string]int64)
	heard := hear(a, 0, total/2, rev)
	require.NoError(t, a.stop())
	require.EqualValues(t, total, hear(b, heard, total, rev))
	require.EqualValues(t, total, hear(b, 0, total, make(map[string]int64)))
	writing.Wait()
	_, head, err := s.Bounds(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, total, head)
}

// An aggregate's second event was decided on a clock that lags: by time alone it would overtake the first.
func TestNumbersOnARealStoreFollowRevisions(t *testing.T) {
	clock := muster.NewFakeClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	s := store(t, clock)
	now := clock.Now()
	require.NoError(t, put(t.Context(), s, region(1, 1, now.Add(time.Hour)), now))
	require.NoError(t, put(t.Context(), s, region(2, 1, now.Add(time.Hour)), now.Add(-time.Minute)))
	require.NoError(t, put(t.Context(), s, region(1, 2, now.Add(time.Hour)), now.Add(-time.Hour)))
	stream := memory.NewStream()
	r := jobs.NewRelay(s, stream, jobs.NewStoreClock(s, clock), quiet)
	_, err := r.Step(t.Context())
	require.NoError(t, err)
	events, err := stream.Read(t.Context(), 0, 10, 0)
	require.NoError(t, err)
	var order []string
	for i, e := range events {
		require.EqualValues(t, i+1, e.Seq)
		order = append(order, fmt.Sprintf("%s/%d", e.Aggregate, e.Rev))
	}
	require.Equal(t, []string{"reg_2/1", "dut_relay/1", "reg_1/1", "reg_1/2"}, order)
}

func TestWatchOnlyTells(t *testing.T) {
	t.Parallel()
	s := store(t, muster.SystemClock{})
	url, _ := embedded(t)
	worker := start(t, s, url)
	redis, err := asynq.Open(url, quiet)
	require.NoError(t, err)
	server := jobs.New(jobs.Config{Store: s, Queue: redis.Queue(), Stream: redis.Stream(), Clock: muster.SystemClock{}, Log: quiet})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Watch(ctx) }()

	now := muster.SystemClock{}.Now()
	require.NoError(t, put(t.Context(), server.Store(), urgent(1, now), now)) // nobody rings the worker
	begin := time.Now()
	waiting, done := context.WithTimeout(t.Context(), patience)
	defer done()
	sub := server.Hub().Subscribe(0)
	for sub.At() < 2 {
		_, err := sub.Next(waiting)
		require.NoError(t, err)
	}
	require.Eventually(t, func() bool {
		worker.mu.Lock()
		defer worker.mu.Unlock()
		return !worker.prompted["tic_1"].IsZero()
	}, patience, time.Millisecond)
	require.Less(t, worker.prompted["tic_1"].Sub(begin), 2*time.Second)
	require.Eventually(t, func() bool { return server.Status(t.Context()).Ready }, patience, 10*time.Millisecond)
	require.Nil(t, server.Status(t.Context()).Relay)
	cancel()
	require.NoError(t, <-ended)
	require.NoError(t, redis.Close())
}

// BenchmarkRelay numbers and publishes events that wait, in batches as they come after an import.
func BenchmarkRelay(b *testing.B) {
	s := store(b, muster.SystemClock{})
	url, _ := embedded(b)
	redis, err := asynq.Open(url, quiet)
	require.NoError(b, err)
	b.Cleanup(func() { require.NoError(b, redis.Close()) })
	now := muster.SystemClock{}.Now()
	var changes []graph.Change
	for n := range int64(b.N) {
		c, err := change(urgent(n, now), now)
		require.NoError(b, err)
		if changes = append(changes, c); len(changes) == 1000 || n == int64(b.N)-1 {
			_, err := s.Commit(b.Context(), changes...)
			require.NoError(b, err)
			changes = changes[:0]
		}
	}
	r := jobs.NewRelay(s, redis.Stream(), jobs.NewStoreClock(s, muster.SystemClock{}), quiet)
	b.ResetTimer()
	for more := true; more; {
		more, err = r.Step(b.Context())
		require.NoError(b, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	require.EqualValues(b, b.N+1, r.Status().Published)
}
