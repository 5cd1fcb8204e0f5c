package memory_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
	"github.com/sysopssquad/muster/jobs/memory"
	"github.com/sysopssquad/muster/jobs/queuetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func backend(*testing.T) queuetest.Backend {
	clock := muster.NewFakeClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	q, s := memory.NewQueue(clock), memory.NewStream()
	return queuetest.Backend{
		Queue: func() jobs.Queue { return q }, Stream: func() jobs.Stream { return s },
		Now: clock.Now, Pass: func(d time.Duration) { clock.Advance(d); q.Wake() }, Exact: true,
	}
}

func TestQueue(t *testing.T)  { queuetest.Queue(t, backend) }
func TestStream(t *testing.T) { queuetest.Stream(t, backend) }

func TestRunDueIsDeterministic(t *testing.T) {
	clock := muster.NewFakeClock(time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC))
	q := memory.NewQueue(clock)
	var order []string
	h := jobs.Handlers{"a": func(_ context.Context, p []byte) error {
		order = append(order, string(p))
		if string(p) == "first" {
			return q.Enqueue(t.Context(), jobs.Task{Name: "a", Payload: []byte("added")})
		}
		return nil
	}}
	add := func(payload string, in time.Duration) {
		require.NoError(t, q.Enqueue(t.Context(), jobs.Task{Name: "a", Payload: []byte(payload), At: clock.Now().Add(in)}))
	}
	add("late", time.Minute)
	add("first", 0)
	add("second", 0)
	add("third", -time.Hour) // the past is now
	require.Equal(t, 4, q.RunDue(t.Context(), h))
	require.Equal(t, []string{"first", "second", "third", "added"}, order)
	require.Equal(t, 1, q.Waiting())
	clock.Advance(time.Minute)
	require.Equal(t, 1, q.RunDue(t.Context(), h))
	require.Equal(t, "late", order[4])
}
