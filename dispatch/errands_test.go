package dispatch_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// unheard makes a call task of a message on a topic that reached nobody.
func (c *company) unheard(t muster.TicketID, v muster.VisitID, topic muster.Topic, e muster.ExpertID) {
	c.Helper()
	next := "call the customer"
	if e != "" {
		next = "call the expert " + string(e)
	}
	require.NoError(c, c.dispatch.Undelivered(c.ctx, dispatch.UndeliveredRequest{
		Ticket: t, Message: muster.MessageID("msg_" + string(topic) + string(e)), Next: next, Note: string(topic) + " was lost", Topic: topic, Visit: v, Expert: e,
	}))
}

// closings are what the history says of exceptions that are over: by which event and actor, and why.
func (c *company) closings(t muster.TicketID) (out []string) {
	c.Helper()
	history, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(t))
	require.NoError(c, err)
	for _, e := range history {
		var body struct {
			Closed []dispatch.ClosedException `json:"closed"`
		}
		require.NoError(c, json.Unmarshal(e.Body, &body))
		for _, x := range body.Closed {
			out = append(out, e.Name+" by "+string(e.Actor.Role)+": "+string(x.Kind)+", "+x.Why)
		}
	}
	return out
}

// What a message should have told is over with what it was about: its call task closes itself, and the history says by
// whom and why. What was about something else stays.
func TestACallTaskIsOverWithWhatItWasAbout(t *testing.T) {
	const met = "somebody is at the customer's, or was since"
	arrive := func(c *company, v muster.VisitID) { c.under(v, "exp_li", muster.VisitArrived) }
	late := func(c *company, v muster.VisitID) { // the phone was away: it happened before anybody was to be called
		at := c.clock.Now().Add(-5 * time.Minute)
		_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: v, At: at})
		require.NoError(c, err)
		_, err = c.dispatch.Arrive(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: v, At: at})
		require.NoError(c, err)
	}
	unassign := func(c *company, v muster.VisitID) {
		_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: c.ticketOf(v), Reason: "ill"})
		require.NoError(c, err)
	}
	cancel := func(c *company, v muster.VisitID) {
		_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: c.ticketOf(v), Reason: "bought a new one"})
		require.NoError(c, err)
	}
	depart := func(c *company, v muster.VisitID) { c.under(v, "exp_li", muster.VisitEnRoute) }
	for _, of := range []struct {
		topic muster.Topic
		whom  muster.ExpertID
		by    string
		do    func(*company, muster.VisitID)
		over  string // what the history says; empty: it stays
	}{
		{muster.TopicOnTheWay, "", "arrival", arrive, "ticket.arrived by expert: call, " + met},
		{muster.TopicOnTheWay, "", "late arrival", late, "ticket.arrived by expert: call, " + met},
		{muster.TopicOnTheWay, "", "withdrawal", unassign, "ticket.unassigned by dispatcher: call, that visit is over, and they had not been told of it"},
		{muster.TopicAccepted, "", "departure", depart, ""},
		{muster.TopicAccepted, "", "arrival", arrive, "ticket.arrived by expert: call, " + met},
		{muster.TopicLate, "", "arrival", arrive, "ticket.arrived by expert: call, " + met},
		{muster.TopicApology, "", "arrival", arrive, "ticket.arrived by expert: call, " + met},
		{muster.TopicApology, "", "cancellation", cancel, ""},
		{muster.TopicChanged, "", "arrival", arrive, "ticket.arrived by expert: call, " + met},
		{muster.TopicChanged, "", "withdrawal", unassign, ""},
		{muster.TopicChanged, "", "cancellation", cancel, ""},
		{muster.TopicAssigned, "exp_li", "departure", depart, "ticket.departed by expert: call, they have left for it"},
		{muster.TopicMoved, "exp_li", "withdrawal", unassign, "ticket.unassigned by dispatcher: call, it isn't theirs any more, and they had not been told of it"},
		{muster.TopicCancelled, "exp_kim", "departure", depart, ""},
	} {
		t.Run(string(of.topic)+" and "+of.by, func(t *testing.T) {
			c := newCompany(t)
			id, a := c.morning()
			c.clock.Advance(30 * time.Minute)
			c.unheard(id, a.Visit.ID, of.topic, of.whom)
			require.Len(t, c.exceptions(id), 1)
			of.do(c, a.Visit.ID)
			if of.over == "" {
				require.Len(t, c.exceptions(id), 1)
				require.Empty(t, c.closings(id))
			} else {
				require.Empty(t, c.exceptions(id))
				require.Equal(t, []string{of.over}, c.closings(id))
			}
			c.sound()
		})
	}
	t.Run("of several things the others stay", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		c.unheard(id, a.Visit.ID, muster.TopicOnTheWay, "")
		c.unheard(id, a.Visit.ID, muster.TopicCancelled, "exp_kim")
		arrive(c, a.Visit.ID)
		left := c.exceptions(id)
		require.Len(t, left, 1)
		require.Equal(t, "call the expert exp_kim", left[0].Next)
		require.Equal(t, "cancelled was lost", left[0].Note)
		require.Len(t, c.closings(id), 1)
		c.sound()
	})
	t.Run("who has begun to call says themselves that it is over", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		c.unheard(id, a.Visit.ID, muster.TopicAccepted, "")
		which := dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionCall}
		require.NoError(t, c.attend("take", which))
		unassign(c, a.Visit.ID)
		require.Len(t, c.exceptions(id), 1, "they may have told the customer of the visit that is gone")
		require.NoError(t, c.attend("settle", which))
		require.Equal(t, []string{"ticket.exception_settled by dispatcher: call, "}, c.closings(id))
	})
	for how, end := range map[string]func(*company, muster.Offer){
		"accepted": func(c *company, o muster.Offer) {
			_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(o.Expert)), dispatch.AnswerRequest{Offer: o.ID})
			require.NoError(c, err)
		},
		"over": func(c *company, o muster.Offer) {
			c.clock.Set(o.Deadline)
			c.due(o.Ticket)
		},
		"somebody else's": func(c *company, o muster.Offer) { c.assign(o.Ticket, "exp_kim") },
	} {
		t.Run("an offer that is "+how, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			c.expert("kim", 5)
			o := c.offer(c.submit().ID, li.ID).Offers[0]
			c.unheard(o.Ticket, o.Visit, muster.TopicOffer, li.ID)
			require.Len(t, c.callTasks(o.Ticket), 1, "they can't know of it")
			end(c, o)
			require.Empty(t, c.callTasks(o.Ticket))
			require.Contains(t, c.closings(o.Ticket)[0], "call, they are asked no more, or have answered")
			c.sound()
		})
	}
	t.Run("a ticket that is closed, until it is reopened", func(t *testing.T) {
		c := newCompany(t)
		id := c.in("completed", c.expert("li", 3).ID)
		_, err := c.dispatch.Resolve(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
		require.NoError(t, err)
		c.unheard(id, "", muster.TopicResolved, "")
		require.Len(t, c.callTasks(id), 1)
		_, err = c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id, Reason: "warm again"})
		require.NoError(t, err)
		require.Empty(t, c.callTasks(id))
		c.sound()
	})
	t.Run("what comes too late asks nobody", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		arrive(c, a.Visit.ID)
		c.unheard(id, a.Visit.ID, muster.TopicOnTheWay, "")
		require.Empty(t, c.exceptions(id))
	})
}

