package sla

import (
	"iter"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// Start begins a clock at an instant. A target of 0 minutes is due at once.
func Start(name muster.SLAName, target muster.Minutes, calendar string, on *Calendar, at time.Time) muster.SLAClock {
	at = muster.Instant(at)
	due := on.Add(at, target.Duration())
	return muster.SLAClock{
		Name: name, Target: target, Calendar: calendar, StartedAt: at, Due: due, Original: due,
	}
}

// Beside begins a clock late, as if it had begun with another and stood whenever that did.
func Beside(other *muster.SLAClock, name muster.SLAName, target muster.Minutes, calendar string, on *Calendar) muster.SLAClock {
	c := muster.SLAClock{Name: name, StartedAt: other.StartedAt, Pauses: other.Pauses, PausedAt: other.PausedAt}
	Retarget(&c, target, calendar, on)
	return c
}

// Miss notes that the due time of a clock that hasn't ended passed while it ran; it tells whether that is new.
func Miss(c *muster.SLAClock, now time.Time) bool {
	if !c.PausedAt.IsZero() {
		now = c.PausedAt
	}
	if !c.EndedAt.IsZero() || !c.BreachedAt.IsZero() || now.Before(c.Due) {
		return false
	}
	c.BreachedAt = c.Due
	return true
}

// Pause stops a running clock for a while, at an instant that may lie before now, but not before its last pause: why it
// stands may become known late. What came before the due time was no breach, even if it looked like one meanwhile. It tells
// whether the clock was late by then, and nobody had noted it.
func Pause(c *muster.SLAClock, at time.Time) (missed bool) {
	missed = Miss(c, at)
	if !c.Running() {
		return missed
	}
	c.PausedAt = muster.Instant(at)
	if at.Before(c.BreachedAt) {
		c.BreachedAt, missed = time.Time{}, false
	}
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
	c.Pauses = append(slices.Clip(c.Pauses), muster.Window{Start: since, End: now})
	c.PausedAt, c.EndedAt = time.Time{}, time.Time{}
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

// End stops a clock, at an instant that may lie before now, but not before its last pause: an arrival may become known
// late. What came before the due time was no breach, even if it looked like one meanwhile.
func End(c *muster.SLAClock, at time.Time) (missed bool) {
	if !c.EndedAt.IsZero() {
		return false
	}
	missed = Miss(c, at)
	c.EndedAt = muster.Instant(at)
	if at.Before(c.BreachedAt) {
		c.BreachedAt, missed = time.Time{}, false
	}
	return missed
}

// TakeBack undoes the end of a clock: it is as if it had not ended.
func TakeBack(c *muster.SLAClock) { c.EndedAt = time.Time{} }

// Retarget gives a clock another target, and another calendar for all of its time. It is due as if it had had them from
// the start, with the pauses that there were; so is its original due time, without. What was late stays late unless it
// wouldn't have been by the new target, and is so since the new due time if that is earlier.
func Retarget(c *muster.SLAClock, target muster.Minutes, calendar string, on *Calendar) {
	c.Target, c.Calendar = target, calendar
	c.Original = on.Add(c.StartedAt, target.Duration())
	without := due(c)
	*without = reached(c, on, c.StartedAt, target)
	if d := &c.Deferred; !d.Window.IsZero() {
		d.Due = reached(c, on, d.End, d.After)
		c.Due = later(d.Without, d.Due)
	}
	if c.BreachedAt.Before(*without) {
		c.BreachedAt = time.Time{}
	} else if c.Due.Before(c.BreachedAt) {
		c.BreachedAt = c.Due
	}
}

// Choose lets a window that the customer chooses put off the due time of a clock, in the place of what they chose before:
// to an amount of the calendar's time after its end, if it opens after the clock is due without it; else the clock is due
// as without it. The zero window and one that is over are no wish. What has passed meanwhile, and wasn't late because of
// what they chose before, doesn't become late by it: any window puts that off, and with no wish the one before holds.
func Choose(c *muster.SLAClock, w muster.Window, after muster.Minutes, on *Calendar, now time.Time) {
	if !w.End.After(now) {
		w = muster.Window{}
	}
	without := *due(c)
	if !c.PausedAt.IsZero() && c.PausedAt.Before(without) {
		without = on.Add(now, on.Between(c.PausedAt, without)) // it can't be due sooner
	}
	ahead, sooner, deferred := without.After(now), w.Start.Before(without), !c.Deferred.Window.IsZero()
	switch {
	case ahead && (w.IsZero() || sooner):
		Undefer(c)
	case w.IsZero() || sooner && !deferred:
	default:
		Defer(c, w, after, on, now)
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
		d.After, d.Due = after, reached(c, on, d.End, after)
	}
	c.Due = later(c.Deferred.Without, c.Deferred.Due)
}

// Undefer takes back that a window puts a clock off.
func Undefer(c *muster.SLAClock) {
	c.Due, c.Deferred = *due(c), muster.Deferral{}
}

// Used is the calendar's time that has counted against a clock until now.
func Used(c *muster.SLAClock, on *Calendar, now time.Time) (used time.Duration) {
	if !c.PausedAt.IsZero() {
		now = c.PausedAt
	}
	if !c.EndedAt.IsZero() && c.EndedAt.Before(now) {
		now = c.EndedAt
	}
	for run := range runs(c, c.StartedAt) {
		if run.End.IsZero() || run.End.After(now) {
			run.End = now
		}
		used += on.Between(run.Start, run.End)
	}
	return used
}

// reached is the first instant by which a clock has run for so much of the calendar's time since an instant, or will
// have if it goes on from where it stands.
func reached(c *muster.SLAClock, on *Calendar, since time.Time, target muster.Minutes) time.Time {
	left := target.Duration()
	for run := range runs(c, since) {
		here := left
		if !run.End.IsZero() {
			here = on.Between(run.Start, run.End)
		}
		if here >= left {
			return on.Add(run.Start, left)
		}
		left -= here
	}
	return time.Time{} // the last run has no end
}

// runs are the spans since an instant in which a clock ran, the last without end: as if it didn't stand now.
func runs(c *muster.SLAClock, since time.Time) iter.Seq[muster.Window] {
	return func(yield func(muster.Window) bool) {
		for _, p := range c.Pauses {
			if since.Before(p.Start) && !yield(muster.Window{Start: since, End: p.Start}) {
				return
			}
			since = later(since, p.End)
		}
		yield(muster.Window{Start: since})
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
