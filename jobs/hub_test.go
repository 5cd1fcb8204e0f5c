package jobs

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// open runs a hub until the end of the test.
func (o *office) open(t *testing.T) *Hub {
	h := NewHub(o.m, o.s, quietly)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-ended)
	})
	synctest.Wait()
	return h
}

// read gives the next n numbers of a subscription.
func read(t *testing.T, s *Subscription, n int) (out []int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for len(out) < n {
		events, err := s.Next(ctx)
		require.NoError(t, err)
		require.NotEmpty(t, events)
		for _, e := range events {
			out = append(out, e.Seq)
		}
	}
	return out
}

func TestHubTellsEverySubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.happen(t, 10)
		h := o.open(t)
		var all sync.WaitGroup
		for n := range 50 {
			all.Go(func() {
				after := int64(n % 12)
				require.Equal(t, numbers(after+1, 41), read(t, h.Subscribe(after), int(41-after)))
			})
		}
		for range 3 {
			later(time.Second)
			o.happen(t, 10)
		}
		all.Wait()
		require.EqualValues(t, 41, h.Head())
	})
}

func TestHubLetsTheSlowCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		h := o.open(t)
		slow := h.Subscribe(0)
		require.Equal(t, numbers(1, 1), read(t, slow, 1))
		for range 3*hubEvents/1000 + 1 {
			o.happen(t, 1000)
			later(time.Second)
		}
		head := o.m.head()
		require.LessOrEqual(t, len(h.ring), 2*hubEvents, "what a hub remembers is bounded")
		require.Greater(t, h.ring[0].Seq, int64(2), "what the slow one needs is not in memory any more")
		require.Equal(t, numbers(2, head), read(t, slow, int(head-1)))
	})
}

func TestHubRemembersBoundedBytes(t *testing.T) {
	h := NewHub(nil, nil, quietly)
	body := json.RawMessage(`"` + strings.Repeat("x", 1<<20-10) + `"`)
	for n := range int64(100) {
		require.NoError(t, h.add(t.Context(), []muster.Event{{Seq: n + 1, Body: body}}))
	}
	require.LessOrEqual(t, h.bytes, 2*hubBytes)
	total := 0
	for _, e := range h.ring {
		total += len(e.Body)
	}
	require.Equal(t, total, h.bytes)
	require.EqualValues(t, 100, h.ring[len(h.ring)-1].Seq)
}

// The reader fell below the floor and started again at the head.
func TestHubForgetsWhatCameBeforeAGap(t *testing.T) {
	h := NewHub(nil, nil, quietly)
	for _, n := range []int64{1, 2, 3, 9, 10} {
		require.NoError(t, h.add(t.Context(), []muster.Event{{Seq: n}}))
	}
	events, _ := h.after(8)
	require.Len(t, events, 2)
	events, _ = h.after(2)
	require.Nil(t, events, "the graph knows what is between")
}

func TestSubscriberWhoIsTooFarBackMustReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		o.happen(t, 20)
		h := o.open(t)
		o.m.floor = 11
		var gone *Rebuild
		_, err := h.Subscribe(5).Next(t.Context())
		require.ErrorAs(t, err, &gone)
		require.EqualValues(t, 11, gone.Floor)
		require.Equal(t, numbers(11, 21), read(t, h.Subscribe(10), 11))
		_, err = h.Subscribe(900).Next(t.Context())
		require.ErrorAs(t, err, &gone)
		require.ErrorContains(t, err, "event 900, but there are only 21")
	})
}

func TestSubscriberWaitsAsLongAsAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		h := o.open(t)
		s := h.Subscribe(1)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := s.Next(ctx)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		o.happen(t, 1)
		require.Equal(t, numbers(2, 2), read(t, s, 1), "and goes on where it was")
		require.EqualValues(t, 2, s.At())
	})
}

func TestSubscriberWhoCameBeforeTheReaderMissesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t)
		h := NewHub(o.m, o.s, quietly)
		got := make(chan int64, 1)
		go func() {
			events, err := h.Subscribe(1).Next(t.Context())
			if err == nil {
				got <- events[0].Seq
			}
		}()
		synctest.Wait() // it has looked at the graph, and found nothing
		o.happen(t, 1)
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- h.Run(ctx) }() // starts at the head: behind that event
		require.EqualValues(t, 2, <-got)
		cancel()
		require.NoError(t, <-ended)
	})
}
