package notify

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestSomebodyElseComes: a customer who was told is told of the change, each expert what concerns them.
func TestSomebodyElseComes(t *testing.T) {
	c := newCompany(t)
	ana, li := c.expert("ana"), c.expert("li")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(4*time.Hour))
	c.hear(ticket.ID)
	c.work()
	c.sms.texts()
	c.push.took = nil
	_, err := c.dispatch.Reassign(c.ctx, c.as(dana), dispatch.AssignRequest{Ticket: ticket.ID, Expert: li, Why: "ana is ill"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Equal(t, []string{"T-1 has changed: li comes Mon 23 Nov, 1-3 PM."}, c.sms.texts())
	require.Equal(t, []string{"T-1 (Refrigerator warm, Boston) is not yours any more. Please don't go."}, textsOf(c.push.to("exp_ana")))
	require.Equal(t, []string{"T-1 is yours: Refrigerator warm, Boston. Mon 23 Nov, 1-2 PM."}, textsOf(c.push.to("exp_li")))

	_, err = c.dispatch.Cancel(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "bought a new one"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Equal(t, []string{"T-1 is cancelled: nobody comes."}, c.sms.texts())
}

// TestOffers: an expert is asked while the offer is open, and not told of what they did themselves.
func TestOffers(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	offer := func() muster.Ticket {
		a, err := c.dispatch.Offer(c.ctx, c.as(rounds), dispatch.OfferRequest{Ticket: c.submit().ID, Expert: ana})
		require.NoError(t, err)
		return a.Ticket
	}
	ticket := offer()
	c.hear(ticket.ID)
	c.work()
	require.Len(t, c.push.texts(), 1)
	require.Empty(t, c.sms.texts(), "nobody has accepted")
	offers, err := c.store.TicketCase(c.ctx, "", caseOf(ticket.ID))
	require.NoError(t, err)
	_, err = c.dispatch.Accept(c.ctx, c.as(self(ana)), dispatch.AnswerRequest{Offer: offers.Offers[0].ID})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Empty(t, c.push.texts(), "ana knows")
	require.Len(t, c.sms.texts(), 1)

	taken, err := c.dispatch.Offer(c.ctx, c.as(dana), dispatch.OfferRequest{Ticket: c.submit().ID, Expert: ana})
	require.NoError(t, err)
	_, err = c.dispatch.Accept(c.ctx, c.as(self(ana)), dispatch.AnswerRequest{Offer: taken.Offers[0].ID})
	require.NoError(t, err)
	c.hear(taken.Ticket.ID)
	c.after(10 * time.Second)
	require.Contains(t, c.messages(taken.Ticket.ID), "offer to ana: dropped, the offer is over")

	late := offer()
	c.hear(late.ID)
	c.after(11 * time.Minute) // nobody was there to send it
	require.Empty(t, c.push.texts())
	require.Equal(t, []string{"offer to ana: dropped, too late to be of use"}, c.messages(late.ID))
}

// TestOldAndStrangeEventsTellNobody.
func TestOldAndStrangeEventsTellNobody(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	events := c.events(ticket.ID)
	events[0].Body = []byte(`{"root": 7}`)
	old := events[1]
	old.At = monday.Add(-tooOld - time.Second)
	taken := events[1]
	taken.Name = takenIn
	require.NoError(t, c.notify.consume(c.ctx, []muster.Event{events[0], old, taken}))
	require.Empty(t, c.messages(ticket.ID))
	require.Contains(t, c.log.String(), "can't be read")
	require.Contains(t, c.log.String(), `nobody is told of them any more`)
	require.Contains(t, c.log.String(), fmt.Sprintf("events=1 first=%s/%d last=%[1]s/%[2]d", old.Aggregate, old.Rev))
}

// TestWhatIsAskedOfManyHidesNothing: what the customer was told is found however many messages went to experts since.
func TestWhatIsAskedOfManyHidesNothing(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(4*time.Hour))
	c.hear(ticket.ID)
	c.work()
	require.Len(t, c.sms.texts(), 1)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana is ill"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	var experts []muster.ExpertID
	for i := range muster.MaxOffers {
		experts = append(experts, c.expert(fmt.Sprintf("e%d", i)))
	}
	c.clock.Advance(time.Minute)
	_, err = c.dispatch.Offer(c.ctx, c.as(dana), dispatch.OfferRequest{Ticket: ticket.ID, Experts: experts})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.after(10 * time.Second)
	require.Len(t, c.push.texts(), muster.MaxOffers+2, "with what ana was told")
	for range 8 {
		c.after(15 * time.Minute)
	}
	require.Equal(t, []string{"T-1: the visit can't take place as planned. We are looking for somebody else and will tell you who comes."}, c.sms.texts())
}

// TestWhoeverIsOnTheWayAgainIsNamed: the customer was told of another in their place.
func TestWhoeverIsOnTheWayAgainIsNamed(t *testing.T) {
	d := deed{event: muster.Event{Name: resumed, At: monday}, ticket: muster.Ticket{
		State: muster.Scheduled, Visit: &muster.OpenVisit{ID: "vis_1", State: muster.VisitEnRoute, Experts: []muster.ExpertID{"exp_ana"}},
	}}
	require.Equal(t, muster.TopicOnTheWay, d.plan(&muster.Policy{})[0].Topic)
	d.ticket.Visit.State = muster.VisitArrived
	require.Empty(t, d.plan(&muster.Policy{}))
}
