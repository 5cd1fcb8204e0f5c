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
