package jobs

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// quiet is how long a worker may get nowhere before its process is not ready.
const quiet = 3 * SweepEvery

// pingTime is how long a queue may take to answer.
const pingTime = time.Second

// Status tells how a process's jobs are doing. Redis being down is slow, not broken: it makes nobody unready.
type Status struct {
	Ready       bool                          `json:"ready"`
	Trouble     []string                      `json:"trouble"` // why it isn't ready
	Slow        []string                      `json:"slow"`    // what works, but late
	ClockOffset time.Duration                 `json:"clock_offset"`
	Sweep       *Swept                        `json:"sweep,omitempty"` // the newest; none in a process that only serves
	Relay       *RelayStatus                  `json:"relay,omitempty"` // the same
	Backlog     map[muster.Lane]graph.Backlog `json:"backlog,omitempty"`
	Head        int64                         `json:"head"`  // highest event number told to subscribers here
	Queue       string                        `json:"queue"` // ok, or why it can't be reached
}

// Status asks everything how it is.
func (r *Runtime) Status(ctx context.Context) Status {
	s := Status{Trouble: []string{}, Slow: []string{}, Head: r.hub.Head(), Queue: "ok"}
	now, err := r.clock.Now()
	if err != nil {
		s.Trouble = append(s.Trouble, err.Error())
	}
	if offset, ok := r.clock.Offset(); ok {
		s.ClockOffset = offset
	}
	if r.working.Load() {
		sweep, seen := r.worker.Last()
		relay := r.relay.Status()
		s.Sweep, s.Relay = &sweep, &relay
		if err == nil && now.Sub(seen) > quiet {
			s.Trouble = append(s.Trouble, "no sweep of the timers has got anywhere"+since(seen)+"; "+sweep.Err)
		}
		if relay.Stream != "ok" {
			s.Slow = append(s.Slow, "events reach listeners through the graph alone: "+relay.Stream)
		}
	}
	if err == nil {
		if s.Backlog, err = r.c.Store.Backlog(ctx, now); err != nil {
			s.Trouble = append(s.Trouble, err.Error())
		}
	}
	ping, cancel := context.WithTimeout(ctx, pingTime)
	defer cancel()
	if err := r.c.Queue.Ping(ping); err != nil {
		s.Queue = err.Error()
		s.Slow = append(s.Slow, "timers wait for the next sweep: "+s.Queue)
	}
	s.Ready = len(s.Trouble) == 0
	return s
}

func since(t time.Time) string {
	if t.IsZero() {
		return " yet"
	}
	return fmt.Sprintf(" since %s", t.Format(time.RFC3339))
}
