package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// asked brings what was open to an answer: who is asked, for which place and start, and until when.
func (c *company) asked(id muster.TicketID) map[muster.ExpertID]muster.Offer {
	c.Helper()
	out := make(map[muster.ExpertID]muster.Offer)
	for _, o := range c.load(id).Offers {
		if o.State == muster.OfferOpen {
			out[o.Expert] = muster.Offer{Visit: o.Visit, Place: o.Place, Start: o.Start, End: o.End, Deadline: o.Deadline}
		}
	}
	return out
}

// Whoever was asked when the visit was given to another, or has just accepted, is asked again, until the same moment.
func TestUndoAsksAgainWhomItWasAskedFrom(t *testing.T) {
	for name, tt := range map[string]struct {
		by muster.Actor
		do func(c *company, offer muster.Offer) error
	}{
		"assigned to another": {dispatcher, func(c *company, o muster.Offer) error {
			_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: o.Ticket, Expert: "exp_kim", Start: o.Start.Add(time.Hour)})
			return err
		}},
		"accepted": {actorOf("exp_li"), func(c *company, o muster.Offer) error {
			_, err := c.dispatch.Accept(c.ctx, c.as(actorOf("exp_li")), dispatch.AnswerRequest{Offer: o.ID})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			c.expert("kim", 4)
			was := c.offer(c.submit().ID, li.ID)
			asked := c.asked(was.Ticket.ID)
			require.Len(t, asked, 1)
			c.clock.Advance(time.Minute)
			require.NoError(t, tt.do(c, was.Offers[0]))
			is := c.load(was.Ticket.ID)

			c.clock.Advance(time.Second)
			a, err := c.dispatch.Undo(c.ctx, c.as(tt.by), dispatch.TicketRequest{Ticket: was.Ticket.ID})
			require.NoError(t, err)
			require.Equal(t, *was.Visit, *a.Visit)
			require.Equal(t, was.Ticket.Visit, a.Ticket.Visit)
			require.Equal(t, was.Ticket.Timers, a.Ticket.Timers)
			require.Equal(t, asked, c.asked(was.Ticket.ID))
			c.sound()

			c.clock.Advance(time.Second)
			again, err := c.dispatch.Undo(c.ctx, c.as(tt.by), dispatch.TicketRequest{Ticket: was.Ticket.ID})
			require.NoError(t, err, "and that is taken back too")
			require.Equal(t, is.Visits[0], *again.Visit)
			require.Equal(t, is.Ticket.Visit, again.Ticket.Visit)
			c.sound()
		})
	}
}

// An offer whose time ran out meanwhile is not open again: the ticket is queued.
func TestUndoDoesNotAskPastTheDeadline(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	was := c.offer(c.submit().ID, li.ID)
	c.clock.Set(was.Offers[0].Deadline.Add(-2 * time.Second))
	c.assign(was.Ticket.ID, kim.ID)
	c.clock.Advance(2 * time.Second)
	a, err := c.undo(was.Ticket.ID)
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	require.Empty(t, c.asked(was.Ticket.ID))
	c.sound()
}

// What the other of a crew has accepted stands when one gives theirs back.
func TestUndoOfAnAcceptanceLeavesTheOthers(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	c.expert("kim", 4)
	ticket := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = 2 })
	_, err := c.dispatch.Round(c.ctx, ticket.Region)
	require.NoError(t, err)
	offers := c.load(ticket.ID).Offers
	require.Len(t, offers, 2)
	accept := func(o muster.Offer) muster.Ticket {
		t.Helper()
		c.clock.Advance(time.Second)
		a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(o.Expert)), dispatch.AnswerRequest{Offer: o.ID})
		require.NoError(t, err)
		return a.Ticket
	}
	one := accept(offers[0])
	asked := c.asked(ticket.ID)
	accept(offers[1])
	c.clock.Advance(time.Second)
	a, err := c.dispatch.Undo(c.ctx, c.as(actorOf(offers[1].Expert)), dispatch.TicketRequest{Ticket: ticket.ID})
	require.NoError(t, err)
	require.Equal(t, one.Visit, a.Ticket.Visit)
	require.Equal(t, asked, c.asked(ticket.ID))
	active := 0
	for _, as := range c.load(ticket.ID).Assignments {
		if as.State == muster.AssignmentActive {
			require.Equal(t, offers[0].Expert, as.Expert)
			active++
		}
	}
	require.Equal(t, 1, active)
	c.sound()

	// A dispatcher gives it to others, and takes that back.
	c.expert("mo", 5)
	c.expert("ed", 6)
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: "exp_mo", Second: "exp_ed"})
	require.NoError(t, err)
	c.clock.Advance(time.Second)
	a, err = c.undo(ticket.ID)
	require.NoError(t, err)
	require.Equal(t, one.Visit, a.Ticket.Visit)
	require.Equal(t, asked, c.asked(ticket.ID))
	c.sound()
}

// Accepting for somebody on a store that can't be reached for a moment says so.
func TestAcceptForSomebodyOnAStoreThatIsAway(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	offer := c.offer(c.submit().ID, li.ID).Offers[0]
	d := dispatch.New(&away{Store: c.store, cases: 1}, c.clock)
	cmd, req := c.as(dispatcher), dispatch.AnswerRequest{Offer: offer.ID}
	_, err := d.Accept(c.ctx, cmd, req)
	require.ErrorIs(t, err, errAway)
	_, err = d.Accept(c.ctx, cmd, req)
	require.NoError(t, err)
	c.sound()
}

// That somebody declined is a fact, whoever passes it on: it isn't taken back with a click.
func TestADeclineIsNotUndone(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	id := c.submit().ID
	a, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: id, Experts: []muster.ExpertID{li.ID, kim.ID}})
	require.NoError(t, err)
	_, err = c.dispatch.Decline(c.ctx, c.as(dispatcher), dispatch.AnswerRequest{Offer: a.Offers[0].ID})
	require.NoError(t, err)
	_, err = c.undo(id)
	require.Equal(t, muster.CodeUndoOver, muster.CodeOf(err), "%v", err)
	require.Len(t, c.asked(id), 1)
	c.sound()
}
