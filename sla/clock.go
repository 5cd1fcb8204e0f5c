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
	if since.Before(c.Due) {
		c.Due = later(c.Due, putOff(c.Due, since, on, now))
	}
	c.RunsFrom, c.PausedAt, c.EndedAt = muster.Instant(now), time.Time{}, time.Time{}
}

// putOff gives the due time of a clock that stood from since to now. A due time outside the calendar's hours, as of
// a window that the customer chose, keeps its distance in plain time.
func putOff(due, since time.Time, on *Calendar, now time.Time) time.Time {
	if left := on.Between(since, due); left > 0 {
		return on.Add(now, left)
	}
	return muster.Instant(now.Add(due.Sub(since)))
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
	c.Due = on.Add(from, target.Duration()-used(c))
	if c.BreachedAt.Before(c.Due) {
		c.BreachedAt = time.Time{} // it was late by a promise that doesn't hold any more
	}
}

// Defer puts the due time off to a later instant; the original stays.
func Defer(c *muster.SLAClock, to time.Time) {
	if to.After(c.Due) {
		c.Due = muster.Instant(to)
	}
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