// ticketOf finds a visit's ticket.
func (c *company) ticketOf(v muster.VisitID) muster.TicketID {
	c.Helper()
	for _, t := range c.tours() {
		for _, s := range t.Stops {
			if s.Visit == v {
				return s.Ticket
			}
		}
	}
	c.Fatal("no tour has the visit")
	return ""
}

// A promise that nobody could keep needs no call any more once somebody comes within it, or the customer has chosen.
func TestACallAboutAPromiseIsOver(t *testing.T) {
	for name, of := range map[string]struct {
		do   func(*company, dispatch.Answer)
		over bool
	}{
		"somebody comes then": {func(c *company, a dispatch.Answer) {
			e := c.expert("kim", 5)
			_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: a.Ticket.ID, Expert: e.ID, Start: a.Visit.Start})
			require.NoError(c, err)
		}, true},
		"somebody comes another time": {func(c *company, a dispatch.Answer) {
			e := c.expert("kim", 5)
			_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
				Ticket: a.Ticket.ID, Expert: e.ID, Start: a.Visit.Start.AddDate(0, 0, 1), Overrides: []muster.ReasonCode{muster.AfterWindow}, Why: "nobody else",
			})
			require.NoError(c, err)
		}, false},
		"the customer chooses": {func(c *company, a dispatch.Answer) {
			w := a.Visit.Window
			c.choose(helpdesk, a.Ticket.ID, muster.Window{Start: w.Start.AddDate(0, 0, 2), End: w.End.AddDate(0, 0, 2)})
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			a := c.at(li.ID, monday.Add(26*time.Hour))
			_, err := c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{Window: muster.Window{Start: monday.Add(20 * time.Hour), End: monday.Add(40 * time.Hour)}}})
			require.NoError(t, err)
			c.sweep()
			require.Len(t, c.callTasks(a.Ticket.ID), 1)
			of.do(c, a)
			if of.over {
				require.Empty(t, c.callTasks(a.Ticket.ID))
			} else {
				require.Len(t, c.callTasks(a.Ticket.ID), 1)
			}
			c.sound()
		})
	}
}

