package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"

	"github.com/sysopssquad/muster"
)

// everyFiveSeconds is the heartbeat: it lets readers tell a quiet stream from a dead one.
func everyFiveSeconds() (<-chan time.Time, func()) {
	t := time.NewTicker(5 * time.Second)
	return t.C, t.Stop
}

// batch is what a feed gave.
type batch struct {
	events []muster.Event
	err    error
}

// stream writes events until the client goes, the server stops, or the feed can't go on. The feed is only a
// place in what all readers share: a client that reads slowly waits in its own Write, for at most
// writeOneEvent, and then finds its next events in the graph.
func (s *server) stream(c huma.Context, from start) {
	r, w := humachi.Unwrap(c)
	out := &eventWriter{w: w, control: http.NewResponseController(w), at: from.at}
	ctx, cancel := context.WithCancel(c.Context())
	batches := make(chan batch)
	ended := make(chan struct{})
	defer func() { cancel(); <-ended }()
	go func() { defer close(ended); follow(ctx, s.Stream(from.at), batches) }()

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no") // for proxies that would keep events back
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return
	}
	if from.lost {
		out.snapshotNeeded()
	}
	out.heartbeat(s.Clock.Now())
	ticks, stop := s.heartbeats()
	defer stop()
	who := scope(c.Context())
	for out.err == nil {
		select {
		case <-ctx.Done():
			return
		case <-s.Done:
			return
		case <-ticks:
			out.heartbeat(s.Clock.Now())
		case b := <-batches:
			if b.err != nil {
				s.lost(ctx, out, b.err)
				return
			}
			out.events(b.events, who)
		}
	}
}

// follow hands on what a feed gives until it fails, which it does when the context ends.
func follow(ctx context.Context, f Feed, to chan<- batch) {
	for {
		events, err := f.Next(ctx)
		select {
		case to <- batch{events, err}:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// lost ends a stream whose feed can't go on. If the reader's place is not retained any more it is told to
// load everything anew; after anything else it comes back by itself and resumes.
func (s *server) lost(ctx context.Context, out *eventWriter, err error) {
	if ctx.Err() != nil {
		return
	}
	asking, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	floor, head, e := s.Graph.Bounds(asking)
	if e == nil && begin(&out.at, floor, head).lost {
		out.at = head
		out.snapshotNeeded()
		return
	}
	s.log.WarnContext(ctx, "an event stream ended early", "request_id", requestID(ctx), "error", err)
}

// eventWriter writes a stream in the form that browsers read. The first error ends it.
type eventWriter struct {
	w       http.ResponseWriter
	control *http.ResponseController
	at      int64 // the last number that was written or passed over
	buf     bytes.Buffer
	err     error
}

// events writes those that a reader may see. The numbers of the others are passed on by the next heartbeat.
func (o *eventWriter) events(events []muster.Event, who muster.Scope) {
	for _, e := range events {
		o.at = e.Seq
		if seesEvent(who, e) {
			o.message(e.Name, narrowed(who, &e))
		}
	}
	o.flush()
}

// heartbeat shows that the stream lives, and up to where it has come.
func (o *eventWriter) heartbeat(now time.Time) {
	o.message("heartbeat", struct {
		At  time.Time `json:"at"`
		Seq int64     `json:"seq"`
	}{now, o.at})
	o.flush()
}

// snapshotNeeded says that events are missing before the present number.
func (o *eventWriter) snapshotNeeded() {
	o.message("snapshot-needed", struct {
		Seq int64 `json:"seq"`
	}{o.at})
	o.flush()
}

// message adds one message under the present number. JSON has no line breaks, so its data is one line.
func (o *eventWriter) message(name string, data any) {
	b, err := json.Marshal(data)
	if err != nil {
		o.err = fmt.Errorf("event %d: %w", o.at, err)
		return
	}
	if o.at > 0 {
		o.buf.WriteString("id: " + strconv.FormatInt(o.at, 10) + "\n")
	}
	o.buf.WriteString("event: " + name + "\ndata: ")
	o.buf.Write(b)
	o.buf.WriteString("\n\n")
}

// flush sends what was added. The server's own deadline for answers doesn't hold here: each write has one.
func (o *eventWriter) flush() {
	if o.err != nil {
		return
	}
	if o.err = supported(o.control.SetWriteDeadline(time.Now().Add(writeOneEvent))); o.err != nil {
		return
	}
	if _, o.err = o.w.Write(o.buf.Bytes()); o.err != nil {
		return
	}
	o.buf.Reset()
	o.err = o.control.Flush()
}

// supported lets a connection pass that can't have deadlines, such as one in memory.
func supported(err error) error {
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
