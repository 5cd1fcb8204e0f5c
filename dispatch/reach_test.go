package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// reachable passes the time until an instant in which answers can reach us, and lets the ticket's timers ring.
func (c *company) reachable(to time.Time, t muster.TicketID) {
	c.Helper()
	for c.clock.Now().Before(to) {
		require.NoError(c, c.dispatch.Reachable(c.ctx))
		c.due(t)
		c.clock.Set(earlier(to, c.clock.Now().Add(dispatch.ReachEvery)))
	}
	require.NoError(c, c.dispatch.Reachable(c.ctx))
	c.due(t)
}

// unreachable passes the time until an instant in which nobody can tell us anything, though timers ring.
func (c *company) unreachable(to time.Time, t muster.TicketID) {
	c.Helper()
	for c.clock.Now().Before(to) {
		c.due(t)
		c.clock.Set(earlier(to, c.clock.Now().Add(dispatch.ReachEvery)))
	}
	c.due(t)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// Whoever is asked has their whole time once their answer can reach us again, and isn't told that they were too late.
func TestAnOfferDoesNotExpireInAnOutage(t *testing.T) {
	for _, accepts := range []bool{true, false} {
		c := newCompany(t)
		li := c.expert("li", 3)
		afternoon := muster.Window{Start: minutes(300), End: minutes(420)}
		id := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{afternoon} }).ID
		o := c.offer(id, li.ID).Offers[0]
		require.Equal(t, minutes(10), o.Deadline)
		c.reachable(minutes(3), o.Ticket)
		c.unreachable(minutes(40), o.Ticket)
		require.Equal(t, "offered", c.shown(o.Ticket))
		c.sound()
		answer := dispatch.AnswerRequest{Offer: o.ID}
		c.reachable(minutes(49), o.Ticket)
		if accepts {
			a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), answer)
			require.NoError(t, err)
			require.Equal(t, "assigned", a.Ticket.Shown())
			c.sound()
			continue
		}
		c.reachable(minutes(50), o.Ticket)
		require.Equal(t, "queued", c.shown(o.Ticket), "ten minutes after the end of the outage")
		_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), answer)
		require.Equal(t, muster.CodeOfferOver, muster.CodeOf(err))
		c.sound()
	}
}

// What somebody is asked for who could not answer stays theirs as long as they may still answer.
func TestAnOpeningStaysHeldThroughAnOutage(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	afternoon := func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{{Start: minutes(300), End: minutes(305)}} }
	o := c.offer(c.submit(afternoon).ID, li.ID).Offers[0]
	c.reachable(minutes(3), o.Ticket)
	c.unreachable(minutes(40), o.Ticket)
	other := c.submit(afternoon)
	require.NoError(t, c.dispatch.Reachable(c.ctx))
	c.rounds()
	require.Equal(t, "queued", c.shown(other.ID))
	c.sound()
	c.reachable(minutes(45), o.Ticket)
	_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: o.ID})
	require.NoError(t, err)
	c.sound()
}

// An expert who arrives in time during an outage: nobody apologises to the customer at whose door they are.
func TestAnArrivalInAnOutageBreaksNoPromise(t *testing.T) {
	for _, tells := range []bool{true, false} {
		c := newCompany(t)
		li := c.expert("li", 3)
		a := c.assign(c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{{Start: minutes(60), End: minutes(120)}} }).ID, li.ID)
		visit := dispatch.VisitRequest{Visit: a.Visit.ID}
		id := a.Ticket.ID
		c.reachable(a.Visit.Start.Add(-20*time.Minute), id)
		_, err := c.dispatch.Depart(c.ctx, c.as(actorOf(li.ID)), visit)
		require.NoError(t, err)
		c.reachable(a.Visit.Start.Add(-time.Minute), id)
		end := a.Visit.Window.End
		c.unreachable(end.Add(time.Hour), id)
		require.Zero(t, c.load(id).Ticket.Promised.BrokenAt)
		require.Empty(t, c.exceptions(id), "nobody is late as far as anybody can know")
		back := end.Add(time.Hour)
		if tells {
			c.reachable(back.Add(4*time.Minute), id)
			visit.At = a.Visit.Start
			_, err = c.dispatch.Arrive(c.ctx, c.as(actorOf(li.ID)), visit)
			require.NoError(t, err)
			k := c.load(id)
			require.Equal(t, a.Visit.Start, k.Visits[0].ArrivedAt)
			require.Zero(t, k.Visits[0].BrokenAt)
			require.Empty(t, c.exceptions(id))
			require.NotContains(t, c.events(string(id)), "ticket.deadline_missed")
		} else {
			c.reachable(back.Add(11*time.Minute), id)
			require.Equal(t, end, c.load(id).Ticket.Promised.BrokenAt, "they could have told us")
			require.True(t, c.has(id, muster.ExceptionLate))
		}
		c.sound()
	}
}

