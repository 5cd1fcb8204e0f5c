package memory

import (
	"context"
	"slices"
	"sort"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/jobs"
)

// streamLength is how many events a stream keeps, at least; it holds up to twice as many.
const streamLength = 10_000

// Stream is a jobs.Stream in the process.
type Stream struct {
	mu     sync.Mutex
	events []muster.Event
	more   chan struct{} // closed when there is more
}

// NewStream makes an empty stream.
func NewStream() *Stream { return &Stream{more: make(chan struct{})} }

// Publish appends events.
func (s *Stream) Publish(ctx context.Context, after int64, events []muster.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := s.last(); last != after {
		return jobs.Moved(after, last)
	}
	s.events = append(s.events, events...)
	if len(s.events) > 2*streamLength {
		s.events = slices.Clone(s.events[len(s.events)-streamLength:])
	}
	close(s.more)
	s.more = make(chan struct{})
	return nil
}

func (s *Stream) last() int64 {
	if len(s.events) == 0 {
		return 0
	}
	return s.events[len(s.events)-1].Seq
}

// Last is the highest number.
func (s *Stream) Last(ctx context.Context) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last(), ctx.Err()
}

// Read gives events above after, or waits for one.
func (s *Stream) Read(ctx context.Context, after int64, limit int, block time.Duration) ([]muster.Event, error) {
	var late <-chan time.Time
	if block > 0 {
		t := time.NewTimer(block)
		defer t.Stop()
		late = t.C
	}
	for {
		events, more := s.read(after, limit)
		if len(events) > 0 || late == nil {
			return events, ctx.Err()
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-late:
			return nil, nil
		case <-more:
		}
	}
}

func (s *Stream) read(after int64, limit int) ([]muster.Event, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := sort.Search(len(s.events), func(i int) bool { return s.events[i].Seq > after })
	upTo := min(from+limit, len(s.events))
	return slices.Clone(s.events[from:upTo]), s.more
}

// Reset empties the stream.
func (s *Stream) Reset(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = nil
	return ctx.Err()
}
