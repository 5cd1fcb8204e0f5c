package notify

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

const (
	sorryDone = "T-1: we did not come when we said we would. We are sorry."
	sorry     = sorryDone + " Somebody is looking after it and will tell you when we come."
)

// TestWhoeverWaitedInVainHearsThatWeAreSorry: nobody had looked at the promise before the command that ends it. Its customer has
// waited all the same, and hears of it once.
func TestWhoeverWaitedInVainHearsThatWeAreSorry(t *testing.T) {
	deeds := map[string]struct {
		do   func(*company, muster.Ticket, muster.ExpertID) error
		want []string
	}{
		"done without a visit": {func(c *company, x muster.Ticket, _ muster.ExpertID) error {
			_, err := c.dispatch.Complete(c.ctx, c.as(dana), dispatch.CompleteRequest{Ticket: x.ID, Outcome: muster.Fixed})
			return err
		}, []string{sorryDone, "T-1 is done. The visit isn't needed any more: nobody comes."}},
		"cancelled": {func(c *company, x muster.Ticket, _ muster.ExpertID) error {
			_, err := c.dispatch.Cancel(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: x.ID})
			return err
		}, []string{sorryDone, "T-1 is cancelled: nobody comes."}},
		"put off": {func(c *company, x muster.Ticket, _ muster.ExpertID) error {
			wait := dispatch.WaitRequest{Ticket: x.ID, For: muster.WaitParts, Until: c.clock.Now().Add(48 * time.Hour)}
			_, err := c.dispatch.Wait(c.ctx, c.as(dana), wait)
			return err
		}, []string{sorry, "T-1: the visit is put off. We will tell you the new time."}},
		"nobody opened": {func(c *company, x muster.Ticket, e muster.ExpertID) error {
			return c.visited(x, e, muster.NoAccess)
		}, []string{sorry}},
		"fixed": {func(c *company, x muster.Ticket, e muster.ExpertID) error {
			return c.visited(x, e, muster.Fixed)
		}, []string{}}, // late, and there: they say so themselves
	}
	for name, deed := range deeds {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			ana := c.expert("ana")
			ticket := c.assign(rounds, c.submit(), ana, monday.Add(2*time.Hour))
			c.hear(ticket.ID)
			c.work()
			c.sms.texts()
			c.clock.Set(ticket.Promised.End.Add(time.Minute))
			require.NoError(t, deed.do(c, ticket, ana))
			c.hear(ticket.ID)
			for range 10 {
				c.after(nextOf)
			}
			require.Equal(t, deed.want, c.sms.texts())
		})
		if name == "nobody opened" || name == "fixed" {
			continue
		}
		t.Run(name+", and it was known before", func(t *testing.T) {
			c := newCompany(t)
			ana := c.expert("ana")
			ticket := c.assign(rounds, c.submit(), ana, monday.Add(2*time.Hour))
			c.hear(ticket.ID)
			c.work()
			c.sms.texts()
			c.clock.Set(ticket.Promised.End.Add(time.Hour))
			for range 3 {
				_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
				require.NoError(t, err)
				c.clock.Advance(10 * time.Minute)
			}
			c.hear(ticket.ID)
			for range 10 {
				c.after(nextOf)
			}
			require.Equal(t, []string{sorry}, c.sms.texts())
			require.NoError(t, deed.do(c, ticket, ana))
			c.hear(ticket.ID)
			for range 10 {
				c.after(nextOf)
			}
			require.Equal(t, deed.want[1:], c.sms.texts(), "once")
		})
	}
}

// visited lets an expert come to a ticket's visit now, and end it.
func (c *company) visited(x muster.Ticket, e muster.ExpertID, outcome muster.VisitOutcome) error {
	c.Helper()
	for _, step := range []func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
		c.dispatch.Arrive, c.dispatch.Start,
	} {
		if _, err := step(c.ctx, c.as(self(e)), dispatch.VisitRequest{Visit: x.Visit.ID}); err != nil {
			return err
		}
		c.hear(x.ID)
		c.after(10 * time.Second)
	}
	_, err := c.dispatch.End(c.ctx, c.as(self(e)), dispatch.EndRequest{Visit: x.Visit.ID, Outcome: outcome})
	return err
}