// Of what a person looks after nothing stays once it isn't so any more.
func TestExceptionsAreOverWithTheirCause(t *testing.T) {
	late := func(c *company) (muster.TicketID, dispatch.Answer) {
		id, a := c.morning()
		c.until(id, leaveBy(a.Ticket).Add(2*time.Minute), true)
		_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true, At: a.Visit.Window.End.Add(10 * time.Minute)})
		require.NoError(c, err)
		require.Len(c, c.of(id, muster.ExceptionPredicted), 1)
		return id, a
	}
	t.Run("predicted late: they say that they will be there in time", func(t *testing.T) {
		c := newCompany(t)
		id, a := late(c)
		_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true, At: a.Visit.Window.End.Add(-time.Minute)})
		require.NoError(t, err)
		require.Empty(t, c.of(id, muster.ExceptionPredicted))
	})
	t.Run("predicted late: they left in time", func(t *testing.T) {
		c := newCompany(t)
		id, a := late(c)
		c.under(a.Visit.ID, "exp_li", muster.VisitEnRoute)
		require.Empty(t, c.of(id, muster.ExceptionPredicted))
	})
	t.Run("predicted late: another comes in time", func(t *testing.T) {
		c := newCompany(t)
		id, a := late(c)
		_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: "exp_kim", Why: "in time"})
		require.NoError(t, err)
		require.Equal(t, a.Visit.ID, c.load(id).Ticket.Visit.ID)
		require.Empty(t, c.of(id, muster.ExceptionPredicted))
		c.sound()
	})
	t.Run("unknown: they leave after all", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: false})
		require.NoError(t, err)
		require.NoError(t, c.attend("settle", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionLateToLeave}))
		c.until(id, a.Visit.End.Add(2*time.Hour), false)
		require.Len(t, c.of(id, muster.ExceptionUnknown), 1)
		c.under(a.Visit.ID, "exp_li", muster.VisitEnRoute)
		require.Empty(t, c.of(id, muster.ExceptionUnknown))
	})
	t.Run("no access: it waits for something else", func(t *testing.T) {
		c := newCompany(t)
		id := c.locked()
		wait := dispatch.WaitRequest{Ticket: id, For: muster.WaitCustomer, Until: c.clock.Now().Add(48 * time.Hour)}
		_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), wait)
		require.NoError(t, err)
		require.Len(t, c.of(id, muster.ExceptionNoAccess), 1, "nobody has reached them")
		wait.For = muster.WaitDate
		_, err = c.dispatch.Wait(c.ctx, c.as(helpdesk), wait)
		require.NoError(t, err)
		require.Empty(t, c.of(id, muster.ExceptionNoAccess))
	})
}

// TestACallTaskKeepsAllWhoHaveToBeCalled: as many as may be asked at once.
func TestACallTaskKeepsAllWhoHaveToBeCalled(t *testing.T) {
	c := newCompany(t)
	ticket := c.submit()
	for n := range 50 {
		id := fmt.Sprintf("exp_%d", n)
		require.NoError(t, c.dispatch.Undelivered(c.ctx, dispatch.UndeliveredRequest{
			Ticket: ticket.ID, Message: muster.MessageID("msg_" + id), Topic: muster.TopicCancelled, Expert: muster.ExpertID(id),
			Visit: "vis_gone", Next: "call the expert " + id + ".", Note: "no such number",
		}))
	}
	e := c.load(ticket.ID).Ticket.Exceptions[0]
	require.Len(t, e.Errands, 50)
	require.Contains(t, e.Next, "call the expert exp_0.")
}
