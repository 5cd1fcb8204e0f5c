package main

import (
	"context"
	"sync"
	"time"

	"github.com/sysopssquad/muster/graph"
)

// timed is a store that knows how long commits were under way, those at the same time counted once.
type timed struct {
	graph.Store
	mu     sync.Mutex
	active int
	since  time.Time
	total  time.Duration
}

// Commit measures the store's.
func (t *timed) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	t.mu.Lock()
	if t.active++; t.active == 1 {
		t.since = time.Now()
	}
	t.mu.Unlock()
	defer func() {
		t.mu.Lock()
		if t.active--; t.active == 0 {
			t.total += time.Since(t.since)
		}
		t.mu.Unlock()
	}()
	return t.Store.Commit(ctx, changes...)
}

// seconds is the time spent so far.
func (t *timed) seconds() float64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.total.Seconds()
}