// TestApologyAndLateness: whoever was told a time hears when it is not kept, or will not be.
func TestApologyAndLateness(t *testing.T) {
	at := func(topic muster.Topic, edit func(*scene)) verdict {
		told := &muster.Message{
			ID: "msg_1", Topic: muster.TopicAccepted, Customer: "cus_1", State: muster.MessageSent, Told: &muster.Told{
				Experts: []muster.ExpertID{"exp_ana"}, Window: muster.Window{Start: monday, End: monday.Add(2 * time.Hour)},
			},
		}
		s := &scene{
			message: &muster.Message{ID: "msg_2", Topic: topic, Visit: "vis_1", Customer: "cus_1", Until: monday.Add(24 * time.Hour)},
			ticket: &muster.Ticket{State: muster.Scheduled, Visit: &muster.OpenVisit{
				ID: "vis_1", State: muster.VisitAssigned, Experts: []muster.ExpertID{"exp_ana"},
			}},
			visit: &muster.Visit{ID: "vis_1", Window: told.Told.Window, PredictedAt: monday.Add(4 * time.Hour)}, customer: &muster.Customer{}, told: []*muster.Message{told},
			policy: &muster.Policy{}, now: monday.Add(3 * time.Hour),
		}
		edit(s)
		return s.verdict()
	}
	require.Empty(t, at(muster.TopicApology, func(*scene) {}).drop)
	require.Empty(t, at(muster.TopicLate, func(*scene) {}).drop)
	require.Empty(t, at(muster.TopicApology, func(s *scene) { s.told[0].State = muster.MessageFailed }).drop, "a person told them")
	for _, c := range []struct {
		topic muster.Topic
		edit  func(*scene)
		want  string
	}{
		{muster.TopicApology, func(s *scene) { s.now = monday.Add(time.Hour) }, "the time that they were told is not over"},
		{muster.TopicApology, func(s *scene) { s.told = nil }, "they had not been told when somebody comes"},
		{muster.TopicApology, func(s *scene) { s.told[0].State = muster.MessageDropped }, "they had not been told when somebody comes"},
		{muster.TopicApology, func(s *scene) { s.ticket.Visit.State = muster.VisitArrived }, "the expert is there"},
		{muster.TopicApology, func(s *scene) { s.ticket.State, s.ticket.CompletedAt = muster.Completed, monday }, "the work is done"},
		{muster.TopicLate, func(s *scene) { s.ticket.Visit.State = muster.VisitArrived }, "nobody is late for that visit any more"},
		{muster.TopicLate, func(s *scene) { s.ticket.Visit.ID = "vis_2" }, "nobody is late for that visit any more"},
		{muster.TopicLate, func(s *scene) { s.now = s.message.Until }, "too late to be of use"},
		{muster.TopicResolved, func(s *scene) { s.ticket.State = muster.Queued }, "the ticket is queued"},
		{muster.TopicOnTheWay, func(s *scene) {}, "nobody is on the way any more"},
	} {
		require.Equal(t, c.want, at(c.topic, c.edit).drop)
	}
}

// TestABrokenPromiseIsApologisedForOnce however many events tell of it.
func TestABrokenPromiseIsApologisedForOnce(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	c.hear(ticket.ID)
	c.work()
	c.sms.texts()
	c.clock.Advance(6 * time.Hour) // nobody came
	for range 2 {
		_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
		require.NoError(t, err)
		c.clock.Advance(time.Hour)
	}
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana can't be found"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	c.after(nextOf)
	require.Equal(t, []string{sorry}, c.sms.texts())
}

// promised is what a ticket's customer counts on.
func (c *company) promised(t muster.TicketID) *muster.Promise {
	c.Helper()
	k, err := c.store.TicketCase(c.ctx, "", caseOf(t))
	require.NoError(c, err)
	require.NotNil(c, k.Ticket.Promised)
	return k.Ticket.Promised
}

// TestASecondBrokenPromiseIsApologisedForToo: the window of the visit after the first was broken is a promise of its own.
func TestASecondBrokenPromiseIsApologisedForToo(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(2*time.Hour))
	missed := func() (texts []string) {
		t.Helper()
		c.hear(ticket.ID)
		c.work()
		c.sms.texts()
		c.clock.Set(c.promised(ticket.ID).End)
		for range 3 { // the expert is asked, and put before a person
			c.clock.Advance(time.Hour)
			_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
			require.NoError(t, err)
		}
		c.hear(ticket.ID)
		for range 3 { // one after the other
			c.after(nextOf)
		}
		return c.sms.texts()
	}
	require.Equal(t, []string{sorry}, missed())
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana can't be found"})
	require.NoError(t, err)
	c.assign(rounds, ticket, ana, monday.Add(26*time.Hour))
	require.Equal(t, []string{sorry}, missed())
}

// TestABreachChangesNoVisit: that a promise is broken is noted on a visit that was taken back long before. The customer
// has heard of that, and hears of it once.
func TestABreachChangesNoVisit(t *testing.T) {
	c := newCompany(t)
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(2*time.Hour))
	_, err := c.dispatch.Unassign(c.ctx, c.as(dana), dispatch.TicketRequest{Ticket: ticket.ID, Reason: "ana is ill"})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	before := c.messages(ticket.ID)
	c.clock.Set(ticket.Promised.End)
	_, err = c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
	require.NoError(t, err)
	require.Equal(t, ticket.Promised.End, c.promised(ticket.ID).BrokenAt)
	c.hear(ticket.ID)
	added := c.messages(ticket.ID)[len(before):]
	require.Len(t, added, 1)
	require.Contains(t, added[0], "apology")
}
