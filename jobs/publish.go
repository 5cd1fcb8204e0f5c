package jobs

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Figures of publishing.
const (
	streamReach = 10 * time.Minute // how far back an empty stream is filled
	streamPause = time.Second      // before a stream that failed is tried again
	streamTime  = time.Second      // for one read or write of the stream
)

// publisher brings numbered events to the stream. It appends only what follows the stream's end, so that
// two publishers, a former holder of the duty among them, can't leave a gap or a wrong order behind.
type publisher struct {
	graph   graph.EventLog
	stream  Stream
	tail    int64 // the highest number in the stream, -1 if not known
	checked bool  // the stream was seen to be of this graph
	retry   time.Time
	err     error // why the stream can't be written, nil if it can
}

// publish appends fresh events; after trouble, everything from the stream's end on.
func (p *publisher) publish(ctx context.Context, now time.Time, fresh []muster.Event) {
	if now.Before(p.retry) {
		return
	}
	var err error
	switch {
	case p.tail >= 0 && len(fresh) == 0:
		return
	case p.tail >= 0 && fresh[0].Seq == p.tail+1:
		err = p.append(ctx, p.tail, fresh)
		if muster.CodeOf(err) == muster.CodeConflict {
			err = p.catchUp(ctx, now, fresh)
		}
	default:
		err = p.catchUp(ctx, now, fresh)
	}
	p.err = err
	if err != nil {
		p.tail, p.checked, p.retry = -1, false, now.Add(streamPause)
	}
}

// append adds events after the stream's end.
func (p *publisher) append(ctx context.Context, after int64, events []muster.Event) error {
	ctx, cancel := context.WithTimeout(ctx, streamTime)
	defer cancel()
	if err := p.stream.Publish(ctx, after, events); err != nil {
		return err
	}
	p.tail = events[len(events)-1].Seq
	return nil
}

// catchUp reads from the graph what the stream lacks and appends it.
func (p *publisher) catchUp(ctx context.Context, now time.Time, fresh []muster.Event) error {
	end, err := p.end(ctx)
	if err != nil {
		return err
	}
	after := end
	if end == 0 {
		if after, err = p.reach(ctx, now.Add(-streamReach)); err != nil {
			return err
		}
		if len(fresh) > 0 {
			after = min(after, fresh[0].Seq-1)
		}
	}
	p.tail = end
	for {
		events, err := p.read(ctx, after, relayBatch)
		if err != nil || len(events) == 0 {
			return err
		}
		if err := p.append(ctx, p.tail, events); err != nil {
			return err
		}
		after = p.tail
	}
}

// end asks for the stream's last number. A stream that ends above the graph's head, or with another event
// than the graph has there, or with something that no relay wrote, isn't this graph's: it is emptied.
func (p *publisher) end(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, streamTime+stepTime)
	defer cancel()
	end, err := p.stream.Last(ctx)
	if err == nil && end == 0 {
		return 0, nil
	}
	foreign := muster.CodeOf(err) == muster.CodeUnsuitable
	if err == nil {
		foreign, err = p.foreign(ctx, end)
	}
	if foreign {
		return 0, p.stream.Reset(ctx)
	}
	p.checked = err == nil
	return end, err
}

// foreign tells whether the stream, which ends at a number, was filled from another graph.
func (p *publisher) foreign(ctx context.Context, end int64) (bool, error) {
	_, head, err := p.graph.Bounds(ctx) // after Last: numbers are written before they are published
	if err != nil || end > head || p.checked {
		return end > head, err
	}
	there, err := p.stream.Read(ctx, end-1, 1, 0)
	if muster.CodeOf(err) == muster.CodeUnsuitable {
		return true, nil
	}
	if err != nil || len(there) == 0 {
		return false, err
	}
	here, err := p.graph.EventsAfter(ctx, end-1, 1)
	if err != nil || len(here) == 0 {
		return false, err // no longer retained: nothing to compare with
	}
	return here[0].Seq == end && (there[0].Aggregate != here[0].Aggregate || there[0].Rev != here[0].Rev), nil
}

// reach finds the number after which events are younger than since, by halving: numbers rise with time
// closely enough.
func (p *publisher) reach(ctx context.Context, since time.Time) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	floor, head, err := p.graph.Bounds(ctx)
	if err != nil || head == 0 {
		return 0, err
	}
	lo, hi := floor-1, head
	for lo < hi {
		mid := lo + (hi-lo)/2
		events, err := p.graph.EventsAfter(ctx, mid, 1)
		if err != nil {
			return 0, err
		}
		if len(events) == 0 || !events[0].At.Before(since) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo, nil
}

func (p *publisher) read(ctx context.Context, after int64, limit int) ([]muster.Event, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	return p.graph.EventsAfter(ctx, after, limit)
}
