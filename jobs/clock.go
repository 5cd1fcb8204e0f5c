package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// MaxSkew is how far this machine's clock and the store's may be apart before the process fires nothing:
// deadlines would count too early for some and too late for others.
const MaxSkew = 2 * time.Second

// StoreTime tells the store's time.
type StoreTime interface {
	Now(ctx context.Context) (time.Time, error)
}

// StoreClock is the store's time carried forward on this machine's monotonic clock, so that all processes
// agree on what is due whatever their own clocks say.
type StoreClock struct {
	store StoreTime
	wall  muster.Clock
	since func() time.Duration // monotonic

	mu    sync.Mutex
	known bool
	base  time.Time     // the store's time at
	at    time.Duration // this moment of the monotonic clock,
	give  time.Duration // give or take: half the round trip of asking
}

// NewStoreClock makes a clock that knows nothing until Read. The monotonic clock is the machine's for
// muster.SystemClock and follows any other clock.
func NewStoreClock(store StoreTime, wall muster.Clock) *StoreClock {
	start := time.Now()
	since := func() time.Duration { return time.Since(start) }
	if _, system := wall.(muster.SystemClock); !system {
		begin := wall.Now()
		since = func() time.Duration { return wall.Now().Sub(begin) }
	}
	return &StoreClock{store: store, wall: wall, since: since}
}

// Read asks the store for its time, and tells as Now does whether the clocks agree.
func (c *StoreClock) Read(ctx context.Context) error {
	before := c.since()
	t, err := c.store.Now(ctx)
	if err != nil {
		return err
	}
	after := c.since()
	half := (after - before) / 2
	c.mu.Lock()
	c.known, c.base, c.at, c.give = true, t.Add(half), after, half
	c.mu.Unlock()
	_, err = c.Now()
	return err
}

// Now is the store's time. CodeUnavailable: it was never read. CodeUnsuitable: this machine's clock is
// more than MaxSkew away from it.
func (c *StoreClock) Now() (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return time.Time{}, muster.E(muster.CodeUnavailable, "the store's time is not known yet", "wait until the store answers")
	}
	now := muster.Instant(c.base.Add(c.since() - c.at))
	if off := c.wall.Now().Sub(now); off.Abs()-c.give > MaxSkew {
		way := "ahead of"
		if off < 0 {
			way = "behind"
		}
		return time.Time{}, muster.E(muster.CodeUnsuitable,
			fmt.Sprintf("this machine's clock is %s %s the store's", off.Abs().Round(time.Millisecond), way),
			fmt.Sprintf("synchronise both machines with NTP; more than %s apart, no timer fires here", MaxSkew))
	}
	return now, nil
}

// Ask is Now, but asks the store first if that was never done.
func (c *StoreClock) Ask(ctx context.Context) (time.Time, error) {
	now, err := c.Now()
	if muster.CodeOf(err) != muster.CodeUnavailable {
		return now, err
	}
	if err := c.Read(ctx); err != nil {
		return time.Time{}, err
	}
	return c.Now()
}

// Offset is this machine's clock less the store's; ok is false until the store was asked.
func (c *StoreClock) Offset() (offset time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return 0, false
	}
	return c.wall.Now().Sub(c.base.Add(c.since() - c.at)), true
}
