package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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

func TestSweepTakesAShardInPages(t *testing.T) {
	s := newShop(1)
	n := 0
	for i := 0; n < 2*PageSize+5; i++ {
		if id := fmt.Sprintf("tic_%d", i); muster.ShardOf(id) == 7 {
			s.m.put(id, muster.LaneMatching, monday)
			n++
		}
	}
	swept := s.sweep(t)
	require.Equal(t, n, swept.Handled)
	require.Equal(t, 3, swept.Pages)
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

func TestAPoisonedAggregateHoldsNobodyUp(t *testing.T) {
	for name, poison := range map[string]Due{
		"error": func(context.Context, graph.Wake) (time.Time, error) { return time.Time{}, errors.New("poisoned") },
		"panic": func(context.Context, graph.Wake) (time.Time, error) { panic("poisoned") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newShop(1)
			var same []string // in one page
			for i := 0; len(same) < 20; i++ {
				if id := fmt.Sprintf("tic_%d", i); muster.ShardOf(id) == 7 {
					same = append(same, id)
					s.m.put(id, muster.LanePromises, monday)
				}
			}
			bad := same[0]
			s.due = func(ctx context.Context, w graph.Wake) (time.Time, error) {
				if w.ID == bad {
					return poison(ctx, w)
				}
				return s.clock.Now().Add(24 * time.Hour), nil
			}
			swept := s.sweep(t)
			require.Equal(t, 20, swept.Handled)
			require.Equal(t, 1, swept.Failed)

			var delays []time.Duration
			for failures := 1; failures <= 7; failures++ {
				w := s.m.timer(bad)
				require.Equal(t, failures, w.Failures)
				require.Contains(t, w.Why, "poisoned", "from the first failure on")
				require.Len(t, s.stuck, max(0, failures-NeedsAPerson+1))
				delays = append(delays, w.At.Sub(s.clock.Now()))
				s.clock.Set(w.At)
				require.Equal(t, 1, s.sweep(t).Handled)
			}
			for i := range delays[1:] {
				require.Greater(t, delays[i+1], delays[i], "each time it is left alone for longer: %v", delays)
			}
			require.Contains(t, s.stuck[0], bad+" 5 ")
			require.Contains(t, s.stuck[0], "poisoned")

			// Once it works again, it starts anew.
			s.due = nil
			s.clock.Set(s.m.timer(bad).At)
			s.sweep(t)
			require.Zero(t, s.m.timer(bad).Failures)
		})
	}
}

// TestAStoreInTroubleIsNobodysFault: for seven minutes timers can be claimed, and what handlers write doesn't arrive.
func TestAStoreInTroubleIsNobodysFault(t *testing.T) {
	for _, code := range []muster.Code{muster.CodeUnavailable, muster.CodeUnknown} {
		t.Run(string(code), func(t *testing.T) {
			s := newShop(1)
			for i := range 20 {
				s.m.put(fmt.Sprintf("tic_%d", i), muster.LanePromises, monday)
			}
			own, failures := "tic_7", 3
			s.m.timers[own].Failures = failures
			trouble := muster.E(code, "the store is in trouble", "try again")
			s.due = func(context.Context, graph.Wake) (time.Time, error) { return time.Time{}, trouble }
			for well := monday.Add(7 * time.Minute); s.clock.Now().Before(well); s.clock.Advance(SweepEvery) {
				require.Equal(t, 20, s.sweep(t).Failed, "each at every sweep")
			}
			require.Empty(t, s.stuck)
			moments := make(map[time.Time]bool)
			for id, w := range s.m.lanes() {
				moments[w.At] = true
				require.Contains(t, w.Why, "in trouble", "it is seen in the queue")
				if id == own {
					require.Equal(t, failures, w.Failures, "its own failures are as they were")
				} else {
					require.Equal(t, 1, w.Failures)
				}
			}
			require.Greater(t, len(moments), 3, "they are not tried all at once")

			s.took()
			s.due = nil
			s.sweep(t)
			require.Len(t, s.took(), 20, "all are taken up again at the first sweep")
			require.Zero(t, s.m.timer(own).Failures)
		})
	}
}

