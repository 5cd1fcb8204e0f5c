package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// due lets the timers of a ticket ring that are due, as a worker would.
func (c *company) due(t muster.TicketID) {
	c.Helper()
	now := c.clock.Now()
	w, ok, err := c.store.Claim(c.ctx, string(t), now, now.Add(time.Minute))
	require.NoError(c, err)
	if !ok {
		return
	}
	next, err := c.dispatch.Due(c.ctx, w)
	require.NoError(c, err)
	if !next.IsZero() {
		_, err = c.store.Settle(c.ctx, graph.Settled{Wake: w, Next: next})
		require.NoError(c, err)
	}
}

// locked is a ticket whose visit found nobody at home, which needs a person.
func (c *company) locked() muster.TicketID {
	c.Helper()
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitArrived)
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.NoAccess})
	require.NoError(c, err)
	return a.Ticket.ID
}

func (c *company) exceptions(t muster.TicketID) []muster.Exception {
	c.Helper()
	return c.load(t).Ticket.Exceptions
}

// attend does to an exception what a person may.
func (c *company) attend(command string, which dispatch.ExceptionRequest) (err error) {
	switch by := c.as(dispatcher); command {
	case "take":
		_, err = c.dispatch.TakeException(c.ctx, by, which)
	case "contact":
		req := dispatch.ContactRequest{ExceptionRequest: which, Whom: "customer", How: "phone", Result: "no_answer"}
		_, err = c.dispatch.ContactException(c.ctx, by, req)
	default:
		_, err = c.dispatch.SettleException(c.ctx, by, which)
	}
	return err
}

func TestWhatIsTakenAndNotLookedAfterReturns(t *testing.T) {
	c := newCompany(t)
	id := c.locked()
	which := dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionNoAccess}
	e := c.exceptions(id)[0]
	require.Equal(t, muster.ExceptionNoAccess, e.Kind)
	require.NotEmpty(t, e.Next)

	_, err := c.dispatch.TakeException(c.ctx, c.as(dispatcher), which)
	require.NoError(t, err)
	require.Equal(t, dispatcher.ID, c.exceptions(id)[0].Owner)
	_, err = c.dispatch.TakeException(c.ctx, c.as(helpdesk), which)
	require.Equal(t, muster.CodeLookedAfter, muster.CodeOf(err), "somebody has it")
	_, err = c.dispatch.TakeException(c.ctx, c.as(actorOf("exp_li")), which)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))

	c.clock.Advance(15*time.Minute - time.Second)
	c.due(id)
	require.Equal(t, dispatcher.ID, c.exceptions(id)[0].Owner)
	c.clock.Advance(time.Second)
	c.due(id)
	require.Empty(t, c.exceptions(id)[0].Owner, "fifteen minutes, and nothing was done")

	_, err = c.dispatch.TakeException(c.ctx, c.as(dispatcher), which)
	require.NoError(t, err)
	c.clock.Advance(10 * time.Minute)
	call := dispatch.ContactRequest{ExceptionRequest: which, Whom: "customer", How: "phone", Result: "will_call_back", Note: "after lunch"}
	_, err = c.dispatch.ContactException(c.ctx, c.as(dispatcher), call)
	require.NoError(t, err)
	c.clock.Advance(20 * time.Minute)
	c.due(id)
	require.Equal(t, dispatcher.ID, c.exceptions(id)[0].Owner, "a contact is looking after it")
	c.clock.Advance(40 * time.Minute)
	c.due(id)
	require.Empty(t, c.exceptions(id)[0].Owner, "but not for ever")
	require.Equal(t, []muster.Contact{{
		At: monday.Add(25 * time.Minute), By: dispatcher.ID, Whom: "customer", How: "phone", Result: "will_call_back", Note: "after lunch",
	}}, c.exceptions(id)[0].Contacts)

	_, err = c.dispatch.SettleException(c.ctx, c.as(helpdesk), which)
	require.NoError(t, err)
	require.Empty(t, c.exceptions(id))
	_, err = c.dispatch.SettleException(c.ctx, c.as(helpdesk), which)
	require.Equal(t, muster.CodeState, muster.CodeOf(err), "it is settled")
	c.sound()
}

