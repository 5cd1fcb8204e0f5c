package dispatch

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

// A timer that means no more than another look stays on the ticket as it is: it must not hide those behind it.
func TestALookDoesNotHideTheOtherTimers(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	all := muster.Timers{muster.TimerVisit: now.Add(-time.Hour), muster.TimerException: now.Add(-time.Minute)}
	require.Equal(t, []muster.TimerName{muster.TimerException}, dueOf(all, now))

	all[muster.TimerException] = now.Add(time.Minute)
	require.Equal(t, []muster.TimerName{muster.TimerVisit}, dueOf(all, now))
	require.Equal(t, now.Add(time.Minute), firstAhead(all, now, now.Add(time.Hour)))
	require.Equal(t, now.Add(time.Second), firstAhead(all, now, now.Add(time.Second)))

	all[muster.TimerReplace], all[muster.TimerSLA] = now, now.Add(-time.Second)
	require.Equal(t, []muster.TimerName{muster.TimerSLA, muster.TimerReplace, muster.TimerVisit}, dueOf(all, now), "one by which nothing is done yet hides no other")
	require.Empty(t, dueOf(muster.Timers{muster.TimerWake: now.Add(time.Hour)}, now))
	require.Empty(t, dueOf(nil, now))
}

func TestAnExceptionIsThereUntilItHasPassed(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	k := &desk{draft: newDraft(muster.Command{}, now, nil)}
	k.ticket = muster.Ticket{State: muster.Scheduled}
	k.visit = &muster.Visit{ID: "vis_1"}
	k.raise(muster.ExceptionUnknown, "ask the phone", "no answer since 08:50")
	k.raise(muster.ExceptionCall, "call the customer", "the window can't be kept")
	k.ticket.Exceptions[0].Owner = "usr_dana"

	k.now = now.Add(time.Minute)
	k.raise(muster.ExceptionUnknown, "call the expert", "no answer since 08:50")
	require.Len(t, k.ticket.Exceptions, 2, "one of a kind for a visit")
	require.Equal(t, muster.Exception{
		Kind: muster.ExceptionUnknown, Visit: "vis_1", Since: now, Next: "call the expert", Note: "no answer since 08:50", Owner: "usr_dana",
	}, k.ticket.Exceptions[0])

	before := k.ticket.Exceptions
	k.visit = nil
	k.passed()
	require.Len(t, k.ticket.Exceptions, 1, "what was about the visit has passed with it")
	require.Equal(t, muster.ExceptionCall, k.ticket.Exceptions[0].Kind, "the customer still has to be told")
	require.Equal(t, muster.ExceptionUnknown, before[0].Kind, "what was loaded is never altered")

	k.settle(muster.ExceptionCall)
	require.Nil(t, k.ticket.Exceptions)
	k.raise(muster.ExceptionNoExpert, "see why", "")
	k.ticket.State = muster.Cancelled
	k.passed()
	require.Nil(t, k.ticket.Exceptions)
}
