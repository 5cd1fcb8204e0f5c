package muster

import (
	"context"
	"sync"
	"time"
)

// Clock tells the time. Instants are UTC with microsecond precision, which is what both stores keep.
type Clock interface {
	Now() time.Time
}

// Instant cuts a time to what the stores keep: UTC, whole microseconds.
func Instant(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond) }

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now is the current instant.
func (SystemClock) Now() time.Time { return Instant(time.Now()) }

// Sleep waits for d or for the end of the context, whose error it gives.
func (SystemClock) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Sleeper is a clock that is waited for in its own time.
type Sleeper interface {
	Sleep(ctx context.Context, d time.Duration) error
}

// Sleep waits for d, in the time of a clock that is a Sleeper and else in the machine's, or for the end of the
// context, whose error it gives.
func Sleep(ctx context.Context, c Clock, d time.Duration) error {
	if s, ok := c.(Sleeper); ok {
		return s.Sleep(ctx, d)
	}
	return SystemClock{}.Sleep(ctx, d)
}

// FakeClock is a clock that only its owner moves; for tests, rounds over days, and simulation.
type FakeClock struct {
	mu  sync.Mutex
	now time.Time
}

// NewFakeClock starts at an instant.
func NewFakeClock(at time.Time) *FakeClock { return &FakeClock{now: Instant(at)} }

// Now is the instant that the clock was last moved to.
func (c *FakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock by d, which may be negative: clocks do jump back.
func (c *FakeClock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return c.now
}

// Set moves the clock to an instant.
func (c *FakeClock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = Instant(at)
}

// Window is a half-open span of time: an instant t is inside if Start <= t < End.
type Window struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// Contains tells whether t lies inside.
func (w Window) Contains(t time.Time) bool { return !t.Before(w.Start) && t.Before(w.End) }

// Overlaps tells whether two spans share an instant.
func (w Window) Overlaps(o Window) bool { return w.Start.Before(o.End) && o.Start.Before(w.End) }

// IsZero tells whether no window was given.
func (w Window) IsZero() bool { return w.Start.IsZero() && w.End.IsZero() }

// Equal tells whether two spans are of the same instants.
func (w Window) Equal(o Window) bool { return w.Start.Equal(o.Start) && w.End.Equal(o.End) }

// Minutes is the length of the span in whole minutes.
func (w Window) Minutes() Minutes { return MinutesOf(w.End.Sub(w.Start)) }

// Check refuses a window that ends before it starts, or is empty.
func (w Window) Check(field string) error {
	if !w.End.After(w.Start) {
		return Invalid(field, w.Start.Format(time.RFC3339)+" to "+w.End.Format(time.RFC3339),
			"the end must be after the start; swap them if they were mixed up")
	}
	return nil
}

// Minutes is a length of time in whole minutes: the unit of plans, shifts and travel.
type Minutes int

// Duration converts to Go's unit.
func (m Minutes) Duration() time.Duration { return time.Duration(m) * time.Minute }

// MinutesOf rounds a duration up to whole minutes, so that a plan never has less time than it needs.
func MinutesOf(d time.Duration) Minutes {
	m := d / time.Minute
	if d%time.Minute > 0 {
		m++
	}
	return Minutes(m)
}
