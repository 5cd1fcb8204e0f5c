package jobs

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// shop is a worker on a model, with a record of what it had handled.
type shop struct {
	clock   *muster.FakeClock
	m       *model
	w       *Worker
	due     Due // nil: look again in an hour
	mu      sync.Mutex
	handled []string
	stuck   []string
}

func newShop(seed uint64) *shop {
	s := &shop{clock: muster.NewFakeClock(monday)}
	s.m = newModel(s.clock)
	s.w = NewWorker(s.m, NewStoreClock(s.m, s.clock), s.handle, s.report, quietly, seed)
	return s
}

func (s *shop) handle(ctx context.Context, w graph.Wake) (time.Time, error) {
	s.mu.Lock()
	s.handled = append(s.handled, w.ID)
	s.mu.Unlock()
	if s.due != nil {
		return s.due(ctx, w)
	}
	return s.clock.Now().Add(time.Hour), nil
}

func (s *shop) report(_ context.Context, w graph.Wake, failures int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = append(s.stuck, fmt.Sprintf("%s %d %v", w.ID, failures, err))
}

func (s *shop) sweep(t *testing.T) Swept {
	t.Helper()
	swept, err := s.w.Sweep(t.Context())
	require.NoError(t, err)
	return swept
}

// took gives what was handled since the last asking, in order of id.
func (s *shop) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := s.handled
	s.handled = nil
	slices.Sort(out)
	return out
}

func TestSweepHandlesWhatIsDue(t *testing.T) {
	s := newShop(1)
	var due []string
	for i := range 1000 {
		id := fmt.Sprintf("tic_%04d", i)
		at := monday.Add(time.Duration(i-899) * time.Second)
		s.m.put(id, muster.Lanes()[i%3], at)
		if !at.After(monday) {
			due = append(due, id)
		}
	}
	swept := s.sweep(t)
	require.Equal(t, due, s.took(), "each once; due at this very moment is due")
	require.Equal(t, 900, swept.Handled)
	require.Equal(t, monday, swept.At)
	for _, id := range due {
		require.Equal(t, monday.Add(time.Hour), s.m.timer(id).At)
	}
	require.Zero(t, s.sweep(t).Handled)
}

func TestWorkersShareTheWork(t *testing.T) {
	a := newShop(1)
	b := &shop{clock: a.clock, m: a.m}
	b.w = NewWorker(a.m, NewStoreClock(a.m, a.clock), b.handle, b.report, quietly, 2)
	for i := range 2000 {
		a.m.put(fmt.Sprintf("tic_%04d", i), muster.LanePromises, monday)
	}
	var both sync.WaitGroup
	for _, s := range []*shop{a, b} {
		both.Go(func() {
			_, err := s.w.Sweep(t.Context())
			require.NoError(t, err)
		})
	}
	both.Wait()
	all := append(a.took(), b.took()...)
	slices.Sort(all)
	require.Len(t, all, 2000)
	require.Len(t, slices.Compact(all), 2000, "none twice")
}

func TestNothingFiresWithAWrongClock(t *testing.T) {
	store := muster.NewFakeClock(monday)
	for _, skew := range []time.Duration{-2100 * time.Millisecond, 2100 * time.Millisecond, time.Hour} {
		wall := muster.NewFakeClock(monday.Add(skew))
		m := newModel(store)
		m.put("tic_a", muster.LanePromises, monday.Add(-time.Hour))
		w := NewWorker(m, NewStoreClock(m, wanderer{wall, new(time.Duration)}), func(context.Context, graph.Wake) (time.Time, error) {
			t.Error("fired")
			return time.Time{}, nil
		}, nil, quietly, 1)
		_, err := w.Sweep(t.Context())
		require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err), "%v", err)
		require.Zero(t, m.count("ClaimDue"))
		wall.Set(store.Now().Add(2 * time.Second))
		fired := false
		w.rest = func(context.Context, graph.Wake) (time.Time, error) { fired = true; return time.Time{}, nil }
		_, err = w.Sweep(t.Context())
		require.NoError(t, err)
		require.True(t, fired, "two seconds are tolerated")
	}
}

func TestAHandlerThatAsksForThePastDoesNotSpin(t *testing.T) {
	s := newShop(1)
	s.m.put("tic_a", muster.LanePromises, monday)
	s.due = func(context.Context, graph.Wake) (time.Time, error) { return monday.Add(-time.Hour), nil }
	require.Equal(t, 1, s.sweep(t).Handled)
	require.Equal(t, monday.Add(notBefore), s.m.timer("tic_a").At)
}

func TestAWakeThatWasOvertakenIsLeftAlone(t *testing.T) {
	s := newShop(1)
	s.m.put("tic_a", muster.LanePromises, monday)
	s.due = func(_ context.Context, w graph.Wake) (time.Time, error) {
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		s.m.timers[w.ID].Fence++ // as a commit of the handler's own does
		s.m.timers[w.ID].At = monday.Add(10 * time.Minute)
		return monday.Add(time.Hour), nil
	}
	s.sweep(t)
	require.Equal(t, monday.Add(10*time.Minute), s.m.timer("tic_a").At)
}

func TestWorkerSweepsAtOnceAtTicksAndHints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(1)
		s.m.put("tic_a", muster.LanePromises, monday)
		s.due = func(context.Context, graph.Wake) (time.Time, error) { return s.clock.Now().Add(time.Minute), nil }
		ctx, cancel := context.WithCancel(t.Context())
		tick, ended := make(chan time.Time), make(chan error, 1)
		go func() { ended <- s.w.Run(ctx, tick) }()
		synctest.Wait()
		require.Equal(t, []string{"tic_a"}, s.took(), "what was due while no worker ran")
		s.clock.Advance(time.Minute)
		synctest.Wait()
		require.Empty(t, s.took())
		tick <- time.Time{}
		synctest.Wait()
		require.Equal(t, []string{"tic_a"}, s.took())
		s.clock.Advance(time.Minute)
		s.w.Hint()
		s.w.Hint()
		synctest.Wait()
		require.Equal(t, []string{"tic_a"}, s.took())
		cancel()
		require.NoError(t, <-ended)
	})
}

// A worker that hangs is dead for all that others know: a lease and a sweep later they do what it had claimed.
func TestWhatADeadWorkerHeldIsTakenUpWithinAMinute(t *testing.T) {
	s := newShop(1)
	s.m.put("tic_a", muster.LanePromises, monday)
	var err error
	dead := NewWorker(s.m, NewStoreClock(s.m, s.clock), func(context.Context, graph.Wake) (time.Time, error) {
		s.clock.Advance(time.Minute - SweepEvery)
		_, err = s.w.Sweep(t.Context())
		return time.Time{}, nil
	}, s.report, quietly, 2)
	_, failed := dead.Sweep(t.Context())
	require.NoError(t, failed)
	require.NoError(t, err)
	require.Equal(t, []string{"tic_a"}, s.took())
}
