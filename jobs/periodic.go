package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/sysopssquad/muster"
)

// periodic is work that one process of all should do in every slot of time.
type periodic struct {
	name  string        // of the task
	every time.Duration // length of a slot, in whole seconds
	do    func(ctx context.Context) error
}

// scheduler enqueues a task for each slot. Every process does so under the same id, so none of them has to
// be the one that does it, and a slot is run once.
type scheduler struct {
	queue Queue
	clock muster.Clock
	work  []periodic
	log   *slog.Logger
}

// run enqueues at every tick until ctx is done.
func (s *scheduler) run(ctx context.Context, tick <-chan time.Time) error {
	last := make(map[string]int64, len(s.work))
	failed := false
	for {
		err := s.enqueue(ctx, last)
		if err != nil && !failed && ctx.Err() == nil {
			s.log.Warn("periodic work can't be enqueued; timers go on without it", "err", err)
		}
		failed = err != nil
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
	}
}

// enqueue adds the tasks whose slot is new.
func (s *scheduler) enqueue(ctx context.Context, last map[string]int64) error {
	now := s.clock.Now()
	for _, p := range s.work {
		slot := now.Unix() / int64(p.every/time.Second)
		if last[p.name] == slot {
			continue
		}
		t := Task{Name: p.name, ID: fmt.Sprintf("%s:%d", p.name, slot), Keep: 2 * p.every}
		if err := s.queue.Enqueue(ctx, t); err != nil {
			return err
		}
		last[p.name] = slot
	}
	return nil
}
