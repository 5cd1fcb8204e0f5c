package jobs

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
)

// drift is how far a machine's monotonic clock may go wrong: one part in so many.
const drift = 5000

// MaxSkew is how far this machine's clock and the store's may be apart before the process fires nothing:
// deadlines would count too early for some and too late for others.
const MaxSkew = 2 * time.Second

// StoreTime tells the store's time.
type StoreTime interface {
	Now(ctx context.Context) (time.Time, error)
}

// StoreClock is the store's time carried forward on this machine's monotonic clock, so that all processes
// agree on what is due whatever their own clocks say. A store whose time jumps is not believed: it goes on as
// before, and Now says so until the store's time is where it should be, or the process is started anew.
type StoreClock struct {
	store StoreTime
	wall  muster.Clock
	since func() time.Duration // monotonic

	mu    sync.Mutex
	known bool
	base  time.Time     // the store's time at
	at    time.Duration // this moment of the monotonic clock,
	give  time.Duration // give or take: half the round trip of asking
	jump  time.Duration // by which the store's clock has left the time that passed, 0 if it hasn't
}

// Steady is a clock that also knows how much time has passed, whatever it is set to.
type Steady interface {
	Elapsed() time.Duration
}

// NewStoreClock makes a clock that knows nothing until Read. The monotonic clock is the machine's for
// muster.SystemClock, its own for a Steady one, and follows any other clock.
func NewStoreClock(store StoreTime, wall muster.Clock) *StoreClock {
	var since func() time.Duration
	switch w := wall.(type) {
	case muster.SystemClock:
		since = elapsed()
	case Steady:
		since = w.Elapsed
	default:
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
	c.heard(t, after, (after-before)/2)
	_, err = c.Now()
	return err
}

// heard takes in the store's time, as it was half a round trip before a moment of the monotonic clock. An answer that
// took so long that it could be further off than two clocks may be apart says nothing.
func (c *StoreClock) heard(t time.Time, at, half time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if half > 2*MaxSkew {
		return
	}
	if c.known {
		passed := at - c.at
		jump := t.Add(half).Sub(c.base.Add(passed))
		if jump.Abs()-half-c.give-passed/drift > MaxSkew {
			c.jump = jump
			return
		}
	}
	c.known, c.base, c.at, c.give, c.jump = true, t.Add(half), at, half, 0
}

// Now is the store's time. CodeUnavailable: it was never read. CodeUnsuitable: this machine's clock or the
// store's is more than MaxSkew away from it.
func (c *StoreClock) Now() (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.known {
		return time.Time{}, muster.E(muster.CodeUnavailable, "the store's time is not known yet", "wait until the store answers")
	}
	now := c.carried()
	off := c.wall.Now().Sub(now)
	mine := off.Abs()-c.give > MaxSkew
	both := mine && c.jump != 0 && (c.jump-off).Abs()-c.give <= MaxSkew
	switch {
	case both:
		return time.Time{}, wrong("the store's clock and this machine's have jumped "+way(c.jump, "ahead by ", "back by "),
			"set them right; if they are right now, and were wrong before, start this process anew")
	case c.jump != 0:
		return time.Time{}, wrong("the store's clock has jumped "+way(c.jump, "ahead by ", "back by "),
			"set it right; if it is right now, and was wrong before, start this process anew")
	case mine:
		return time.Time{}, wrong("this machine's clock is "+way(off, "ahead of the store's by ", "behind the store's by "),
			"synchronise both machines with NTP")
	}
	return now, nil
}

func way(d time.Duration, ahead, behind string) string {
	if d < 0 {
		ahead = behind
	}
	return ahead + d.Abs().Round(time.Millisecond).String()
}

func wrong(what, remedy string) error {
	return muster.E(muster.CodeUnsuitable, what, fmt.Sprintf("%s; more than %s apart, no timer fires here", remedy, MaxSkew))
}

// carried is the store's time as it must be now. The caller holds mu.
func (c *StoreClock) carried() time.Time { return muster.Instant(c.base.Add(c.since() - c.at)) }

// Clock is the same time for decisions, which can't wait until the clocks agree: it never jumps, and is this
// machine's only until the store was asked.
func (c *StoreClock) Clock() muster.Clock { return deciding{c} }

type deciding struct{ c *StoreClock }

// Now is the store's time carried forward.
func (d deciding) Now() time.Time {
	d.c.mu.Lock()
	defer d.c.mu.Unlock()
	if !d.c.known {
		return d.c.wall.Now()
	}
	return d.c.carried()
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
	return c.wall.Now().Sub(c.carried()), true
}
