package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestCustomerIsToldWhoComesAndWhen goes through a ticket's life.
func TestCustomerIsToldWhoComesAndWhen(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.submit()
	ticket = c.assign(rounds, ticket, ana, monday.Add(2*time.Hour))
	c.hear(ticket.ID)
	c.work()
	require.Equal(t, []string{"T-1: ana comes Mon 23 Nov, 11 AM-1 PM. Refrigerator warm"}, c.sms.texts())
	require.Equal(t, []string{"T-1 is yours: Refrigerator warm, Boston. Mon 23 Nov, 11 AM-12 PM."}, c.push.texts())

	visit := dispatch.VisitRequest{Visit: ticket.Visit.ID}
	c.clock.Advance(100 * time.Minute)
	_, err := c.dispatch.Depart(c.ctx, c.as(self(ana)), visit)
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Equal(t, []string{"T-1: ana is on the way, there at about 11:00 AM."}, c.sms.texts())

	c.clock.Advance(20 * time.Minute)
	_, err = c.dispatch.Arrive(c.ctx, c.as(self(ana)), visit)
	require.NoError(t, err)
	_, err = c.dispatch.Start(c.ctx, c.as(self(ana)), visit)
	require.NoError(t, err)
	_, err = c.dispatch.End(c.ctx, c.as(self(ana)), dispatch.EndRequest{Visit: visit.Visit, Outcome: muster.Fixed})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Empty(t, c.sms.texts())
	_, err = c.dispatch.Resolve(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Equal(t, []string{"T-1 is closed. Is it fixed? How was it? https://x.example/s/" + string(ticket.ID)}, c.sms.texts())
	require.Equal(t, []string{
		"accepted to customer: sent", "assigned to ana: sent", "on_the_way to customer: sent", "resolved to customer: sent",
	}, c.sorted(ticket.ID))
	require.Empty(t, c.calls)
}

// TestUndoneAssignmentTellsNobody: what a person did on the board is told only once it can't be taken back.
func TestUndoneAssignmentTellsNobody(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.assign(dana, c.submit(), ana)
	c.hear(ticket.ID)
	c.after(9 * time.Second)
	require.Empty(t, c.sms.texts())
	require.Empty(t, c.push.texts())
	_, err := c.dispatch.Undo(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(time.Second)
	c.after(time.Minute)
	c.after(time.Hour)
	require.Empty(t, c.sms.texts())
	require.Empty(t, c.push.texts())
	require.Equal(t, []string{
		"accepted to customer: dropped, that visit isn't planned any more",
		"assigned to ana: dropped, it isn't theirs any more",
		"cancelled to ana: dropped, they had not been told of it",
		"changed to customer: dropped, they had not been told of that visit",
	}, c.sorted(ticket.ID))
}

// TestWhoWaitsForAPartHearsWhen: a visit that was promised for before it comes is taken back with the day on which it is
// expected, another day is told, the same day isn't told twice, and the new visit is told when it is planned.
func TestWhoWaitsForAPartHearsWhen(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(24*time.Hour))
	heard := func() []string {
		t.Helper()
		c.hear(ticket.ID)
		c.after(time.Minute)
		return c.sms.texts()
	}
	require.Equal(t, []string{"T-1: ana comes Tue 24 Nov, 9-11 AM. Refrigerator warm"}, heard())
	order := func(days int) []string {
		t.Helper()
		a, err := c.dispatch.OrderPart(c.ctx, c.as(dana), dispatch.PartRequest{Ticket: ticket.ID, Name: "relay", ETA: monday.AddDate(0, 0, days)})
		require.NoError(t, err)
		require.Equal(t, muster.Waiting, a.Ticket.State)
		return heard()
	}
	require.Equal(t, []string{"T-1: we wait for a part that is expected Thu 26 Nov. Nobody comes before; we will tell you when."}, order(3))
	require.Equal(t, []string{"T-1: we wait for a part that is expected Sat 28 Nov. Nobody comes before; we will tell you when."}, order(5), "it comes later")
	require.Empty(t, order(5), "they know")
	require.Equal(t, []string{"T-1: we wait for a part that is expected Fri 27 Nov. Nobody comes before; we will tell you when."}, order(4), "or earlier")

	a, err := c.dispatch.PartThere(c.ctx, c.as(dana), dispatch.PartRequest{Ticket: ticket.ID, Name: "relay"})
	require.NoError(t, err)
	require.Empty(t, heard())
	c.assign(rounds, a.Ticket, ana, monday.AddDate(0, 0, 2))
	require.Equal(t, []string{"T-1: ana comes Wed 25 Nov, 9-11 AM. Refrigerator warm"}, heard())
}