// Nobody keeps an exception with its owner but the owner, and they only by a contact: not what others log, nor taking it again.
func TestOnlyItsOwnersContactKeepsAnException(t *testing.T) {
	for name, does := range map[string]func(*company, dispatch.ExceptionRequest) error{
		"another logs a contact": func(c *company, which dispatch.ExceptionRequest) error {
			call := dispatch.ContactRequest{ExceptionRequest: which, Whom: "customer", How: "phone", Result: "no_answer"}
			_, err := c.dispatch.ContactException(c.ctx, c.as(helpdesk), call)
			return err
		},
		"they take it again": func(c *company, which dispatch.ExceptionRequest) error { return c.attend("take", which) },
		"it is handed over to them": func(c *company, which dispatch.ExceptionRequest) error {
			who := muster.User{ID: dispatcher.ID, Name: dispatcher.Name, Role: dispatcher.Role}
			_, err := c.dispatch.SaveUser(c.ctx, c.as(admin), who)
			require.NoError(c, err)
			_, err = c.dispatch.HandOverException(c.ctx, c.as(helpdesk), dispatch.HandOverRequest{ExceptionRequest: which, To: who.ID})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			id := c.locked()
			which := dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionNoAccess}
			require.NoError(t, c.attend("take", which))
			c.clock.Advance(14 * time.Minute)
			require.NoError(t, does(c, which))
			c.clock.Advance(time.Minute)
			c.due(id)
			require.Empty(t, c.exceptions(id)[0].Owner)

			require.NoError(t, c.attend("take", which))
			require.NoError(t, c.attend("contact", which))
			c.clock.Advance(20 * time.Minute)
			require.NoError(t, does(c, which))
			c.clock.Advance(20 * time.Minute)
			c.due(id)
			require.Equal(t, dispatcher.ID, c.exceptions(id)[0].Owner, "their own contact holds, whatever came after it")
			c.sound()
		})
	}
}

func TestContactsSayWhomHowAndWhatCameOfIt(t *testing.T) {
	c := newCompany(t)
	id := c.locked()
	good := dispatch.ContactRequest{
		ExceptionRequest: dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionNoAccess}, Whom: "customer", How: "phone", Result: "reached",
	}
	for field, spoil := range map[string]func(*dispatch.ContactRequest){
		"whom":   func(r *dispatch.ContactRequest) { r.Whom = "neighbour" },
		"how":    func(r *dispatch.ContactRequest) { r.How = "" },
		"result": func(r *dispatch.ContactRequest) { r.Result = "maybe" },
		"note":   func(r *dispatch.ContactRequest) { r.Note = "\x00" },
		"kind":   func(r *dispatch.ContactRequest) { r.Kind = "odd" },
	} {
		bad := good
		spoil(&bad)
		_, err := c.dispatch.ContactException(c.ctx, c.as(dispatcher), bad)
		var e *muster.Error
		require.ErrorAs(t, err, &e, field)
		require.Equal(t, field, e.Field)
	}
	for range 100 {
		_, err := c.dispatch.ContactException(c.ctx, c.as(dispatcher), good)
		require.NoError(t, err)
	}
	_, err := c.dispatch.ContactException(c.ctx, c.as(dispatcher), good)
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "the log is bounded")
}

func TestExceptionsAreHandedOverToPeopleThatThereAre(t *testing.T) {
	c := newCompany(t)
	id := c.locked()
	req := dispatch.HandOverRequest{ExceptionRequest: dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionNoAccess}, To: "usr_max"}
	_, err := c.dispatch.HandOverException(c.ctx, c.as(dispatcher), req)
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	_, err = c.dispatch.SaveUser(c.ctx, c.as(admin), muster.User{ID: "usr_max", Name: "Max", Role: muster.RoleDispatcher})
	require.NoError(t, err)
	_, err = c.dispatch.HandOverException(c.ctx, c.as(dispatcher), req)
	require.NoError(t, err)
	require.Equal(t, muster.UserID("usr_max"), c.exceptions(id)[0].Owner)
}

