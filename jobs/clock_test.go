package jobs

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

func TestStoreClockCarriesTheStoresTimeForward(t *testing.T) {
	store, wall := muster.NewFakeClock(monday), muster.NewFakeClock(monday.Add(1500*time.Millisecond))
	c := NewStoreClock(newModel(store), wall)
	_, err := c.Now()
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	_, known := c.Offset()
	require.False(t, known)

	require.NoError(t, c.Read(t.Context()))
	now, err := c.Now()
	require.NoError(t, err)
	require.Equal(t, monday, now, "the store's, not this machine's")
	wall.Advance(10 * time.Second)
	now, err = c.Now()
	require.NoError(t, err)
	require.Equal(t, monday.Add(10*time.Second), now)
	offset, known := c.Offset()
	require.True(t, known)
	require.Equal(t, 1500*time.Millisecond, offset)
}

func TestStoreClockNoticesAJump(t *testing.T) {
	store, wall := muster.NewFakeClock(monday), muster.NewFakeClock(monday)
	mono := time.Duration(0)
	c := NewStoreClock(newModel(store), wall)
	c.since = func() time.Duration { return mono }
	require.NoError(t, c.Read(t.Context()))
	mono += time.Minute
	wall.Advance(time.Minute)
	now, err := c.Now()
	require.NoError(t, err)
	require.Equal(t, monday.Add(time.Minute), now)
	wall.Advance(-time.Hour) // between two readings
	_, err = c.Now()
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
	require.ErrorContains(t, err, "this machine's clock is behind the store's by 1h0m0s")
	require.ErrorContains(t, err, "NTP")
}

func TestStoreClockAllowsForASlowAnswer(t *testing.T) {
	store, wall := muster.NewFakeClock(monday), muster.NewFakeClock(monday)
	m := newModel(store)
	m.before = func(string) fault { wall.Advance(5 * time.Second); return fine } // five seconds on the way there
	c := NewStoreClock(m, wall)
	require.NoError(t, c.Read(t.Context()), "a difference that the round trip explains is none")
}

func TestStoreClockOfTheMachine(t *testing.T) {
	c := NewStoreClock(newModel(muster.SystemClock{}), muster.SystemClock{})
	require.NoError(t, c.Read(t.Context()))
	a, err := c.Now()
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), a, time.Second)
}

// wanderer is a clock that can be set wrong: its time is one thing, how much of it has passed another.
type wanderer struct {
	*muster.FakeClock
	passed *time.Duration
}

func (w wanderer) Elapsed() time.Duration { return *w.passed }

// jumping is a shop whose store and machine have one clock, as a process on SQLite has, and can be set wrong.
func jumping() (s *shop, c *StoreClock, pass func(time.Duration)) {
	passed := new(time.Duration)
	s = &shop{clock: muster.NewFakeClock(monday)}
	s.m = newModel(s.clock)
	c = NewStoreClock(s.m, wanderer{s.clock, passed})
	s.w = NewWorker(s.m, c, s.handle, s.report, quietly, 1)
	return s, c, func(d time.Duration) { *passed += d; s.clock.Advance(d) }
}

func TestAClockThatJumpsFiresNothingEarlyTwiceOrNever(t *testing.T) {
	const day = 24 * time.Hour
	for _, jump := range []time.Duration{day, -day, 5 * time.Second, -5 * time.Second} {
		t.Run(jump.String(), func(t *testing.T) {
			s, c, pass := jumping()
			s.due = func(context.Context, graph.Wake) (time.Time, error) { return c.Clock().Now().Add(12 * time.Hour), nil }
			s.m.put("tic_a", muster.LanePromises, monday.Add(time.Hour))
			s.sweep(t)
			pass(30 * time.Minute)
			s.clock.Advance(jump)
			for range 3 {
				_, err := s.w.Sweep(t.Context())
				require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
				require.ErrorContains(t, err, "the store's clock and this machine's have jumped")
				require.ErrorContains(t, err, jump.Abs().String())
				pass(20 * time.Minute)
			}
			require.Empty(t, s.took())
			require.Equal(t, monday.Add(90*time.Minute), c.Clock().Now(), "decisions go by the time that has passed")
			s.clock.Advance(-jump)
			s.sweep(t)
			require.Equal(t, []string{"tic_a"}, s.took(), "not lost")
			s.sweep(t)
			require.Empty(t, s.took(), "not twice")
		})
	}
}

func TestAJumpIsOfTheClockThatJumped(t *testing.T) {
	passed := new(time.Duration)
	store, wall := muster.NewFakeClock(monday), muster.NewFakeClock(monday)
	c := NewStoreClock(newModel(store), wanderer{wall, passed})
	require.NoError(t, c.Read(t.Context()))
	store.Advance(time.Hour)
	require.ErrorContains(t, c.Read(t.Context()), "the store's clock has jumped ahead by 1h0m0s: ")
	store.Advance(-2 * time.Hour)
	require.ErrorContains(t, c.Read(t.Context()), "the store's clock has jumped back by 1h0m0s: ")
	store.Advance(time.Hour)
	wall.Advance(time.Hour)
	require.ErrorContains(t, c.Read(t.Context()), "this machine's clock is ahead of the store's by 1h0m0s: ")
	wall.Advance(-time.Hour)
	require.NoError(t, c.Read(t.Context()))
}

func TestAClockThatDriftsWhileTheStoreIsAwayHasNotJumped(t *testing.T) {
	_, c, pass := jumping()
	require.NoError(t, c.Read(t.Context()))
	pass(3 * 24 * time.Hour)
	c.store.(*model).clock.(*muster.FakeClock).Advance(13 * time.Second) // 50 ppm
	require.NoError(t, c.Read(t.Context()))
}

func TestTheRelayGivesNoNumbersWithAWrongClock(t *testing.T) {
	s, c, pass := jumping()
	r := NewRelay(s.m, &tape{}, c, quietly)
	_, err := r.Step(t.Context())
	require.NoError(t, err)
	require.True(t, r.Status().Holding)
	for _, jump := range []time.Duration{24 * time.Hour, -24 * time.Hour} {
		s.clock.Advance(jump)
		require.Error(t, c.Read(t.Context()))
		_, err = r.Step(t.Context())
		require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
		s.clock.Advance(-jump)
		require.NoError(t, c.Read(t.Context()))
		pass(time.Second)
		_, err = r.Step(t.Context())
		require.NoError(t, err)
		require.True(t, r.Status().Holding)
	}
}

// An answer that took very long says little of the time: taking half of the way for its delay would put the clock ahead
// by as much, and timers would fire early.
func TestStoreClockDoesNotBelieveAVerySlowAnswer(t *testing.T) {
	store, wall := muster.NewFakeClock(monday), muster.NewFakeClock(monday)
	m := newModel(store)
	slow := func(string) fault { store.Advance(time.Minute); wall.Advance(time.Minute); return fine }
	m.before = slow
	c := NewStoreClock(m, wall)
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(c.Read(t.Context())), "nothing better is known yet")
	m.before = nil
	require.NoError(t, c.Read(t.Context()))
	m.before = slow
	require.NoError(t, c.Read(t.Context()))
	now, err := c.Now()
	require.NoError(t, err)
	require.Equal(t, store.Now(), now)
}
