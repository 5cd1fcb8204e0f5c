package jobs

import (
	"context"
	"log/slog"
	"sync"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// What a hub remembers; it is cut back to this when it holds twice as much.
const (
	hubEvents = 4096
	hubBytes  = 16 << 20
)

// Hub tells any number of subscribers of one process about events, with one reader of the stream for all.
// The newest events are kept once, in a bounded ring; a subscriber is only a position. One who is too slow
// for the ring, or who starts further back, reads the graph until it has caught up.
type Hub struct {
	graph  graph.EventLog
	reader *Consumer

	mu    sync.Mutex
	ring  []muster.Event // ascending, without gaps
	bytes int
	head  int64         // highest number seen, 0 until the reader has started
	more  chan struct{} // closed when there is more
}

// NewHub makes a hub. It tells nothing until Run.
func NewHub(log graph.EventLog, stream Stream, l *slog.Logger) *Hub {
	h := &Hub{graph: log, more: make(chan struct{})}
	h.reader = NewConsumer("", log, stream, l, h.add)
	h.reader.begun = h.begin
	return h
}

// Run reads events until ctx is done.
func (h *Hub) Run(ctx context.Context) error {
	for ctx.Err() == nil {
		// A reader that fell below the floor has nothing to rebuild: it starts again at the head, and
		// subscribers learn from Next what they missed.
		if err := h.reader.Run(ctx); err != nil {
			h.reader.log.Warn("the event stream starts again at the head", "err", err)
		}
	}
	return nil
}

// Head is the highest number that the hub has seen, 0 if none.
func (h *Hub) Head() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.head
}

// begin takes where the reader starts. Those who wait look at the graph again: what was numbered between
// their last look and the reader's start is nowhere else.
func (h *Hub) begin(at int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.head = at
	h.wake()
}

// wake makes those who wait look again.
func (h *Hub) wake() {
	close(h.more)
	h.more = make(chan struct{})
}

// add takes what the reader brings.
func (h *Hub) add(_ context.Context, events []muster.Event) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.ring) > 0 && events[0].Seq != h.ring[len(h.ring)-1].Seq+1 {
		h.ring, h.bytes = nil, 0
	}
	for _, e := range events {
		h.ring = append(h.ring, e)
		h.bytes += len(e.Body)
	}
	if len(h.ring) > 2*hubEvents || h.bytes > 2*hubBytes {
		drop := 0
		for len(h.ring)-drop > hubEvents || h.bytes > hubBytes && drop < len(h.ring)-1 {
			h.bytes -= len(h.ring[drop].Body)
			drop++
		}
		h.ring = append([]muster.Event(nil), h.ring[drop:]...)
	}
	h.head = events[len(events)-1].Seq
	h.wake()
	return nil
}

// Subscription is one subscriber's position. It is used by one goroutine at a time, and needs no end.
type Subscription struct {
	hub  *Hub
	at   int64
	seen bool // the position was compared with the graph's head
}

// Subscribe starts after a number: that of the last event that the subscriber knows (Last-Event-ID).
func (h *Hub) Subscribe(after int64) *Subscription { return &Subscription{hub: h, at: after} }

// At is the number of the last event that was given.
func (s *Subscription) At() int64 { return s.at }

// Next gives up to 500 events that follow those given before, without a gap. It waits for one until ctx is
// done. *Rebuild: what follows isn't retained any more, or was never there, and the subscriber must load
// everything anew.
func (s *Subscription) Next(ctx context.Context) ([]muster.Event, error) {
	for {
		events, more := s.hub.after(s.at)
		if events == nil {
			found, err := s.read(ctx)
			if err != nil {
				return nil, err
			}
			events = found
		}
		if len(events) > 0 {
			s.at = events[len(events)-1].Seq
			return events, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-more:
		}
	}
}

// read asks the graph for what follows.
func (s *Subscription) read(ctx context.Context) ([]muster.Event, error) {
	if !s.seen {
		floor, head, err := s.hub.graph.Bounds(ctx)
		if err != nil {
			return nil, err
		}
		if s.at > head {
			return nil, &Rebuild{Consumer: "subscriber", At: s.at, Floor: floor, Head: head}
		}
		s.seen = true
	}
	found, err := s.hub.graph.EventsAfter(ctx, s.at, readBatch)
	if err == nil && len(found) > 0 && found[0].Seq != s.at+1 {
		err = &Rebuild{Consumer: "subscriber", At: s.at, Floor: found[0].Seq, Head: found[len(found)-1].Seq}
	}
	return found, err
}

// after gives what the ring has after a number; nil if the ring doesn't reach there. more is closed when
// there is more.
func (h *Hub) after(at int64) (events []muster.Event, more <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.ring) == 0 || at < h.ring[0].Seq-1 || at > h.ring[len(h.ring)-1].Seq {
		return nil, h.more
	}
	from := int(at - h.ring[0].Seq + 1)
	upTo := min(from+readBatch, len(h.ring))
	return h.ring[from:upTo:upTo], h.more
}
