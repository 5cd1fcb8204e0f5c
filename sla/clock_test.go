package sla_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/sla"
)

// aClock is due on Friday at 13:00, four hours after it began.
func aClock(t *testing.T) (*sla.Calendar, muster.SLAClock, time.Time) {
	t.Helper()
	on, err := sla.Compile(office("UTC"), "")
	require.NoError(t, err)
	from := at(t, "2026-11-20T09:00:00Z")
	return on, sla.Start(muster.SLAResponse, 240, "office", on, from), from
}

func TestADeadlineIsHalfOpen(t *testing.T) {
	_, c, from := aClock(t)
	require.False(t, sla.Miss(&c, from.Add(4*time.Hour-time.Microsecond)))
	require.True(t, sla.Miss(&c, from.Add(4*time.Hour)))
	require.False(t, sla.Miss(&c, from.Add(5*time.Hour)), "it is noted once")
	require.Equal(t, from.Add(4*time.Hour), c.BreachedAt, "when it was due, whenever it is noted")

	_, c, _ = aClock(t)
	require.False(t, sla.End(&c, from.Add(4*time.Hour-time.Microsecond)))
	require.Zero(t, c.BreachedAt)
	_, c, _ = aClock(t)
	require.True(t, sla.End(&c, from.Add(4*time.Hour)))
}

func TestAPausePutsTheDueTimeOff(t *testing.T) {
	on, c, from := aClock(t)
	sla.Pause(&c, from.Add(time.Hour))
	require.False(t, sla.Miss(&c, from.Add(100*time.Hour)), "nothing is late while it stands")
	sla.Run(&c, on, from.Add(8*time.Hour)) // at 17:00
	require.Equal(t, at(t, "2026-11-23T12:00:00Z"), c.Due)
	require.Equal(t, from.Add(4*time.Hour), c.Original)
	require.Equal(t, time.Hour+30*time.Minute, sla.Used(&c, on, at(t, "2026-11-23T09:30:00Z")))
}

func TestWhatIsLateStaysLate(t *testing.T) {
	on, c, from := aClock(t)
	require.True(t, sla.Pause(&c, from.Add(5*time.Hour)))
	sla.Run(&c, on, from.Add(6*time.Hour))
	require.Equal(t, from.Add(4*time.Hour), c.Due)
	require.False(t, sla.End(&c, from.Add(7*time.Hour)), "it was noted before")
	require.Equal(t, c.Due, c.BreachedAt)
}

func TestAnArrivalThatBecomesKnownLateIsNoBreach(t *testing.T) {
	_, c, from := aClock(t)
	require.True(t, sla.Miss(&c, from.Add(5*time.Hour)))
	require.False(t, sla.End(&c, from.Add(3*time.Hour)))
	require.Zero(t, c.BreachedAt)
}

// TestAPauseThatBecomesKnownLate: what came due after it was no breach, and is due by what was left then.
func TestAPauseThatBecomesKnownLate(t *testing.T) {
	on, c, from := aClock(t)
	require.True(t, sla.Miss(&c, from.Add(5*time.Hour)))
	require.False(t, sla.Pause(&c, from.Add(3*time.Hour)))
	require.Zero(t, c.BreachedAt)
	sla.Run(&c, on, from.Add(6*time.Hour))
	require.Equal(t, from.Add(7*time.Hour), c.Due)
}

// TestAWindowOutsideTheHours: the customer chose one on Saturday, and then asked to wait. It is on the wall.
func TestAWindowOutsideTheHoursKeepsItsLength(t *testing.T) {
	on, c, from := aClock(t)
	saturday := muster.Window{Start: at(t, "2026-11-21T10:00:00Z"), End: at(t, "2026-11-21T12:00:00Z")}
	sla.Choose(&c, saturday, 0, on, from)
	require.Equal(t, saturday.End, c.Due)
	require.Equal(t, from.Add(4*time.Hour), c.Original)
	sla.Pause(&c, saturday.Start.Add(-time.Hour))
	sla.Run(&c, on, saturday.Start)
	require.Equal(t, saturday.End, c.Due, "the window was ahead still")
	sla.Pause(&c, saturday.End.Add(-time.Hour))
	sla.Run(&c, on, at(t, "2026-11-22T20:00:00Z"))
	require.Equal(t, at(t, "2026-11-22T21:00:00Z"), c.Due, "an hour of it was left")
	sla.Pause(&c, at(t, "2026-11-22T20:30:00Z"))
	sla.Run(&c, on, at(t, "2026-11-24T20:30:00Z"))
	require.Equal(t, at(t, "2026-11-24T21:00:00Z"), c.Due)
}

// TestWhatFollowsAWindowCountsByTheCalendar, as the resolution does.
func TestWhatFollowsAWindowCountsByTheCalendar(t *testing.T) {
	on, c, from := aClock(t)
	monday := muster.Window{Start: at(t, "2026-11-23T14:00:00Z"), End: at(t, "2026-11-23T16:00:00Z")}
	sla.Defer(&c, monday, 120, on, from)
	require.Equal(t, at(t, "2026-11-24T10:00:00Z"), c.Due)
	sla.Pause(&c, monday.End.Add(-time.Hour))
	sla.Run(&c, on, monday.End)
	require.Equal(t, at(t, "2026-11-24T11:00:00Z"), c.Due, "it would end at 17:00")
	sla.Pause(&c, at(t, "2026-11-24T09:30:00Z"))
	sla.Defer(&c, monday, 60, on, at(t, "2026-11-24T10:00:00Z"))
	sla.Run(&c, on, at(t, "2026-11-24T14:00:00Z"))
	require.Equal(t, at(t, "2026-11-24T14:30:00Z"), c.Due, "half an hour after it was used, half is left")
}

func TestAnotherTargetCountsWhatWasUsed(t *testing.T) {
	on, c, from := aClock(t)
	sla.Pause(&c, from.Add(time.Hour))
	sla.Run(&c, on, from.Add(3*time.Hour))
	sla.Retarget(&c, 120, "office", on)
	require.Equal(t, from.Add(4*time.Hour), c.Due, "an hour was used, one is left since 12:00")
	require.Equal(t, from.Add(2*time.Hour), c.Original)
	require.True(t, sla.Miss(&c, from.Add(4*time.Hour)))
	sla.Retarget(&c, 480, "office", on)
	require.Zero(t, c.BreachedAt, "by the new promise it is not late")
	sla.Pause(&c, from.Add(5*time.Hour))
	sla.Retarget(&c, 240, "office", on)
	sla.Run(&c, on, from.Add(7*time.Hour))
	require.Equal(t, from.Add(8*time.Hour), c.Due, "three hours were used, one is left since 16:00")
}

// TestAShorterTargetIsLateSinceItWasUsedUp, though the clock has stood since then.
func TestAShorterTargetIsLateSinceItWasUsedUp(t *testing.T) {
	on, c, from := aClock(t)
	sla.Pause(&c, from.Add(90*time.Minute))
	sla.Run(&c, on, from.Add(3*time.Hour))
	sla.Retarget(&c, 60, "office", on)
	require.True(t, sla.Miss(&c, from.Add(190*time.Minute)))
	require.Equal(t, from.Add(time.Hour), c.Due)
	require.Equal(t, c.Due, c.BreachedAt)
}

func TestAnEndThatIsTakenBackWasNone(t *testing.T) {
	_, c, from := aClock(t)
	before := c
	sla.End(&c, from.Add(time.Hour))
	require.False(t, c.Running())
	sla.TakeBack(&c)
	require.Equal(t, before, c)
	sla.TakeBack(&c)
	require.Equal(t, before, c)
}
