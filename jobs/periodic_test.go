package jobs

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestPeriodicWorkIsEnqueuedOncePerSlot(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	q := &box{}
	s := &scheduler{queue: q, clock: clock, log: quietly, work: []periodic{
		{name: "a", every: 5 * time.Second}, {name: "b", every: time.Hour},
	}}
	last := make(map[string]int64)
	for range 60 {
		require.NoError(t, s.enqueue(t.Context(), last))
		clock.Advance(time.Second)
	}
	require.Len(t, q.tasks, 12+1)
	require.Equal(t, Task{Name: "a", ID: "a:354488400", Keep: 10 * time.Second}, q.tasks[0], "every process gives a slot the same id")
	require.Equal(t, Task{Name: "b", ID: "b:492345", Keep: 2 * time.Hour}, q.tasks[1])
	ids := make(map[string]bool)
	for _, task := range q.tasks {
		require.False(t, ids[task.ID])
		ids[task.ID] = true
	}

	// What could not be enqueued is tried again in its slot.
	q.err = errors.New("down")
	require.Error(t, s.enqueue(t.Context(), last))
	clock.Advance(time.Second)
	q.err = nil
	require.NoError(t, s.enqueue(t.Context(), last))
	require.Len(t, q.tasks, 14)
}
