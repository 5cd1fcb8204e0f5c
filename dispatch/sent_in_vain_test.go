package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// An expert without a signal is on the way, or there, when their visit is withdrawn. What they report when it reaches us is
// put before a person, with both times: else two are sent and nobody knows.
func TestWhoWasOnTheWayWhenTheVisitWasWithdrawn(t *testing.T) {
	li := actorOf("exp_li")
	report := func(c *company, v muster.VisitID, at time.Time) error {
		for _, step := range []func() error{
			func() error {
				_, err := c.dispatch.Depart(c.ctx, c.as(li), dispatch.VisitRequest{Visit: v, At: at})
				return err
			},
			func() error {
				_, err := c.dispatch.Arrive(c.ctx, c.as(li), dispatch.VisitRequest{Visit: v, At: at.Add(5 * time.Minute)})
				return err
			},
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	}
	unassign := func(c *company, id muster.TicketID) {
		_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "no word from li"})
		require.NoError(c, err)
	}
	t.Run("somebody else was found", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		left := leaveBy(a.Ticket)
		c.clock.Set(left.Add(10 * time.Minute))
		unassign(c, id)
		other := c.assign(id, "exp_kim")
		c.clock.Advance(20 * time.Minute)
		require.NoError(t, report(c, a.Visit.ID, left))
		k := c.load(id)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, k.Ticket.Visit.Experts, "who stays is for a person to say")
		require.Equal(t, other.Visit.ID, k.Ticket.Visit.ID)
		calls := c.callTasks(id)
		require.Len(t, calls, 1)
		require.Contains(t, calls[0].Next, "two experts were sent")
		require.Contains(t, calls[0].Note, "li reports \"arrive\" of "+left.Add(5*time.Minute).Format(time.RFC3339))
		require.Equal(t, muster.VisitArrived, k.Visits[0].Reports[1].State)
		require.Equal(t, left.Add(5*time.Minute), k.Visits[0].Reports[1].Happened)
		require.Equal(t, c.clock.Now(), k.Visits[0].Reports[1].Received)
		require.Equal(t, muster.Withdrawn, k.Visits[0].Outcome, "it is over all the same")
		c.sound()
	})
	t.Run("nobody else yet", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		left := leaveBy(a.Ticket)
		c.clock.Set(left.Add(10 * time.Minute))
		unassign(c, id)
		require.NoError(t, report(c, a.Visit.ID, left))
		require.Equal(t, "queued", c.shown(id))
		require.Contains(t, c.callTasks(id)[0].Next, "call the expert")
		c.sound()
	})
	t.Run("they had not left by then", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		unassign(c, id)
		c.clock.Advance(time.Hour)
		require.Equal(t, muster.CodeState, muster.CodeOf(report(c, a.Visit.ID, c.clock.Now().Add(-time.Minute))))
		require.Equal(t, muster.CodeState, muster.CodeOf(report(c, a.Visit.ID, time.Time{})))
		require.Empty(t, c.callTasks(id))
	})
	t.Run("it was never theirs", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		left := leaveBy(a.Ticket)
		unassign(c, id)
		_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_kim")), dispatch.VisitRequest{Visit: a.Visit.ID, At: left.Add(-24 * time.Hour)})
		require.Equal(t, muster.CodeState, muster.CodeOf(err))
		require.Empty(t, c.callTasks(id))
	})
	t.Run("the ticket is closed", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		left := leaveBy(a.Ticket)
		c.clock.Set(left.Add(10 * time.Minute))
		_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
		require.NoError(t, err)
		require.Equal(t, muster.CodeState, muster.CodeOf(report(c, a.Visit.ID, left)))
	})
	t.Run("one of a crew", func(t *testing.T) {
		c := newCompany(t)
		a := c.crew()
		c.expert("zoe", 4)
		left := leaveBy(a.Ticket)
		c.clock.Set(left.Add(10 * time.Minute))
		_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: a.Ticket.ID, Expert: "exp_zoe", Second: "exp_kim"})
		require.NoError(t, err)
		require.NoError(t, report(c, a.Visit.ID, left))
		require.Equal(t, "assigned", c.shown(a.Ticket.ID))
		require.Contains(t, c.callTasks(a.Ticket.ID)[0].Next, "experts were sent")
		c.sound()
	})
}
