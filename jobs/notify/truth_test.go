package notify

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestWhoeverIsInTimeAgainIsNotCalledLate: what is said of a late visit is asked of the graph when it is sent.
func TestWhoeverIsInTimeAgainIsNotCalledLate(t *testing.T) {
	at := func(edit func(*scene)) verdict {
		s := &scene{
			message: &muster.Message{Topic: muster.TopicLate, Visit: "vis_1", Customer: "cus_1", Until: monday.Add(24 * time.Hour)},
			ticket:  &muster.Ticket{State: muster.Scheduled, Visit: &muster.OpenVisit{ID: "vis_1", State: muster.VisitAssigned}},
			visit: &muster.Visit{
				ID: "vis_1", State: muster.VisitAssigned, Start: monday, Window: muster.Window{Start: monday, End: monday.Add(2 * time.Hour)},
				PredictedAt: monday.Add(3 * time.Hour),
			},
			customer: &muster.Customer{}, policy: &muster.Policy{}, now: monday,
		}
		edit(s)
		return s.verdict()
	}
	require.Empty(t, at(func(*scene) {}).drop)
	require.Equal(t, "they are expected in time again", at(func(s *scene) { s.visit.PredictedAt = time.Time{} }).drop)
	require.Equal(t, "they are expected in time again", at(func(s *scene) { s.visit.PredictedAt = monday.Add(2 * time.Hour) }).drop)
	require.Equal(t, "nobody knows any more when they come", at(func(s *scene) { s.now = s.visit.PredictedAt }).drop)
	one := func(s *scene) { // of a crew, of whom the other hasn't answered
		s.visit.PredictedAt, s.visit.Heard = time.Time{}, []muster.Heard{{Expert: "exp_ana", ExpectedAt: monday.Add(4 * time.Hour)}}
	}
	require.Empty(t, at(one).drop)
}

// TestWhoIsAskedForAnotherVisitHearsThatTheFirstIsNotTheirs: an offer says nothing about what they had.
func TestWhoIsAskedForAnotherVisitHearsThatTheFirstIsNotTheirs(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.told(ana)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "the customer is away"})
	require.NoError(t, err)
	c.clock.Advance(5 * time.Second)
	again, err := c.dispatch.Offer(c.ctx, c.as(rounds), dispatch.OfferRequest{Ticket: ticket.ID, Expert: ana, Start: monday.Add(26 * time.Hour)})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	c.after(10 * time.Second)
	require.ElementsMatch(t, []string{
		"T-1 (Refrigerator warm, Boston) is not yours any more. Please don't go.",
		"Offer T-1, Boston: Refrigerator warm. Tue 24 Nov, 11 AM-12 PM. Answer by 9:10 AM.",
	}, c.push.texts())

	// Who was only asked, and is asked anew, has nothing to leave.
	_, err = c.dispatch.Unassign(c.ctx, c.as(lou), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "at another time"})
	require.NoError(t, err)
	_, err = c.dispatch.Offer(c.ctx, c.as(rounds), dispatch.OfferRequest{Ticket: ticket.ID, Expert: ana, Start: monday.Add(28 * time.Hour)})
	require.NoError(t, err)
	require.NotEmpty(t, again.Offers)
	c.hear(ticket.ID)
	c.work()
	c.after(10 * time.Second)
	require.Len(t, c.push.texts(), 1)
	require.Contains(t, c.messages(ticket.ID), "cancelled to ana: dropped, it is theirs again")
}

// lou is another dispatcher.
var lou = muster.Actor{ID: "usr_lou", Role: muster.RoleDispatcher, Name: "Lou"}

