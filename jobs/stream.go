package jobs

import (
	"context"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
)

// Stream carries numbered events from the relay to the processes that listen. It holds the newest few
// thousand and may be lost at any time: what is missing is read from the graph. Its ids are the events'
// numbers, so it never holds two of one number or one out of order.
type Stream interface {
	// Publish appends events, ascending and without gaps, if the highest number in the stream is after
	// (0: the stream is empty); else CodeConflict, and nothing is appended.
	Publish(ctx context.Context, after int64, events []muster.Event) error
	// Last is the highest number in the stream, 0 if it is empty.
	Last(ctx context.Context) (int64, error)
	// Read gives up to limit events with numbers above after, ascending. If there are none it waits for
	// one, at most block. An event may lack its body, if that is large: then the graph has it.
	Read(ctx context.Context, after int64, limit int, block time.Duration) ([]muster.Event, error)
	// Reset empties the stream: it belongs to another graph.
	Reset(ctx context.Context) error
}

// Moved is the error of Publish when the stream doesn't end where the publisher thought.
func Moved(after, last int64) error {
	return muster.E(muster.CodeConflict,
		"the event stream ends at "+strconv.FormatInt(last, 10)+", not at "+strconv.FormatInt(after, 10),
		"continue from its end")
}
