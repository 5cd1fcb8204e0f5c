package dispatch_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestADuplicateIsMerged(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	stays := c.submit()
	window := muster.Window{Start: monday.Add(24 * time.Hour), End: monday.Add(26 * time.Hour)}
	twin := c.submit(func(r *dispatch.SubmitRequest) { r.Text, r.Windows = "It leaks too", []muster.Window{window} })
	c.offer(twin.ID, li.ID)
	a, err := c.dispatch.Merge(c.ctx, c.as(helpdesk), dispatch.MergeRequest{Ticket: twin.ID, Into: stays.Ref()})
	require.NoError(t, err)
	require.Equal(t, muster.Cancelled, a.Ticket.State)
	require.Equal(t, stays.ID, a.Ticket.MergedInto)
	require.Empty(t, a.Ticket.Timers)
	require.Zero(t, c.held(), "nobody is asked any more")
	k := c.load(stays.ID)
	require.Equal(t, muster.Queued, k.Ticket.State)
	require.Len(t, k.Ticket.Merged, 1)
	require.Equal(t, "It leaks too", k.Ticket.Merged[0].Text)
	require.Equal(t, []muster.Window{window}, k.Ticket.Merged[0].Windows)
	require.Equal(t, k.Ticket.QueuedAt, stays.QueuedAt)
	c.sound()

	for name, into := range map[string]string{"itself": stays.Ref(), "what is closed": twin.Ref(), "nothing": "T-999", "nonsense": "?"} {
		_, err := c.dispatch.Merge(c.ctx, c.as(helpdesk), dispatch.MergeRequest{Ticket: stays.ID, Into: into})
		require.Contains(t, []muster.Code{muster.CodeInvalid, muster.CodeState, muster.CodeNotFound}, muster.CodeOf(err), name)
	}
	other, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{
		Customer: muster.Customer{Name: "Tim Oak"}, Sites: []muster.Site{{Place: muster.Place{Point: boston}}},
	})
	require.NoError(t, err)
	theirs := c.submit(func(r *dispatch.SubmitRequest) {
		r.Customer, r.Site, r.Device = other.Customer.ID, other.Sites[0].ID, ""
	})
	_, err = c.dispatch.Merge(c.ctx, c.as(helpdesk), dispatch.MergeRequest{Ticket: theirs.ID, Into: stays.Ref()})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	require.Equal(t, k, c.load(stays.ID))
}

// TestNothingIsMergedIntoWhatIsDone: nobody would come for what the duplicate is about.
func TestNothingIsMergedIntoWhatIsDone(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	done, twin := c.submit(), c.submit()
	_, err := c.dispatch.Complete(c.ctx, c.as(helpdesk), dispatch.CompleteRequest{Ticket: done.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	merge := func() (dispatch.Answer, error) {
		return c.dispatch.Merge(c.ctx, c.as(helpdesk), dispatch.MergeRequest{Ticket: twin.ID, Into: done.Ref()})
	}
	_, err = merge()
	require.Equal(t, muster.CodeState, muster.CodeOf(err))
	require.ErrorContains(t, err, done.Ref()+" is completed")
	require.Equal(t, muster.Queued, c.load(twin.ID).Ticket.State)
	_, err = c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: done.ID, Reason: "broken again"})
	require.NoError(t, err)
	_, err = merge()
	require.NoError(t, err)
	c.sound()
}

// TestTheCallTasksOfADuplicateMove to the ticket that stays, with their owner and log, and say where they are from. So does
// what reached nobody; all else of the duplicate has ended.
func TestTheCallTasksOfADuplicateMove(t *testing.T) {
	for _, busy := range []bool{false, true} {
		c := newCompany(t)
		stays, twin := c.submit(), c.submit()
		undelivered := func(id muster.TicketID, message muster.MessageID) {
			t.Helper()
			require.NoError(t, c.dispatch.Undelivered(c.ctx, dispatch.UndeliveredRequest{Ticket: id, Message: message, Next: "call the customer", Note: "lost " + string(message)}))
		}
		undelivered(twin.ID, "msg_1")
		which := dispatch.ExceptionRequest{Ticket: twin.ID, Kind: muster.ExceptionCall}
		require.NoError(t, c.attend("take", which))
		require.NoError(t, c.attend("contact", which))
		if busy {
			undelivered(stays.ID, "msg_2")
		}
		_, err := c.dispatch.Merge(c.ctx, c.as(helpdesk), dispatch.MergeRequest{Ticket: twin.ID, Into: stays.Ref()})
		require.NoError(t, err)
		require.Empty(t, c.exceptions(twin.ID))
		require.Empty(t, c.load(twin.ID).Ticket.Timers)
		moved := c.exceptions(stays.ID)
		require.Len(t, moved, 1)
		require.Contains(t, moved[0].Note, twin.Ref()+": lost msg_1")
		require.Equal(t, busy, strings.Contains(moved[0].Note, "lost msg_2"))
		require.Equal(t, dispatcher.ID, moved[0].Owner)
		require.Len(t, moved[0].Contacts, 1)
		c.sound()
		c.clock.Advance(2 * time.Hour)
		c.due(stays.ID)
		require.Empty(t, c.exceptions(stays.ID)[0].Owner, "it returns from there")
		c.sound()
	}
}

