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
