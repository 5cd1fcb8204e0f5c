package notify

import "context"

// Sink takes every letter and delivers none: the message in the graph is all there is of it. It is what a process has
// that knows no provider.
type Sink struct{}

// Deliver implements Channel.
func (Sink) Deliver(ctx context.Context, _ Letter) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", &Failure{Why: "stopped before it was taken"}
	}
	return sunk, nil
}

// Once implements Channel.
func (Sink) Once() bool { return true }

// sunk is the reference of what was not delivered to anybody.
const sunk = "not sent: no provider is configured"
