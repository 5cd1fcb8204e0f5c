package jobs

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// troubled is a shop with twenty tickets that are due every other minute, of which those are refused by the store that refused
// names.
func troubled(refused func(id string) bool) *shop {
	s := newShop(1)
	for i := range 20 {
		s.m.put(fmt.Sprintf("tic_%d", i), muster.LanePromises, monday)
	}
	s.due = func(_ context.Context, w graph.Wake) (time.Time, error) {
		if refused(w.ID) {
			return time.Time{}, muster.E(muster.CodeUnavailable, "the store is in trouble", "try again")
		}
		return s.clock.Now().Add(2 * time.Minute), nil
	}
	return s
}

func (s *shop) sweeps(t *testing.T, d time.Duration) {
	t.Helper()
	for end := s.clock.Now().Add(d); s.clock.Now().Before(end); s.clock.Advance(SweepEvery) {
		s.sweep(t)
	}
}

// TestWhatTheStoreAlwaysRefusesComesBeforeAPerson, if it works for all others: nobody's trouble but its own.
func TestWhatTheStoreAlwaysRefusesComesBeforeAPerson(t *testing.T) {
	for name, own := range map[string][]string{"one": {"tic_7"}, "two": {"tic_7", "tic_8"}} {
		t.Run(name, func(t *testing.T) {
			s := troubled(func(id string) bool { return id == own[0] || id == own[len(own)-1] })
			s.sweeps(t, ownTrouble-SweepEvery)
			require.Empty(t, s.stuck)
			s.sweeps(t, 3*time.Minute) // the hour begins when others are answered next
			for _, id := range own {
				require.Contains(t, fmt.Sprint(s.stuck), id+" 2", "some 240 tries")
			}
			require.Equal(t, 1, s.m.timer("tic_7").Failures, "it is tried at every sweep all the same")
		})
	}
}

// TestAnHourOfTroubleForAllIsNobodysFault, nor is what is left of it afterwards, nor what passes in between.
func TestAnHourOfTroubleForAllIsNobodysFault(t *testing.T) {
	all, own := true, true
	s := troubled(func(id string) bool { return all || own && id == "tic_7" })
	s.sweeps(t, 3*ownTrouble)
	require.Empty(t, s.stuck)
	all = false
	s.sweeps(t, 10*time.Minute)
	require.Empty(t, s.stuck, "others are well for ten minutes: it may be next")
	own = false
	s.sweeps(t, time.Minute)
	own = true
	s.sweeps(t, ownTrouble-2*time.Minute)
	require.Empty(t, s.stuck, "it has worked in between")

	var n atomic.Int64
	s = troubled(func(id string) bool { return n.Add(1)%4 != 0 || id == "tic_7" })
	s.sweeps(t, 2*ownTrouble)
	require.Empty(t, s.stuck, "of others it answers one in four")
}

// TestAnotherProcessMayHaveHandledIt: what it has done is known from the count of failures.
func TestAnotherProcessMayHaveHandledIt(t *testing.T) {
	s := troubled(func(id string) bool { return id == "tic_7" })
	s.sweeps(t, ownTrouble/2)
	s.m.timers["tic_7"].Failures = 0
	s.sweeps(t, ownTrouble/2+time.Minute)
	require.Empty(t, s.stuck)
	s.sweeps(t, ownTrouble/2+2*time.Minute)
	require.NotEmpty(t, s.stuck)
}

func TestWhatOthersGoOnWithIsForgotten(t *testing.T) {
	s := troubled(func(string) bool { return true })
	s.sweeps(t, time.Minute)
	require.Len(t, s.w.trouble.rows, 20)
	for id := range s.m.lanes() {
		s.m.timers[id].At = monday.Add(24 * time.Hour)
	}
	s.clock.Advance(2 * ownTrouble)
	s.sweep(t)
	require.Empty(t, s.w.trouble.rows)
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
