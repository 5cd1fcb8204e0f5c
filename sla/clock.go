package sla

import (
	"time"

	"github.com/sysopssquad/muster"
)

// Start begins a clock at an instant. A target of 0 minutes is due at once.
func Start(name muster.SLAName, target muster.Minutes, calendar string, on *Calendar, at time.Time) muster.SLAClock {
	at = muster.Instant(at)
	due := on.Add(at, target.Duration())
	return muster.SLAClock{
		Name: name, Target: target, Calendar: calendar, StartedAt: at, RunsFrom: at, Due: due, Original: due,
	}
}

// Miss notes that a running clock's due time has passed; it tells whether that is new.
func Miss(c *muster.SLAClock, now time.Time) bool {
	if !c.Running() || !c.BreachedAt.IsZero() || now.Before(c.Due) {
		return false
	}
	c.BreachedAt = c.Due
	return true
}

// Pause stops a running clock for a while. It tells whether it was late by then, and nobody had noted it.
func Pause(c *muster.SLAClock, on *Calendar, now time.Time) (missed bool) {
	if !c.Running() {
		return false
	}
	missed = Miss(c, now)
	count(c, on, now)
	c.PausedAt = muster.Instant(now)
	return missed
}

// Run lets a clock that was paused, or had ended, go on with what was left of its time. One that is late stays so.
func Run(c *muster.SLAClock, on *Calendar, now time.Time) {
	since := c.PausedAt
	if since.IsZero() {
		since = c.EndedAt
	}
	if since.IsZero() {
		return
	}
	now = muster.Instant(now)
	if without := due(c); since.Before(*without) {
		*without = on.Add(now, on.Between(since, *without))
	}
	if !c.Deferred.Window.IsZero() {
		stood(&c.Deferred, on, since, now)
		c.Due = later(c.Deferred.Without, c.Deferred.Due)
	}
	c.RunsFrom, c.PausedAt, c.EndedAt = now, time.Time{}, time.Time{}
}

// due is where a clock keeps the time that it is due by its target alone.
func due(c *muster.SLAClock) *time.Time {
	if c.Deferred.Window.IsZero() {
		return &c.Due
	}
	return &c.Deferred.Without
}

// stood puts off what a window puts off, for a clock that stood from since to now.
func stood(d *muster.Deferral, on *Calendar, since, now time.Time) {
	since = later(since, d.From)
	if !since.Before(d.Due) || !since.Before(now) {
		return
	}
	after := on.Between(later(since, d.End), d.Due)
	if since.Before(d.End) { // the window is on the wall, whatever the calendar says of its hours
		d.End = d.End.Add(now.Sub(since))
		now = d.End
	}
	d.Due = on.Add(now, after)
}

// End stops a clock for good, at an instant that may lie before now: an arrival may become known late. What came
// before the due time was no breach, even if it looked like one meanwhile.
func End(c *muster.SLAClock, on *Calendar, at time.Time) (missed bool) {
	if !c.EndedAt.IsZero() {
		return false
	}
	if c.PausedAt.IsZero() {
		missed = Miss(c, at)
		count(c, on, at)
	}
	c.PausedAt, c.EndedAt = time.Time{}, muster.Instant(at)
	if at.Before(c.BreachedAt) {
		c.BreachedAt, missed = time.Time{}, false
	}
	return missed
}

// TakeBack undoes the end of a clock: it runs as if it had not ended.
func TakeBack(c *muster.SLAClock, on *Calendar) {
	if c.EndedAt.IsZero() {
		return
	}
	c.Used -= int64(on.Between(c.RunsFrom, c.EndedAt) / time.Microsecond)
	c.EndedAt = time.Time{}
}

// Retarget gives a clock another target, counted from its start with what has been used so far. Its original due
// time becomes what it would have been from the start.
func Retarget(c *muster.SLAClock, target muster.Minutes, calendar string, on *Calendar) {
	c.Target, c.Calendar = target, calendar
	c.Original = on.Add(c.StartedAt, target.Duration())
	from := c.RunsFrom
	if !c.PausedAt.IsZero() {
		from = c.PausedAt
	}
	without := due(c)
	*without = on.Add(from, target.Duration()-used(c))
	if c.BreachedAt.Before(*without) {
		c.BreachedAt = time.Time{} // it was late by a promise that doesn't hold any more
	}
	c.Due = later(*without, c.Deferred.Due)
}

// Choose lets a window that the customer chooses put off the due time of a response, in the place of what they chose
// before: to its end, if it opens after the clock is due without it; else the clock is due as without it. The zero window
// is no wish. What has passed meanwhile, and wasn't late because of what they chose before, doesn't become late by it: any
// window puts that off, and with no wish the one before holds.
func Choose(c *muster.SLAClock, w muster.Window, on *Calendar, now time.Time) {
	without := *due(c)
	if !c.PausedAt.IsZero() {
		without = on.Add(now, on.Between(c.PausedAt, without)) // it can't be due sooner
	}
	switch ahead := without.After(now); {
	case ahead && (w.IsZero() || w.Start.Before(without)):
		Undefer(c)
	case !w.IsZero():
		Defer(c, w, 0, on, now)
	}
}

// Defer puts the due time off to an amount of the calendar's time after a window, if that is later; the original stays.
// The window that does so already goes on doing so, with another amount.
func Defer(c *muster.SLAClock, w muster.Window, after muster.Minutes, on *Calendar, now time.Time) {
	after = max(0, after)
	if d := &c.Deferred; !d.Window.Start.Equal(w.Start) || !d.Window.End.Equal(w.End) {
		*d = muster.Deferral{
			Window: w, From: later(w.Start, muster.Instant(now)), End: w.End, After: after,
			Due: on.Add(w.End, after.Duration()), Without: *due(c),
		}
	} else if d.After != after {
		if !c.PausedAt.IsZero() {
			now = c.PausedAt
		}
		from := later(now, d.End)
		d.Due, d.After = on.Add(from, on.Between(from, d.Due)+(after-d.After).Duration()), after
	}
	c.Due = later(c.Deferred.Without, c.Deferred.Due)
}

// Undefer takes back that a window puts a clock off.
func Undefer(c *muster.SLAClock) {
	c.Due, c.Deferred = *due(c), muster.Deferral{}
}

// Used is the calendar's time that has counted against a clock until now.
func Used(c *muster.SLAClock, on *Calendar, now time.Time) time.Duration {
	if !c.Running() {
		return used(c)
	}
	return used(c) + on.Between(c.RunsFrom, now)
}

func used(c *muster.SLAClock) time.Duration { return time.Duration(c.Used) * time.Microsecond }

func count(c *muster.SLAClock, on *Calendar, now time.Time) {
	c.Used += int64(on.Between(c.RunsFrom, now) / time.Microsecond)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