func TestWhoIsAlwaysBeatenToItTriesAgainSoonAndComesBeforeAPerson(t *testing.T) {
	s := newShop(1)
	s.m.put("tic_a", muster.LanePromises, monday)
	s.due = func(context.Context, graph.Wake) (time.Time, error) {
		return time.Time{}, muster.E(muster.CodeConflict, "somebody else changed it", "decide again")
	}
	for n := 1; n <= 2*NeedsAPerson; n++ {
		require.Equal(t, 1, s.sweep(t).Failed)
		require.Equal(t, n, s.m.timer("tic_a").Failures)
		require.Len(t, s.stuck, max(0, n-NeedsAPerson+1))
		again := s.m.timer("tic_a").At
		if n < NeedsAPerson {
			require.LessOrEqual(t, again.Sub(s.clock.Now()), SweepEvery)
		} else {
			require.GreaterOrEqual(t, again.Sub(s.clock.Now()), backoff("tic_a", n))
		}
		s.clock.Set(again)
	}
}

// TestWhatUsesUpItsTimeLeavesOthersTheirs: a handler that the store never answers would else hold one of the few places.
func TestWhatUsesUpItsTimeLeavesOthersTheirs(t *testing.T) {
	s := newShop(1)
	s.m.put("reg_a", muster.LaneMatching, monday)
	took := Lease - pageTime
	s.due = func(context.Context, graph.Wake) (time.Time, error) {
		if s.clock.Now().Equal(monday) {
			s.clock.Advance(took)
		}
		return time.Time{}, muster.E(muster.CodeUnavailable, "the caller gave up", "try again with more time")
	}
	require.Equal(t, 1, s.sweep(t).Failed)
	again := s.m.timer("reg_a").At.Sub(s.clock.Now())
	require.GreaterOrEqual(t, again, took)
	require.LessOrEqual(t, again+SweepEvery, time.Minute)
}

func TestWhatIsKeptOfAnErrorIsShort(t *testing.T) {
	require.Equal(t, "no road", told(errors.New("no road")))
	require.Equal(t, "no ?road", told(errors.New("no \xffroad")))
	long := told(errors.New("x" + strings.Repeat("\u00fc", 400)))
	require.Equal(t, "x"+strings.Repeat("\u00fc", 249)+" ...", long)
}

func TestBackoff(t *testing.T) {
	require.GreaterOrEqual(t, backoff("tic_a", 1), firstDelay)
	for n := 1; n < 100; n++ {
		d := backoff("tic_a", n)
		require.GreaterOrEqual(t, d, firstDelay)
		require.LessOrEqual(t, d, longestDelay*(100+jitterPercent)/100)
	}
	require.GreaterOrEqual(t, backoff("tic_a", 100), longestDelay)
	spread := make(map[time.Duration]bool)
	for i := range 100 {
		spread[backoff(fmt.Sprint(i), 3)] = true
	}
	require.Greater(t, len(spread), 10, "what failed together is not tried again together")
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

// TestFewInManyShardsAreHandledSideBySide: after a failure there is one region or two in each shard.
func TestFewInManyShardsAreHandledSideBySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newShop(1)
		for n := 0; len(s.m.timers) < 2*handlers; n++ {
			if id := fmt.Sprintf("tic_%d", n); muster.ShardOf(id) == len(s.m.timers) {
				s.m.put(id, muster.LaneMatching, monday)
			}
		}
		var mu sync.Mutex
		in, all := 0, make(chan struct{})
		s.due = func(ctx context.Context, _ graph.Wake) (time.Time, error) {
			mu.Lock()
			if in++; in == handlers {
				close(all)
				in, all = 0, make(chan struct{})
				mu.Unlock()
				return s.clock.Now().Add(time.Hour), nil
			}
			others := all
			mu.Unlock()
			select {
			case <-others:
				return s.clock.Now().Add(time.Hour), nil
			case <-ctx.Done():
				return time.Time{}, ctx.Err()
			}
		}
		swept := s.sweep(t)
		require.Equal(t, 2*handlers, swept.Handled)
		require.Zero(t, swept.Failed)
		require.Equal(t, 2, swept.Pages)
	})
}

