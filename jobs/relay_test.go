package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// tape is a jobs.Stream for step-by-step tests. It can be broken or cut short between any two calls.
type tape struct {
	before func(call string) fault
	down   atomic.Bool
	mu     sync.Mutex
	events []muster.Event
}

func (s *tape) do(call string, work func() error) error {
	f := fine
	if s.before != nil {
		f = s.before(call)
	}
	if f == broken || s.down.Load() {
		return muster.E(muster.CodeUnavailable, "injected", "none")
	}
	s.mu.Lock()
	err := work()
	s.mu.Unlock()
	switch f {
	case lost:
		return muster.E(muster.CodeUnavailable, "injected after the fact", "none")
	case killed:
		panic(crash{})
	}
	return err
}

func (s *tape) last() int64 {
	if len(s.events) == 0 {
		return 0
	}
	return s.events[len(s.events)-1].Seq
}

func (s *tape) Publish(_ context.Context, after int64, events []muster.Event) error {
	return s.do("Publish", func() error {
		if s.last() != after {
			return Moved(after, s.last())
		}
		s.events = append(s.events, events...)
		return nil
	})
}

func (s *tape) Last(context.Context) (n int64, err error) {
	err = s.do("Last", func() error { n = s.last(); return nil })
	return n, err
}

func (s *tape) Read(ctx context.Context, after int64, limit int, block time.Duration) (out []muster.Event, err error) {
	defer func() {
		if len(out) == 0 && err == nil && block > 0 {
			_ = muster.SystemClock{}.Sleep(ctx, block) // what arrives meanwhile is seen by the next reading
		}
	}()
	err = s.do("Read", func() error {
		for _, e := range s.events {
			if e.Seq > after && len(out) < limit {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

func (s *tape) Reset(context.Context) error {
	return s.do("Reset", func() error { s.events = nil; return nil })
}

// checkNumbers fails unless numbers have no gap and rise with the revisions of each aggregate.
func checkNumbers(t require.TestingT, m *model) {
	rev := make(map[string]int64)
	for i, e := range m.numbered() {
		require.EqualValues(t, i+1, e.Seq, "numbers have no gap and none twice: %s/%d", e.Aggregate, e.Rev)
		require.Equal(t, rev[e.Aggregate]+1, e.Rev, "numbers rise with the revisions of %s", e.Aggregate)
		rev[e.Aggregate] = e.Rev
	}
}

// checkStream fails unless the stream is a piece of what the graph has numbered.
func checkStream(t require.TestingT, m *model, s *tape) {
	numbered := m.numbered()
	for i, e := range s.events {
		if i > 0 {
			require.Equal(t, s.events[i-1].Seq+1, e.Seq, "the stream has no gap")
		}
		require.LessOrEqual(t, e.Seq, int64(len(numbered)), "the stream never runs ahead of the graph")
		require.Equal(t, numbered[e.Seq-1], e)
	}
}

func newTestRelay(m *model, s Stream) *Relay {
	return NewRelay(m, s, NewStoreClock(m, m.clock), quietly)
}

// step makes a step that must work.
func step(t require.TestingT, r *Relay) {
	for more := true; more; {
		var err error
		more, err = r.Step(context.Background())
		require.NoError(t, err)
	}
}

func TestRelayNumbersAndPublishes(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m, s := newModel(clock), &tape{}
	r := newTestRelay(m, s)
	step(t, r)
	require.True(t, r.Status().Holding)
	for i := range 2*relayBatch + 7 {
		m.bump(fmt.Sprintf("tic_%d", i%50), clock.Now())
	}
	step(t, r)
	checkNumbers(t, m)
	checkStream(t, m, s)
	require.Len(t, s.events, 2*relayBatch+8, "and the event of the duty's own creation")
	require.EqualValues(t, 2*relayBatch+8, r.Status().Published)

	var body struct{ Root muster.Duty }
	require.NoError(t, json.Unmarshal(s.events[0].Body, &body))
	require.Equal(t, RelayDuty, body.Root.ID)
}

// An index scan under change may show revision 2 of an aggregate and not revision 1. Whichever of the two
// statements misses it, number 1 goes to revision 1.
func TestRelayHoldsBackWhatHasOvertaken(t *testing.T) {
	for statement := 1; statement <= 2; statement++ {
		t.Run(fmt.Sprint("missed by statement ", statement), func(t *testing.T) {
			clock := muster.NewFakeClock(monday)
			m, s := newModel(clock), &tape{}
			r := newTestRelay(m, s)
			step(t, r)
			m.bump("tic_a", clock.Now())
			m.bump("tic_a", clock.Now())
			m.bump("tic_b", clock.Now())
			hidden := true
			m.missed = func(n int, e muster.Event) bool {
				return hidden && n == statement && e.Aggregate == "tic_a" && e.Rev == 1
			}
			step(t, r)
			checkNumbers(t, m)
			if statement == 2 {
				require.Len(t, m.numbered(), 2, "revision 2 waits for its predecessor; the others go on")
			} else {
				require.Len(t, m.numbered(), 4, "the second statement finds it")
			}
			hidden = false
			step(t, r)
			checkNumbers(t, m)
			checkStream(t, m, s)
			require.Len(t, s.events, 4)
		})
	}
}

func TestOnlyOneRelayNumbers(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m, s := newModel(clock), &tape{}
	a, b := newTestRelay(m, s), newTestRelay(m, s)
	step(t, a)
	m.bump("tic_a", clock.Now())
	step(t, b)
	require.False(t, b.Status().Holding)
	require.Len(t, m.numbered(), 1, "b is not the relay")
	for range 10 { // a holder that lives keeps the duty
		clock.Advance(relayRenew)
		step(t, a)
		step(t, b)
		require.True(t, a.Status().Holding)
		require.False(t, b.Status().Holding)
	}
	// a stops: b goes on within the lease.
	m.bump("tic_a", clock.Now())
	clock.Advance(relayLease)
	step(t, b)
	require.True(t, b.Status().Holding)
	checkNumbers(t, m)
	require.Len(t, m.numbered(), 3)
	// a wakes up and believes it is still the relay, for one write that is void.
	m.bump("tic_a", clock.Now())
	a.duty.renew = clock.Now().Add(time.Hour)
	_, err := a.Step(t.Context())
	require.Equal(t, muster.CodeConflict, muster.CodeOf(err))
	require.Len(t, m.numbered(), 3)
	step(t, a)
	require.False(t, a.Status().Holding)
	step(t, b)
	checkNumbers(t, m)
	checkStream(t, m, s)
	require.Len(t, s.events, 4)
}

// TestASlowGraphLeavesTheDutyWhereItIs: a holder whose steps take longer than the shortest lease takes a longer one.
func TestASlowGraphLeavesTheDutyWhereItIs(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m, s := newModel(clock), &tape{}
	a, b := newTestRelay(m, s), newTestRelay(m, s)
	step(t, a)
	m.before = func(string) fault { clock.Advance(time.Second); return fine }
	const many = 50
	for range many {
		m.bump("tic_a", clock.Now())
		_, _ = a.Step(t.Context())
		_, _ = b.Step(t.Context())
	}
	m.before = nil
	step(t, a)
	step(t, b)
	checkNumbers(t, m)
	require.Len(t, m.numbered(), many+1)
	require.LessOrEqual(t, m.timer(string(RelayDuty)).Fence, int64(4), "it went to and fro")

	holder, other := a, b
	if b.Status().Holding {
		holder, other = b, a
	}
	for range 100 { // the graph is quick again
		clock.Advance(relayRenew)
		step(t, holder)
		step(t, other)
	}
	clock.Advance(relayLease + time.Second) // by which their clocks are apart
	step(t, other)
	require.True(t, other.Status().Holding, "a dead holder costs the shortest lease again")
}

func TestRelayGivesTheDutyBack(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m, s := newModel(clock), &tape{}
	a, b := newTestRelay(m, s), newTestRelay(m, s)
	step(t, a)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.NoError(t, a.Run(ctx, nil))
	require.False(t, a.Status().Holding)
	step(t, b)
	require.True(t, b.Status().Holding, "at once, not after the lease")
}

func TestRelayTakesTheDutyFromASweep(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m, s := newModel(clock), &tape{}
	a, b := newTestRelay(m, s), newTestRelay(m, s)
	step(t, a)
	clock.Advance(relayLease)
	require.NoError(t, b.clock.Read(t.Context()))
	w := NewWorker(m, b.clock, nil, nil, quietly, 1)
	w.Handle(muster.KindDuty, b.Take)
	_, err := w.Sweep(t.Context())
	require.NoError(t, err)
	step(t, b)
	require.True(t, b.Status().Holding)
	m.bump("tic_a", clock.Now())
	step(t, b)
	require.Len(t, m.numbered(), 2)
	require.Equal(t, clock.Now().Add(relayLease), m.timer(string(RelayDuty)).At, "the lease is the relay's, not the worker's")
}

func TestRelayRefillsAWipedStream(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m, s := newModel(clock), &tape{}
	r := newTestRelay(m, s)
	step(t, r)
	for i := range 100 {
		m.bump(fmt.Sprintf("tic_%d", i%7), clock.Advance(time.Minute))
		step(t, r)
	}
	require.Len(t, s.events, 101)
	s.events = nil
	m.bump("tic_0", clock.Now())
	step(t, r)
	checkStream(t, m, s)
	require.EqualValues(t, 102, s.last())
	require.Equal(t, clock.Now().Add(-streamReach), s.events[0].At, "from ten minutes back")
	require.Len(t, s.events, 12)

	// Events that are older than that when they get their number are published all the same.
	s.events = nil
	m.bump("tic_0", clock.Now().Add(-time.Hour))
	clock.Advance(time.Hour)
	step(t, r)
	require.EqualValues(t, 103, s.last())
}

func TestRelayGoesOnWithoutAStream(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	m, s := newModel(clock), &tape{}
	r := newTestRelay(m, s)
	step(t, r)
	s.before = func(string) fault { return broken }
	for range 30 {
		m.bump("tic_a", clock.Advance(100*time.Millisecond))
		step(t, r)
	}
	checkNumbers(t, m)
	require.Len(t, m.numbered(), 31, "numbers are the graph's")
	require.Contains(t, r.Status().Stream, "injected")
	s.before = nil
	clock.Advance(streamPause)
	step(t, r)
	checkStream(t, m, s)
	require.EqualValues(t, 31, s.last())
	require.Equal(t, "ok", r.Status().Stream)
}

func TestRelayEmptiesTheStreamOfAnotherGraph(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	for name, foreign := range map[string][]muster.Event{
		"longer":        {{Aggregate: "tic_z", Rev: 1, Seq: 900, Body: json.RawMessage(`{}`)}},
		"other history": {{Aggregate: "tic_z", Rev: 1, Seq: 1, Body: json.RawMessage(`{}`)}},
	} {
		t.Run(name, func(t *testing.T) {
			m, s := newModel(clock), &tape{events: slices.Clone(foreign)}
			r := newTestRelay(m, s)
			step(t, r)
			m.bump("tic_a", clock.Now())
			step(t, r)
			require.EqualValues(t, 2, s.last())
			checkStream(t, m, s)
		})
	}
}

func TestRelayFiresNothingWithAWrongClock(t *testing.T) {
	clock, wall := muster.NewFakeClock(monday), muster.NewFakeClock(monday.Add(3*time.Second))
	m := newModel(clock)
	r := NewRelay(m, &tape{}, NewStoreClock(m, wall), quietly)
	_, err := r.Step(t.Context())
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
	require.Zero(t, m.count("Claim"))
}
