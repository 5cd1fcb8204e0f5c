// Package jobs does what must happen without anybody asking for it: timers that are due, rounds by region,
// numbering and publishing of events, and telling those who listen. The graph alone decides what is to be
// done; the queue and the stream only make it happen sooner. Losing Redis delays work by at most a sweep.
//
// Runtime wires everything; Worker, Relay, Consumer and Hub can each be run and tested alone. The ports
// Queue and Stream have two implementations, jobs/asynq (Redis) and jobs/memory, and one suite, jobs/queuetest.
package jobs

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// Task is a hint that something could be done now. Nothing rests on it: a task may be lost, come late, come
// twice or twice at once; whoever handles it looks at the graph first.
type Task struct {
	Name    string        // which handler
	ID      string        // of two tasks with one id only the first counts, while it waits, runs or is kept; "" for none
	Payload []byte        // at most MaxPayload bytes
	At      time.Time     // not before; the zero time: now
	Keep    time.Duration // how long the id is remembered after the task has run, in whole seconds
}

// MaxPayload is the largest payload in bytes: a hint names things, it doesn't carry them.
const MaxPayload = 64 << 10

// Retries is how often a task whose handler fails is tried again before it is dropped; the sweep does the rest.
const Retries = 2

// RetryDelay is how long to wait before the n-th retry, counted from 0: 1 s, 2 s.
func RetryDelay(n int) time.Duration { return time.Second << min(n, 8) }

// Check refuses a task that no queue takes.
func (t Task) Check() error {
	if strings.TrimSpace(t.Name) == "" {
		return muster.Invalid("task.name", t.Name, "name the handler")
	}
	if len(t.Payload) > MaxPayload {
		return muster.E(muster.CodeTooLarge, "a task with a payload of "+fmt.Sprintf("%d bytes", len(t.Payload)),
			"put ids into it, at most "+fmt.Sprint(MaxPayload))
	}
	return nil
}

// Handler does what a task hints at. An error makes the queue try again, at most Retries times.
type Handler func(ctx context.Context, payload []byte) error

// Handlers are the handlers of a process by the name of the task.
type Handlers map[string]Handler

// Queue hands tasks to one process of many.
type Queue interface {
	// Enqueue adds a task. A task with a known id is no error: it is on its way already. CodeUnavailable:
	// the queue can't be reached, and nothing needs to be done about it.
	Enqueue(ctx context.Context, t Task) error
	// Run hands tasks to handlers, several at once, until ctx is done; then it cancels those that run, waits
	// for them and returns nil. Tasks without a handler here are dropped.
	Run(ctx context.Context, h Handlers) error
	// Ping tells whether the queue can be reached.
	Ping(ctx context.Context) error
}
