package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Figures of consumers.
const (
	readBatch   = 500
	readBlock   = 500 * time.Millisecond // one wait for the stream; stopping takes as long at most
	readPause   = 250 * time.Millisecond // between looks at the graph while the stream can't be read
	handlePause = time.Second            // before a handler that failed is called again
)

// Rebuild is the error of a reader whose next event isn't to be had: it was away for so long that what it
// needs is not retained any more, or its position is of another graph. It must build its state anew from
// the graph and start from the head.
type Rebuild struct {
	Consumer string
	At       int64 // how far it had come
	Floor    int64 // the lowest number that is retained
	Head     int64 // a number up to which there are events
}

// Error says what is missing.
func (r *Rebuild) Error() string {
	why := fmt.Sprintf("but the lowest event retained is %d", r.Floor)
	if r.At > r.Head {
		why = fmt.Sprintf("but there are only %d", r.Head)
	}
	return fmt.Sprintf("%s has come to event %d, %s: build its state anew from the graph, then start at the head", r.Consumer, r.At, why)
}

// Consumer hands all events to a handler, in the order of their numbers, each at least once. It reads the
// stream while that is whole, and the graph where it is not. With a name its cursor is kept in the graph:
// several processes with one name share it, and each event gets to at least one of them.
type Consumer struct {
	name   string
	graph  graph.EventLog
	stream Stream
	handle func(ctx context.Context, events []muster.Event) error
	log    *slog.Logger
	begun  func(at int64) // told where it starts, if not nil
	block  time.Duration  // one wait for the stream
	rest   time.Duration  // between looks at the graph while the stream can't be read
	kept   int64          // how far it has come, as the graph knows for sure
	aside  *aside         // nil: it waits at an event that it can't handle
	said   string         // the trouble that was logged last, "" if it is over
}

// NewConsumer makes a consumer. Without a name it starts at the head and keeps no cursor. The handler gets
// up to 500 events; after an error it gets the same again.
func NewConsumer(name string, log graph.EventLog, stream Stream, l *slog.Logger, handle func(ctx context.Context, events []muster.Event) error) *Consumer {
	return &Consumer{name: name, graph: log, stream: stream, handle: handle, log: l, block: readBlock, rest: readPause}
}

// Run consumes until ctx is done. The only other end is *Rebuild.
func (c *Consumer) Run(ctx context.Context) error {
	var at int64
	for known := false; !known; {
		var err error
		if at, err = c.start(ctx); err == nil {
			known = true
		} else if !c.pause(ctx, handlePause, "the start of a consumer is not known", err) {
			return nil
		}
	}
	if c.begun != nil {
		c.begun(at)
	}
	for ctx.Err() == nil {
		events, err := c.next(ctx, at)
		if ctx.Err() != nil {
			return nil
		}
		if gone := (*Rebuild)(nil); errors.As(err, &gone) {
			return gone
		}
		if err != nil {
			c.pause(ctx, handlePause, "events can't be read", err)
			continue
		}
		if len(events) > 0 {
			if err := c.deal(ctx, events); err != nil {
				c.pause(ctx, handlePause, "a consumer's handler failed; it gets the same events again", err)
				continue
			}
			at = events[len(events)-1].Seq
		}
		c.fine()
		if err := c.keep(ctx, at); err != nil && ctx.Err() == nil {
			c.log.Warn("a cursor could not be moved; events will be repeated after a restart", "consumer", c.name, "err", err)
		}
	}
	return nil
}

// hand gives events to the handler. A panic is a failure of these events, not of the process.
func (c *Consumer) hand(ctx context.Context, events []muster.Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = muster.E(muster.CodeInternal, fmt.Sprintf("the handler of %s panicked at events %d to %d: %v",
				c.called(), events[0].Seq, events[len(events)-1].Seq, p), "report this")
		}
	}()
	return c.handle(ctx, events)
}

func (c *Consumer) start(ctx context.Context) (int64, error) {
	if c.name != "" {
		at, err := c.graph.Cursor(ctx, c.name)
		c.kept = at
		return at, err
	}
	_, head, err := c.graph.Bounds(ctx)
	return head, err
}

// keep writes down how far it has come, if it has a name. What couldn't be written is written at the next look, also if
// nothing has happened since.
func (c *Consumer) keep(ctx context.Context, at int64) error {
	if c.name == "" || at == c.kept {
		return nil
	}
	if err := c.graph.Advance(ctx, c.name, at); err != nil {
		return err
	}
	c.kept = at
	return nil
}

// next gives events that follow at without a gap, or none after a while.
func (c *Consumer) next(ctx context.Context, at int64) ([]muster.Event, error) {
	events, err := c.stream.Read(ctx, at, readBatch, c.block)
	if err == nil && len(events) > 0 {
		if whole := follow(events, at); whole > 0 {
			return events[:whole], nil
		}
	}
	// The stream is down, was wiped, was cut at its start, or there is nothing new. The graph knows.
	found, gerr := c.graph.EventsAfter(ctx, at, readBatch)
	switch {
	case gerr != nil:
		return nil, gerr
	case len(found) > 0 && found[0].Seq > at+1:
		return nil, &Rebuild{Consumer: c.name, At: at, Floor: found[0].Seq, Head: found[len(found)-1].Seq}
	case len(found) == 0 && err != nil:
		_ = muster.SystemClock{}.Sleep(ctx, c.rest)
	}
	return found, nil
}

// follow counts the events from the first on that continue after at and have their body.
func follow(events []muster.Event, at int64) int {
	for i, e := range events {
		if e.Seq != at+1+int64(i) || len(e.Body) == 0 {
			return i
		}
	}
	return len(events)
}

// pause logs, once, and waits; false tells that ctx is done.
func (c *Consumer) pause(ctx context.Context, d time.Duration, what string, err error) bool {
	if now := what + err.Error(); ctx.Err() == nil && now != c.said {
		c.log.Warn(what, "consumer", c.called(), "err", err)
		c.said = now
	}
	return muster.SystemClock{}.Sleep(ctx, d) == nil
}

// fine tells that what was logged is over.
func (c *Consumer) fine() {
	if c.said != "" {
		c.log.Info("events are read again", "consumer", c.called())
		c.said = ""
	}
}

// called is the consumer's name in the log.
func (c *Consumer) called() string {
	if c.name == "" {
		return "of this process"
	}
	return c.name
}