// What somebody has taken nobody else settles while they have it, but for those who answer for both.
func TestNobodySettlesWhatAnotherLooksAfter(t *testing.T) {
	manager := muster.Actor{ID: "usr_mona", Role: muster.RoleManager, Name: "Mona"}
	taken := func() (*company, dispatch.ExceptionRequest) {
		c := newCompany(t)
		which := dispatch.ExceptionRequest{Ticket: c.locked(), Kind: muster.ExceptionNoAccess}
		require.NoError(t, c.attend("take", which))
		return c, which
	}
	settle := func(c *company, by muster.Actor, which dispatch.ExceptionRequest) error {
		_, err := c.dispatch.SettleException(c.ctx, c.as(by), which)
		return err
	}
	for _, after := range []time.Duration{0, 15*time.Minute - time.Second, 15 * time.Minute} {
		c, which := taken()
		c.clock.Advance(after)
		err := settle(c, helpdesk, which)
		if after == 15*time.Minute {
			require.NoError(t, err, "it is free by then, whether its timer has rung or not")
			continue
		}
		require.Equal(t, muster.CodeLookedAfter, muster.CodeOf(err))
		require.ErrorContains(t, err, "usr_dana, who took it at 2026-11-23T13:00:00Z and has it until 2026-11-23T13:15:00Z")
		require.Len(t, c.exceptions(which.Ticket), 1)

		_, err = c.dispatch.SaveUser(c.ctx, c.as(admin), muster.User{ID: helpdesk.ID, Name: helpdesk.Name, Role: helpdesk.Role})
		require.NoError(t, err)
		_, err = c.dispatch.HandOverException(c.ctx, c.as(helpdesk), dispatch.HandOverRequest{ExceptionRequest: which, To: helpdesk.ID})
		require.NoError(t, err)
		require.Equal(t, muster.CodeLookedAfter, muster.CodeOf(settle(c, dispatcher, which)))
		require.NoError(t, settle(c, helpdesk, which))
		require.Empty(t, c.exceptions(which.Ticket))
	}
	for _, by := range []muster.Actor{manager, admin, dispatcher} {
		c, which := taken()
		require.NoError(t, settle(c, by, which))
		require.Empty(t, c.exceptions(which.Ticket))
	}
}

func TestATicketWhoseHandlerKeepsFailingIsPutBeforeAPersonOnce(t *testing.T) {
	c := newCompany(t)
	id := c.submit().ID
	wake := graph.Wake{ID: string(id), Kind: muster.KindTicket}
	require.NoError(t, c.dispatch.Stuck(c.ctx, wake, 5, errors.New("no figures")))
	e := c.exceptions(id)[0]
	require.Equal(t, muster.ExceptionStuck, e.Kind)
	require.Equal(t, "failed 5 times in a row: no figures", e.Note)
	rev := c.load(id).Ticket.Rev
	require.NoError(t, c.dispatch.Stuck(c.ctx, wake, 6, errors.New("no figures")))
	require.Equal(t, rev, c.load(id).Ticket.Rev, "what is written sets the failures back: once is enough")
	require.NoError(t, c.dispatch.Stuck(c.ctx, graph.Wake{ID: "reg_x", Kind: muster.KindRegion}, 5, context.Canceled))

	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitDate, Until: c.clock.Now().Add(time.Hour)})
	require.NoError(t, err)
	require.NotEmpty(t, c.exceptions(id), "that a person works on it says nothing of the handler")
	c.clock.Advance(time.Hour)
	c.due(id)
	require.Empty(t, c.exceptions(id), "the handler came through")
	c.sound()
}

// TestWhatReachedNobodyIsToldByAPersonWhateverTheState: an expert who was to hear that they needn't come is called although
// the ticket is cancelled, and what was undeliverable before it was closed stays. Such a task is like any other.
func TestWhatReachedNobodyIsToldByAPersonWhateverTheState(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	id := a.Ticket.ID
	undelivered := func(message muster.MessageID, next string) {
		t.Helper()
		require.NoError(t, c.dispatch.Undelivered(c.ctx, dispatch.UndeliveredRequest{Ticket: id, Message: message, Next: next, Note: "no such number"}))
	}
	undelivered("msg_1", "call the customer")
	_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id, Reason: "bought a new one"})
	require.NoError(t, err)
	require.Len(t, c.exceptions(id), 1, "nobody told them so far")
	require.Empty(t, c.load(id).Ticket.Timers)
	undelivered("msg_2", "call the expert exp_li")
	undelivered("msg_2", "call the expert exp_li")
	tasks := c.exceptions(id)
	require.Equal(t, "call the expert exp_li", tasks[len(tasks)-1].Next)
	list, _, err := c.store.Tickets(c.ctx, muster.Scope{Everything: true}, graph.TicketFilter{Exceptions: graph.ExceptionFilter{Any: true}}, graph.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, list, 1)
	c.sound()

	which := dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionCall}
	require.NoError(t, c.attend("take", which))
	c.sound()
	c.clock.Advance(16 * time.Minute)
	c.due(id)
	require.Empty(t, c.exceptions(id)[0].Owner, "it returns")
	for range tasks {
		require.NoError(t, c.attend("contact", which))
		require.NoError(t, c.attend("settle", which))
	}
	require.Empty(t, c.exceptions(id))
	require.Empty(t, c.load(id).Ticket.Timers)
	require.Equal(t, muster.Cancelled, c.load(id).Ticket.State)
	_, err = c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitCustomer, Until: c.clock.Now().Add(time.Hour)})
	require.Equal(t, muster.CodeState, muster.CodeOf(err))
	c.sound()
}
