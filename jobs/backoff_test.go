package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

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
