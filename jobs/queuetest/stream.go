package queuetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// Stream runs the suite of streams. Each test asks for a back end of its own.
func Stream(t *testing.T, open func(t *testing.T) Backend) {
	for name, test := range map[string]func(*testing.T, Backend){
		"what is published is read":               published,
		"nothing is appended but to the end":      onlyToTheEnd,
		"two publishers leave no gap":             twoPublishers,
		"a reader waits":                          readerWaits,
		"a reader can be stopped":                 readerStops,
		"a large event comes without its body":    largeEvent,
		"a stream that was wiped starts anywhere": wipedStream,
		"a stream that can't be reached says so":  streamUnreachable,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

// events makes events with numbers from first to last.
func events(first, last int64) []muster.Event {
	var out []muster.Event
	for n := first; n <= last; n++ {
		out = append(out, muster.Event{
			Aggregate: "tic_grüße", Rev: n, Name: "ticket.changed", Version: 1, Seq: n,
			At:    time.Date(2026, 3, 1, 9, 0, 0, int(n)*1000, time.UTC),
			Actor: muster.System("test"), Command: "c", Body: json.RawMessage(fmt.Sprintf(`{"n":%d,"text":"世界"}`, n)),
		})
	}
	return out
}

func published(t *testing.T, b Backend) {
	s := b.Stream()
	last, err := s.Last(t.Context())
	require.NoError(t, err)
	require.Zero(t, last)
	none, err := s.Read(t.Context(), 0, 10, 0)
	require.NoError(t, err)
	require.Empty(t, none)

	require.NoError(t, s.Publish(t.Context(), 0, events(1, 20)))
	require.NoError(t, s.Publish(t.Context(), 20, events(21, 30)))
	last, err = b.Stream().Last(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 30, last)
	got, err := b.Stream().Read(t.Context(), 5, 10, time.Minute)
	require.NoError(t, err)
	require.Equal(t, events(6, 15), got)
	got, err = b.Stream().Read(t.Context(), 25, 10, 0)
	require.NoError(t, err)
	require.Equal(t, events(26, 30), got)
	got, err = b.Stream().Read(t.Context(), 30, 10, 0)
	require.NoError(t, err)
	require.Empty(t, got)
}

func onlyToTheEnd(t *testing.T, b Backend) {
	s := b.Stream()
	require.NoError(t, s.Publish(t.Context(), 0, events(5, 9)), "an empty stream starts anywhere")
	for _, after := range []int64{0, 4, 8, 10, 99} {
		err := s.Publish(t.Context(), after, events(after+1, after+2))
		require.Equal(t, muster.CodeConflict, muster.CodeOf(err), "after %d: %v", after, err)
	}
	got, err := s.Read(t.Context(), 0, 100, 0)
	require.NoError(t, err)
	require.Equal(t, events(5, 9), got)
}

func twoPublishers(t *testing.T, b Backend) {
	const upTo = 400
	done := make(chan error, 2)
	for w := range 2 {
		s := b.Stream()
		go func() {
			for {
				last, err := s.Last(t.Context())
				if err != nil || last >= upTo {
					done <- err
					return
				}
				next := min(last+int64(w)+3, upTo) // batches of different sizes
				if err := s.Publish(t.Context(), last, events(last+1, next)); err != nil && muster.CodeOf(err) != muster.CodeConflict {
					done <- err
					return
				}
			}
		}()
	}
	require.NoError(t, receive(t, done))
	require.NoError(t, receive(t, done))
	got, err := b.Stream().Read(t.Context(), 0, 1000, 0)
	require.NoError(t, err)
	require.Equal(t, events(1, upTo), got)
}

func readerWaits(t *testing.T, b Backend) {
	require.NoError(t, b.Stream().Publish(t.Context(), 0, events(1, 3)))
	got := make(chan []muster.Event, 1)
	go func() {
		for {
			found, err := b.Stream().Read(t.Context(), 3, 10, patience)
			if err != nil || len(found) > 0 {
				got <- found
				return
			}
		}
	}()
	require.NoError(t, b.Stream().Publish(t.Context(), 3, events(4, 4)))
	require.Equal(t, events(4, 4), receive(t, got))

	begin := time.Now()
	none, err := b.Stream().Read(t.Context(), 4, 10, 50*time.Millisecond)
	require.NoError(t, err)
	require.Empty(t, none)
	require.GreaterOrEqual(t, time.Since(begin), 40*time.Millisecond)
}

func readerStops(t *testing.T, b Backend) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan []muster.Event, 1)
	s := b.Stream()
	go func() {
		found, _ := s.Read(ctx, 0, 10, 500*time.Millisecond)
		done <- found
	}()
	cancel()
	require.Empty(t, receive(t, done))
}

func largeEvent(t *testing.T, b Backend) {
	e := events(1, 3)
	e[1].Body = json.RawMessage(`"` + string(bytes.Repeat([]byte("x"), 900_000)) + `"`)
	require.NoError(t, b.Stream().Publish(t.Context(), 0, e))
	got, err := b.Stream().Read(t.Context(), 0, 10, 0)
	require.NoError(t, err)
	require.Len(t, got, 3)
	if len(got[1].Body) > 0 {
		require.Equal(t, e, got)
		return
	}
	e[1].Body = nil
	require.Equal(t, e, got)
}

func wipedStream(t *testing.T, b Backend) {
	s := b.Stream()
	require.NoError(t, s.Publish(t.Context(), 0, events(1, 9)))
	require.NoError(t, s.Reset(t.Context()))
	err := s.Publish(t.Context(), 9, events(10, 12))
	require.Equal(t, muster.CodeConflict, muster.CodeOf(err), "%v", err)
	require.NoError(t, s.Publish(t.Context(), 0, events(7, 12)))
	got, err := s.Read(t.Context(), 8, 100, 0)
	require.NoError(t, err)
	require.Equal(t, events(9, 12), got)
}

func streamUnreachable(t *testing.T, b Backend) {
	if b.Cut == nil {
		return
	}
	s := b.Stream()
	b.Cut(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(s.Publish(ctx, 0, events(1, 1))))
	_, err := s.Last(ctx)
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	_, err = s.Read(ctx, 0, 1, 0)
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
	require.NoError(t, ctx.Err())
}