// TestWhoeverWaitsForAVisitHearsThatItIsNotNeeded: that the work was done otherwise, or goes on with another ticket.
func TestWhoeverWaitsForAVisitHearsThatItIsNotNeeded(t *testing.T) {
	for want, ends := range map[string]func(*company, muster.Ticket) error{
		"T-1 is done. The visit isn't needed any more: nobody comes.": func(c *company, x muster.Ticket) error {
			_, err := c.dispatch.Complete(c.ctx, c.as(dana), dispatch.CompleteRequest{Ticket: x.ID, Outcome: muster.Fixed, Note: "by phone"})
			return err
		},
		"T-1 goes on with your other ticket about the same. The visit of T-1 doesn't take place.": func(c *company, x muster.Ticket) error {
			_, err := c.dispatch.Merge(c.ctx, c.as(dana), dispatch.MergeRequest{Ticket: x.ID, Into: string(c.submit().ID)})
			return err
		},
	} {
		c := newCompany(t)
		ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(4*time.Hour))
		c.hear(ticket.ID)
		c.work()
		c.sms.texts()
		require.NoError(t, ends(c, ticket))
		c.hear(ticket.ID)
		c.after(10 * time.Second)
		require.Equal(t, []string{want}, c.sms.texts())
	}
	t.Run("not of one that took place", func(t *testing.T) {
		c := newCompany(t)
		ana := c.expert("ana")
		ticket := c.assign(rounds, c.submit(), ana, monday.Add(time.Hour))
		c.hear(ticket.ID)
		c.work()
		visit := dispatch.VisitRequest{Visit: ticket.Visit.ID}
		for _, step := range []func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
			c.dispatch.Depart, c.dispatch.Arrive, c.dispatch.Start,
		} {
			_, err := step(c.ctx, c.as(self(ana)), visit)
			require.NoError(t, err)
		}
		c.hear(ticket.ID)
		c.work()
		c.sms.texts()
		_, err := c.dispatch.End(c.ctx, c.as(self(ana)), dispatch.EndRequest{Visit: ticket.Visit.ID, Outcome: muster.Fixed})
		require.NoError(t, err)
		c.hear(ticket.ID)
		c.after(time.Hour)
		require.Empty(t, c.sms.texts())
	})
}

// TestNobodyIsWokenForAnOfferThatCanWait: whoever is asked in their free time has until they work again, and is not disturbed
// in the night before.
func TestNobodyIsWokenForAnOfferThatCanWait(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana") // works from 6 to 22
	offer := func(start time.Time) muster.Ticket {
		a, err := c.dispatch.Offer(c.ctx, c.as(rounds), dispatch.OfferRequest{Ticket: c.submit().ID, Expert: ana, Start: start})
		require.NoError(t, err)
		c.hear(a.Ticket.ID)
		c.work()
		return a.Ticket
	}
	c.clock.Set(monday.Add(12*time.Hour + 30*time.Minute)) // 21:30: at work
	offer(monday.Add(26 * time.Hour))
	require.Len(t, c.push.texts(), 1, "quiet hours are for those who don't work")
	c.clock.Set(monday.Add(14 * time.Hour)) // 23:00
	asked := offer(monday.Add(28 * time.Hour))
	require.Empty(t, c.push.texts())
	six := monday.Add(21 * time.Hour)
	require.Equal(t, six.Add(10*time.Minute), asked.Visit.Deadline)
	c.clock.Set(six.Add(-time.Second))
	c.work()
	require.Empty(t, c.push.texts())
	c.after(time.Second)
	require.Len(t, c.push.texts(), 1)
}

// TestWhatWasTakenBackTwiceIsTakenBack: of the second visit they had not been told, of the first they had, and neither is theirs.
func TestWhatWasTakenBackTwiceIsTakenBack(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.told(ana)
	c.sms.texts()
	unassign := func() {
		t.Helper()
		_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "not then"})
		require.NoError(t, err)
		c.clock.Advance(4 * time.Second)
		c.hear(ticket.ID)
		c.work()
	}
	unassign()
	c.assign(dana, ticket, ana, monday.Add(26*time.Hour))
	unassign()
	c.clock.Advance(time.Second)
	third := c.assign(dana, ticket, ana, monday.Add(28*time.Hour)) // the first is taken for theirs again when that is to be sent
	c.hear(third.ID)
	c.after(4 * time.Second)
	unassign()
	c.after(20 * time.Second)
	require.Equal(t, []string{"T-1 (Refrigerator warm, Boston) is not yours any more. Please don't go."}, c.push.texts())

	// Then it turns out that nobody need come: the customer, for whom somebody else was looked for, hears that.
	_, err := c.dispatch.Complete(c.ctx, c.as(dana), dispatch.CompleteRequest{Ticket: ticket.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	c.hear(ticket.ID)
	for range 40 {
		c.after(time.Minute)
	}
	require.Equal(t, []string{"T-1 is done. The visit isn't needed any more: nobody comes."}, c.sms.texts())
}
