package torture

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/jobs"
)

// company is a store with one timer, which came due a minute ago, and whose events have their numbers.
func company(t *testing.T) (*sqlite.Store, *muster.FakeClock, string) {
	clock := muster.NewFakeClock(graphtest.Start)
	s, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	require.NoError(t, s.Migrate(t.Context()))
	duty := &muster.Duty{ID: jobs.RelayDuty, Rev: 1, Timers: muster.Timers{muster.TimerLease: clock.Now()}}
	out, err := s.Commit(t.Context(), graphtest.Change("cmd_1", duty))
	require.NoError(t, err)
	require.True(t, out[0].Accepted)
	w, ok, err := s.Claim(t.Context(), string(duty.ID), clock.Now(), clock.Now())
	require.NoError(t, err)
	require.True(t, ok)
	events, err := s.Pending(t.Context(), page)
	require.NoError(t, err)
	require.NoError(t, s.Number(t.Context(), string(duty.ID), w.Fence, 1, events))
	clock.Advance(time.Minute)
	return s, clock, string(duty.ID)
}

func TestATimerThatFailedIsLateByItsOwnDeadline(t *testing.T) {
	s, clock, id := company(t)
	w, ok, err := s.Claim(t.Context(), id, clock.Now(), clock.Now().Add(jobs.Lease))
	require.NoError(t, err)
	require.True(t, ok)
	l, err := look(t.Context(), s)
	require.NoError(t, err)
	require.Empty(t, l.late(), "somebody sees to it")

	_, err = s.Settle(t.Context(), graph.Settled{Wake: w, Next: clock.Now().Add(time.Hour), Failures: 9, Why: "the store is away"})
	require.NoError(t, err)
	l, err = look(t.Context(), s)
	require.NoError(t, err)
	require.Contains(t, l.late(), id)
	require.Contains(t, l.late(), "the store is away")

	_, err = s.Settle(t.Context(), graph.Settled{Wake: w, Next: clock.Now().Add(time.Hour)})
	require.NoError(t, err)
	l, err = look(t.Context(), s)
	require.NoError(t, err)
	require.Empty(t, l.late(), "it was seen to")
}

// TestWhatADeadWorkerHeldIsWaitedFor: for its lease nobody else sees it, and nothing is late.
func TestWhatADeadWorkerHeldIsWaitedFor(t *testing.T) {
	require.Equal(t, jobs.Lease, lease)
	s, clock, id := company(t)
	l, err := look(t.Context(), s)
	require.NoError(t, err)
	require.NotEmpty(t, l.late())
	_, ok, err := s.Claim(t.Context(), id, clock.Now(), clock.Now().Add(lease))
	require.NoError(t, err)
	require.True(t, ok)
	recovered := clock.Now()
	for range 2 {
		l, err = look(t.Context(), s)
		require.NoError(t, err)
		require.Empty(t, l.late())
		require.False(t, l.doneUntil(recovered.Add(lease)))
		clock.Set(recovered.Add(lease + time.Second))
	}
	w, ok, err := s.Claim(t.Context(), id, clock.Now(), clock.Now().Add(lease))
	require.NoError(t, err)
	require.True(t, ok)
	_, err = s.Settle(t.Context(), graph.Settled{Wake: w, Next: clock.Now().Add(time.Hour)})
	require.NoError(t, err)
	l, err = look(t.Context(), s)
	require.NoError(t, err)
	require.True(t, l.doneUntil(recovered.Add(lease)))
}
