package dispatch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestFromSubmissionToResolved(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 5)
	ticket := c.submit()
	require.Equal(t, muster.Queued, ticket.State)
	require.Contains(t, ticket.Timers, muster.TimerQueue)

	report, err := c.dispatch.Round(c.ctx, ticket.Region)
	require.NoError(t, err)
	require.Equal(t, dispatch.RoundReport{Region: ticket.Region, Looked: 1, Offered: 1, ByReason: map[muster.ReasonCode]int{}}, report)

	k := c.load(ticket.ID)
	require.Equal(t, string(muster.VisitOffered), k.Ticket.Shown())
	require.Len(t, k.Offers, 1)
	require.Equal(t, li.ID, k.Offers[0].Expert)
	require.Equal(t, []muster.ExpertID{li.ID}, k.Ticket.Visit.Experts)
	require.Len(t, c.tours()[0].Stops, 1)
	require.True(t, c.tours()[0].Stops[0].Held())

	a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: k.Offers[0].ID})
	require.NoError(t, err)
	require.Equal(t, muster.VisitAssigned, a.Visit.State)
	require.Len(t, a.Assignments, 1)
	require.False(t, c.tours()[0].Stops[0].Held())

	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	a, err = c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed, Note: "new seal"})
	require.NoError(t, err)
	require.Equal(t, muster.Completed, a.Ticket.State)
	require.Equal(t, "fixed", a.Ticket.Outcome)
	require.Nil(t, a.Ticket.Visit)
	require.Equal(t, muster.AssignmentDone, a.Assignments[0].State)
	require.NotZero(t, c.tours()[0].Stops[0].EndedAt)

	a, err = c.dispatch.Resolve(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: ticket.ID})
	require.NoError(t, err)
	require.Equal(t, muster.Resolved, a.Ticket.State)
	require.Empty(t, a.Ticket.Timers)
	c.sound()
}
