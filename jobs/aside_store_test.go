package jobs_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/memory"
)

// TestAConsumerSetsAsideOnARealStore, and a process's own worker tries it again.
func TestAConsumerSetsAsideOnARealStore(t *testing.T) {
	clock := muster.NewFakeClock(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
	s := store(t, clock)
	stream := memory.NewStream()
	run := jobs.New(jobs.Config{Store: s, Stream: stream, Clock: clock, Log: quiet, Seed: 1})
	broken, heard := true, map[string]int{}
	c := jobs.NewConsumer("billing", s, stream, quiet, func(_ context.Context, events []muster.Event) error {
		for _, e := range events {
			if e.Aggregate == "tic_2" && broken {
				panic("something that nobody thought of")
			}
		}
		for _, e := range events {
			heard[e.Aggregate]++
		}
		return nil
	}).SettingAside(s, clock)
	run.Retry("billing", c.Retry)
	steps := run.Steps(jobs.Work{})
	for n := range int64(3) {
		require.NoError(t, put(t.Context(), s, urgent(n+1, clock.Now()), clock.Now()))
	}
	reader := c.Reader()
	read := func() {
		t.Helper()
		for more := true; more; {
			var err error
			more, err = steps.Relay(t.Context())
			require.NoError(t, err)
		}
		for n := 1; n > 0; {
			var err error
			n, err = reader.Step(t.Context())
			require.NoError(t, err)
		}
	}
	read()
	require.Equal(t, 1, heard["tic_1"])
	require.Equal(t, 1, heard["tic_3"])
	id := string(muster.AsideDuty("billing", "tic_2"))
	sweep := func() {
		t.Helper()
		wakes, err := s.Wakes(t.Context(), id)
		require.NoError(t, err)
		clock.Set(wakes[id].At)
		require.NoError(t, run.ReadClock(t.Context()))
		_, err = steps.Sweep(t.Context())
		require.NoError(t, err)
	}
	sweep()
	failing, err := s.Failing(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, failing, 1)
	require.Equal(t, id, failing[0].ID)
	require.Contains(t, failing[0].Why, "something that nobody thought of")

	broken = false
	sweep()
	require.Equal(t, 1, heard["tic_2"])
	wakes, err := s.Wakes(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, wakes)
	next := urgent(2, clock.Now())
	next.Rev = 2
	require.NoError(t, put(t.Context(), s, next, clock.Now()))
	read()
	require.Equal(t, 2, heard["tic_2"])
}
