package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func (c *company) comes(v muster.VisitID, e muster.ExpertID, at time.Time) muster.Ticket {
	c.Helper()
	a, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf(e)), dispatch.ComingRequest{Visit: v, Coming: true, At: at})
	require.NoError(c, err)
	return a.Ticket
}

// Whoever says that they come later is waited for as long as they can still come on that tour. A word of another day puts off
// neither the question nor the alarm: nobody would look at the visit until then.
func TestNobodyIsWaitedForBeyondTheirTour(t *testing.T) {
	t.Run("said before they should leave", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		leave, ends := leaveBy(a.Ticket), c.tours()[0].End
		later := a.Visit.End.Add(2 * time.Hour)
		require.True(t, later.Before(ends))
		require.Equal(t, leave.Add(later.Sub(a.Visit.Start)), leaveBy(c.comes(a.Visit.ID, "exp_li", later)), "the same day")
		way := a.Visit.Start.Sub(leave)
		require.Equal(t, ends.Add(-way), leaveBy(c.comes(a.Visit.ID, "exp_li", a.Visit.Start.AddDate(0, 0, 3))))
		require.True(t, c.has(id, muster.ExceptionPredicted), "the customer hears of it")
		c.until(id, ends, true)
		require.False(t, c.load(id).Visits[0].AskedAt.IsZero())
		c.until(id, ends.Add(10*time.Minute), true)
		require.Len(t, c.of(id, muster.ExceptionLateToLeave), 1)
		c.sound()
	})
	t.Run("when they were asked", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		ends := c.tours()[0].End
		c.until(id, leaveBy(a.Ticket).Add(2*time.Minute), true)
		require.False(t, c.load(id).Visits[0].AskedAt.IsZero())
		require.Equal(t, ends, c.comes(a.Visit.ID, "exp_li", a.Visit.Start.AddDate(0, 0, 3)).Timers[muster.TimerAnswer])
		c.until(id, ends.Add(time.Minute), true)
		require.Len(t, c.of(id, muster.ExceptionLateToLeave), 1)
		c.sound()
	})
	t.Run("days after it", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		c.until(id, leaveBy(a.Ticket).Add(2*time.Minute), true)
		c.clock.Set(a.Visit.End.AddDate(0, 0, 2))
		c.until(id, c.clock.Now().Add(10*time.Minute), true)
		require.Len(t, c.of(id, muster.ExceptionLateToLeave), 1)
		soon := c.clock.Now().Add(5 * time.Minute)
		require.Equal(t, soon, c.comes(a.Visit.ID, "exp_li", soon.Add(8*time.Hour)).Timers[muster.TimerAnswer])
		c.until(id, soon.Add(time.Minute), true)
		require.Len(t, c.of(id, muster.ExceptionLateToLeave), 1, "a person sees to it again")
		c.sound()
	})
	t.Run("one of a crew", func(t *testing.T) {
		c := newCompany(t)
		a := c.crew()
		id, ends := a.Ticket.ID, c.tours()[0].End
		c.until(id, leaveBy(a.Ticket).Add(2*time.Minute), true)
		c.comes(a.Visit.ID, "exp_kim", a.Visit.Start.AddDate(0, 0, 3))
		_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID})
		require.NoError(t, err)
		require.Equal(t, ends, c.load(id).Ticket.Timers[muster.TimerAnswer])
		c.sound()
	})
}
