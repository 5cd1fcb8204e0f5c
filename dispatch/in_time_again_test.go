package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Who was predicted to be late and is expected in time again is off the list of exceptions; if they fall behind anew people
// hear of it anew.
func TestWhoIsInTimeAgainIsOffTheList(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	day := c.booked(li.ID, 30, 90, 150)
	first, second, third := day[0], day[1], day[2]
	c.clock.Set(first.Visit.Start.Add(-10 * time.Minute))
	c.under(first.Visit.ID, li.ID, muster.VisitInProgress)
	for at := first.Visit.End; len(c.of(third.Ticket.ID, muster.ExceptionPredicted)) == 0; at = at.Add(15 * time.Minute) {
		c.clock.Set(at)
		c.due(first.Ticket.ID)
	}
	warned := c.of(third.Ticket.ID, muster.ExceptionPredicted)[0]
	_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: second.Ticket.ID})
	require.NoError(t, err)
	require.False(t, c.stop(third.Visit.ID).Expected.After(third.Visit.Window.End))
	require.Empty(t, c.of(third.Ticket.ID, muster.ExceptionPredicted))
	require.Zero(t, c.load(third.Ticket.ID).Visits[0].PredictedAt.Sub(c.stop(third.Visit.ID).Expected))
	c.sound()
	for at := c.clock.Now(); len(c.of(third.Ticket.ID, muster.ExceptionPredicted)) == 0; at = at.Add(15 * time.Minute) {
		require.True(t, at.Before(first.Visit.End.Add(6*time.Hour)), "never told again")
		c.clock.Set(at)
		c.due(first.Ticket.ID)
	}
	require.True(t, c.of(third.Ticket.ID, muster.ExceptionPredicted)[0].Since.After(warned.Since))
	c.sound()
}

// Who is expected much sooner than people were told, and still late, is told of again, once.
func TestWhoIsLessLateIsToldOfAgain(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	day := c.booked(li.ID, 30, 90, 150)
	first, second, third := day[0], day[1], day[2]
	warned := func() (n int) {
		t.Helper()
		events, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(third.Ticket.ID))
		require.NoError(t, err)
		for _, e := range events {
			if e.Name == "visit.predicted_late" {
				n++
			}
		}
		return n
	}
	c.clock.Set(first.Visit.Start.Add(-10 * time.Minute))
	c.under(first.Visit.ID, li.ID, muster.VisitInProgress)
	for at := first.Visit.End; !at.After(first.Visit.End.Add(4 * time.Hour)); at = at.Add(15 * time.Minute) {
		c.clock.Set(at)
		c.due(first.Ticket.ID)
	}
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: first.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	times, told := warned(), c.stop(third.Visit.ID).Told
	_, err = c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: second.Ticket.ID})
	require.NoError(t, err)
	stop := c.stop(third.Visit.ID)
	require.Greater(t, told.Sub(stop.Expected), 15*time.Minute)
	require.True(t, stop.Expected.After(stop.Window.End), "late still")
	require.Equal(t, times+1, warned())
	require.Equal(t, stop.Expected, stop.Told)
	require.Contains(t, c.of(third.Ticket.ID, muster.ExceptionPredicted)[0].Note, stop.Expected.Format(time.RFC3339))
	c.clock.Advance(time.Minute)
	c.under(third.Visit.ID, li.ID, muster.VisitEnRoute)
	require.Equal(t, times+1, warned(), "about as they were told")
	c.sound()
}
