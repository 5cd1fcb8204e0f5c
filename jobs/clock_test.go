package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
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
	require.ErrorContains(t, err, "1h0m0s behind")
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