// TestATicketTakesInSoManyDuplicates, and no more: what was said in each is kept on it.
func TestATicketTakesInSoManyDuplicates(t *testing.T) {
	c := newCompany(t)
	stays := c.submit()
	merge := func() error {
		_, err := c.dispatch.Merge(c.ctx, c.as(helpdesk), dispatch.MergeRequest{Ticket: c.submit().ID, Into: stays.Ref()})
		return err
	}
	for range 50 {
		require.NoError(t, merge())
	}
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(merge()))
	require.Len(t, c.load(stays.ID).Ticket.Merged, 50)
}

// TestReopenedThoseWhoDeclinedMayBeAskedAgain: it is another visit. It is as far as before, and the customer is the same.
func TestReopenedThoseWhoDeclinedMayBeAskedAgain(t *testing.T) {
	for reason, again := range map[string]bool{"": true, "other": true, "not_then": true, "too_far": false, "not_this_customer": false} {
		c := newCompany(t)
		li, tk := c.expert("li", 3), c.submit()
		offer := c.offer(tk.ID, li.ID).Offers[0]
		_, err := c.dispatch.Decline(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: offer.ID, Reason: reason})
		require.NoError(t, err)
		_, err = c.dispatch.Complete(c.ctx, c.as(dispatcher), dispatch.CompleteRequest{Ticket: tk.ID, Outcome: muster.Fixed})
		require.NoError(t, err)
		require.Len(t, c.load(tk.ID).Ticket.Declines, 1)
		a, err := c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: tk.ID})
		require.NoError(t, err)
		require.Equal(t, again, len(a.Ticket.Declines) == 0, reason)
		c.sound()
	}
}

// joanOf is the company's customer, signed in.
func joanOf(c *company) muster.Actor {
	return muster.Actor{ID: "usr_joan", Role: muster.RoleCustomer, Name: "Joan", Customer: c.customer.ID}
}

// Reopening within the days of warranty has a target of its own; after that a customer submits a new ticket.
func TestReopeningWithinTheWarranty(t *testing.T) {
	for name, tt := range map[string]struct {
		after    time.Duration
		by       func(*company) muster.Actor
		code     muster.Code
		warranty bool
		due      time.Duration
	}{
		"by the customer in time":  {30*24*time.Hour - time.Microsecond, joanOf, "", true, 24 * time.Hour},
		"by the customer too late": {30 * 24 * time.Hour, joanOf, muster.CodeState, false, 0},
		"by staff in time":         {time.Hour, func(*company) muster.Actor { return helpdesk }, "", true, 24 * time.Hour},
		"by staff too late":        {30 * 24 * time.Hour, func(*company) muster.Actor { return helpdesk }, "", false, 3 * 24 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			id := c.in("resolved", "")
			c.clock.Advance(tt.after)
			a, err := c.dispatch.Reopen(c.ctx, c.as(tt.by(c)), dispatch.TicketRequest{Ticket: id})
			require.Equal(t, tt.code, muster.CodeOf(err), "%v", err)
			if tt.code != "" {
				require.Equal(t, "resolved", c.shown(id))
				return
			}
			require.Equal(t, tt.warranty, a.Ticket.Warranty)
			require.Equal(t, c.clock.Now(), a.Ticket.ReopenedAt)
			require.Equal(t, c.clock.Now().Add(tt.due), a.Ticket.DueAt)
			c.sound()
		})
	}
}

// A ticket that is open again says what its next visit needs, and nothing of the one that had completed it.
func TestAReopenedTicketIsSound(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	window := func(h int) muster.Window {
		return muster.Window{Start: monday.Add(time.Duration(h) * time.Hour), End: monday.Add(time.Duration(h+2) * time.Hour)}
	}
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{window(1), window(50)} })
	a := c.assign(tk.ID, li.ID)
	require.True(t, window(1).Contains(a.Visit.Start))
	c.clock.Set(a.Visit.Start)
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	c.clock.Set(monday.Add(10 * time.Hour))
	again, err := c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: tk.ID})
	require.NoError(t, err)
	require.Equal(t, []muster.Window{window(50)}, again.Ticket.Windows)
	c.sound()
}