// A phone that was away sends its steps one after the other: the first says nothing yet of the second.
func TestStepsThatArePhonedInLateBreakNoPromise(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.clock.Set(a.Visit.Window.End.Add(time.Minute))
	for n, do := range []func(*dispatch.Dispatch, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
		func(d *dispatch.Dispatch, cmd muster.Command, r dispatch.VisitRequest) (dispatch.Answer, error) {
			return d.Depart(c.ctx, cmd, r)
		},
		func(d *dispatch.Dispatch, cmd muster.Command, r dispatch.VisitRequest) (dispatch.Answer, error) {
			return d.Arrive(c.ctx, cmd, r)
		},
	} {
		at := a.Visit.Start.Add(time.Duration(n-1) * 20 * time.Minute)
		got, err := do(c.dispatch, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: a.Visit.ID, At: at})
		require.NoError(t, err)
		require.False(t, got.Ticket.Promised != nil && !got.Ticket.Promised.BrokenAt.IsZero())
		require.False(t, c.has(a.Ticket.ID, muster.ExceptionLate))
	}
	c.sound()
}

// A visit that goes on for longer than planned makes later ones late; not so one whose end could not be told.
func TestAnOutageMakesNobodyLate(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	first, second := c.at(li.ID, minutes(60)), c.at(li.ID, minutes(180))
	c.reachable(first.Visit.Start.Add(-15*time.Minute), first.Ticket.ID)
	c.under(first.Visit.ID, li.ID, muster.VisitInProgress)
	c.reachable(first.Visit.Start.Add(10*time.Minute), first.Ticket.ID)
	c.unreachable(minutes(400), first.Ticket.ID)
	for _, id := range []muster.TicketID{first.Ticket.ID, second.Ticket.ID} {
		require.Empty(t, c.exceptions(id))
		require.NotContains(t, c.events(string(id)), "ticket.overrun")
	}
	c.reachable(minutes(402), first.Ticket.ID)
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: first.Visit.ID, Outcome: muster.Fixed, At: first.Visit.End})
	require.NoError(t, err)
	c.sound()
}

// A timer that was put off stays as it is. Whoever changes its ticket makes it due again, which is no breach before workers have
// had the time to look; then it is.
func TestFsckKnowsATimerThatWasPutOff(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	o := c.offer(c.submit().ID, li.ID).Offers[0]
	relay := c.duty(minutes(300))
	c.number(relay)
	c.reachable(minutes(3), o.Ticket)
	c.unreachable(minutes(40), o.Ticket)
	c.reachable(minutes(42), o.Ticket)
	c.sound()
	require.NoError(t, c.dispatch.Stuck(c.ctx, graph.Wake{ID: string(o.Ticket), Kind: muster.KindTicket}, 5, errors.New("for a change")))
	c.number(relay)
	require.Equal(t, o.Deadline, c.wakes(o.Ticket))
	c.sound()
	c.clock.Advance(time.Minute)
	report, err := c.dispatch.Fsck(c.ctx, c.store)
	require.NoError(t, err)
	require.Len(t, report.Breaches, 1)
	require.Contains(t, report.Breaches[0].Text, "1m0s late to be looked at for its timer offer")
	c.due(o.Ticket)
	c.sound()
}