// TestAGraphThatIsSlowToClaimGetsOn: claiming of several shards must not take all the time that a page has.
func TestAGraphThatIsSlowToClaimGetsOn(t *testing.T) {
	s := newShop(1)
	for n := 0; len(s.m.timers) < 8; n++ {
		if id := fmt.Sprintf("tic_%d", n); muster.ShardOf(id) == len(s.m.timers) {
			s.m.put(id, muster.LaneMatching, monday)
		}
	}
	claims := 0
	s.m.before = func(call string) fault {
		if call == "ClaimDue" {
			require.Less(t, claims, 100, "it goes round and round")
			claims++
			s.clock.Advance(4 * time.Second)
		}
		return fine
	}
	swept := s.sweep(t)
	require.Equal(t, 8, swept.Handled)
	require.Zero(t, swept.Given)
}

func TestALongPageIsGivenBack(t *testing.T) {
	s := newShop(1)
	for i := 0; len(s.m.timers) < 30; i++ {
		if id := fmt.Sprintf("tic_%d", i); muster.ShardOf(id) == 7 {
			s.m.put(id, muster.LaneMatching, monday)
		}
	}
	var slow sync.Mutex
	s.due = func(context.Context, graph.Wake) (time.Time, error) {
		slow.Lock()
		defer slow.Unlock()
		s.clock.Advance(3 * time.Second)
		return s.clock.Now().Add(time.Hour), nil
	}
	// One at a time takes 90 s, a page may begin handlers for 10 s; a promise comes due meanwhile.
	s.m.put("tic_promise", muster.LanePromises, monday.Add(20*time.Second))
	swept := s.sweep(t)
	require.Positive(t, swept.Given)
	took := s.handled
	require.Contains(t, took, "tic_promise")
	require.Less(t, slices.Index(took, "tic_promise"), 20, "promises don't wait for the end of a long sweep")
	slices.Sort(took)
	require.Len(t, slices.Compact(took), 31, "the sweep goes on until nothing is due")
	require.Len(t, took, 31, "none twice")
}

func TestStoppingGivesBackWhatWasClaimed(t *testing.T) {
	s := newShop(1)
	for i := 0; len(s.m.timers) < 30; i++ {
		if id := fmt.Sprintf("tic_%d", i); muster.ShardOf(id) == 7 {
			s.m.put(id, muster.LanePromises, monday.Add(-time.Minute))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	s.due = func(ctx context.Context, _ graph.Wake) (time.Time, error) {
		cancel()
		return time.Time{}, ctx.Err()
	}
	_, err := s.w.Sweep(ctx)
	require.ErrorIs(t, err, context.Canceled)
	for id, w := range s.m.lanes() {
		require.Equal(t, monday.Add(-time.Minute), w.At, "%s is due for the next worker", id)
		require.Zero(t, w.Failures, "stopping is nobody's failure")
	}
}

func TestGivingBackKeepsTheCountOfFailures(t *testing.T) {
	s := newShop(1)
	s.m.put("tic_a", muster.LanePromises, monday)
	s.m.timers["tic_a"].Failures, s.m.timers["tic_a"].Why = 3, "poisoned"
	ctx, cancel := context.WithCancel(t.Context())
	s.due = func(ctx context.Context, _ graph.Wake) (time.Time, error) {
		cancel()
		return time.Time{}, ctx.Err()
	}
	_, err := s.w.Sweep(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, s.m.timer("tic_a").Failures)
	require.Equal(t, "poisoned", s.m.timer("tic_a").Why)
	require.Equal(t, monday, s.m.timer("tic_a").At, "it is due for the next worker")
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

func TestASweepSurvivesAShardInTrouble(t *testing.T) {
	s := newShop(1)
	for i := range 50 {
		s.m.put(fmt.Sprintf("tic_%d", i), muster.LanePromises, monday)
	}
	claims := 0
	s.m.before = func(call string) fault {
		if call == "ClaimDue" {
			if claims++; claims == 3 {
				return broken
			}
		}
		return fine
	}
	_, err := s.w.Sweep(t.Context())
	require.Error(t, err)
	require.Greater(t, len(s.took()), 40, "the other shards are handled")

	s.m.before = func(call string) fault {
		if call == "ClaimDue" {
			claims++
			return broken
		}
		return fine
	}
	claims = 0
	s.clock.Advance(time.Hour)
	_, err = s.w.Sweep(t.Context())
	require.Error(t, err)
	require.Equal(t, shardTries, claims, "a store in trouble is left alone until the next sweep")
	last, _ := s.w.Last()
	require.Contains(t, last.Err, "injected")
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
