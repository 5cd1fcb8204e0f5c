package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// refuse has an expert decline an offer because of who asks.
func (c *company) refuse(offer muster.OfferID, by muster.ExpertID) dispatch.Answer {
	c.Helper()
	a, err := c.dispatch.Decline(c.ctx, c.as(actorOf(by)), dispatch.AnswerRequest{Offer: offer, Reason: "not_this_customer"})
	require.NoError(c, err)
	return a
}

func (c *company) blocked() []muster.Block {
	c.Helper()
	records, err := c.store.Records(c.ctx, "", string(c.customer.ID))
	require.NoError(c, err)
	return records[string(c.customer.ID)].(*muster.Customer).Blocked
}

func TestNotThisCustomerHoldsForGood(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	assigned := c.assign(c.submit().ID, li.ID) // stays: it was given before
	first := c.submit()
	offer := c.offer(first.ID, li.ID).Offers[0]
	c.clock.Advance(time.Minute)
	cmd := c.as(actorOf(li.ID))
	req := dispatch.AnswerRequest{Offer: offer.ID, Reason: "not_this_customer"}
	a, err := c.dispatch.Decline(c.ctx, cmd, req)
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	want := []muster.Block{{Expert: li.ID, Since: c.clock.Now(), Why: "declined " + first.Ref(), Declined: first.ID}}
	require.Equal(t, want, c.blocked())
	again, err := c.dispatch.Decline(c.ctx, cmd, req)
	require.NoError(t, err)
	require.Equal(t, a.Ticket, again.Ticket)
	require.Equal(t, want, c.blocked(), "a repeated command blocks once")

	second := c.submit()
	ref := dispatch.TicketRef{ID: second.ID}
	why, err := c.dispatch.Why(c.ctx, ref, li.ID)
	require.NoError(t, err)
	require.NotNil(t, why.Exclusion, "another ticket of the same customer")
	require.Equal(t, muster.IsBlocked, why.Exclusion.Reasons[0].Code)
	match, err := c.dispatch.Match(c.ctx, ref)
	require.NoError(t, err)
	require.Equal(t, 1, match.Counts[muster.IsBlocked])
	require.Equal(t, kim.ID, match.Candidates[0].Expert)
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: second.ID, Expert: li.ID, Overrides: []muster.ReasonCode{muster.HasDeclined}, Why: "nobody else",
	})
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(err), "no person sets that aside")
	_, err = c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	for _, id := range []muster.TicketID{first.ID, second.ID} {
		require.Equal(t, kim.ID, c.load(id).Assignments[0].Expert)
	}

	require.Equal(t, li.ID, c.load(assigned.Ticket.ID).Assignments[0].Expert)
	_, err = c.dispatch.Undo(c.ctx, c.as(actorOf(li.ID)), dispatch.TicketRequest{Ticket: first.ID})
	require.Error(t, err, "the choice since was another's")
	require.Equal(t, want, c.blocked())
	history, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(c.customer.ID))
	require.NoError(t, err)
	last := history[len(history)-1]
	require.Equal(t, "customer.expert_blocked", last.Name)
	require.Equal(t, cmd.ID, last.Command)
	require.Equal(t, li.ID, last.Actor.Expert)
	c.sound()
}

// Who is blocked already, and whoever declines for another reason, changes nothing about the customer.
func TestABlockIsWrittenOnce(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	one, two := c.offer(c.submit().ID, li.ID).Offers[0], c.offer(c.submit().ID, li.ID).Offers[0]
	three := c.offer(c.submit().ID, li.ID).Offers[0]
	_, err := c.dispatch.Decline(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: one.ID, Reason: "too_far"})
	require.NoError(t, err)
	require.Empty(t, c.blocked())
	c.refuse(two.ID, li.ID)
	before := c.blocked()
	c.clock.Advance(time.Minute)
	c.refuse(three.ID, li.ID)
	require.Equal(t, before, c.blocked())
	c.sound()
}

// A block rests on the customer as it was read: what somebody writes meanwhile stays.
func TestABlockAndAnEditOfTheCustomerBothHold(t *testing.T) {
	c, f := newFaulty(t)
	li := c.expert("li", 3)
	offer := c.offer(c.submit().ID, li.ID).Offers[0]
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		edited := c.customer
		edited.Phone = "+1 617 555 0100"
		_, err := other.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: edited})
		require.NoError(t, err)
	}
	c.refuse(offer.ID, li.ID)
	require.Len(t, c.blocked(), 1)
	records, err := c.store.Records(c.ctx, "", string(c.customer.ID))
	require.NoError(t, err)
	require.Equal(t, "+1 617 555 0100", records[string(c.customer.ID)].(*muster.Customer).Phone)
	c.sound()
}

// What an expert said the customer can't take back; staff can.
func TestACustomerKeepsTheExpertsWord(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	c.refuse(c.offer(c.submit().ID, li.ID).Offers[0].ID, li.ID)
	said := c.blocked()
	joan := muster.Actor{ID: "usr_joan", Role: muster.RoleCustomer, Name: "Joan", Customer: c.customer.ID}
	save := func(a muster.Actor, blocked ...muster.Block) []muster.Block {
		edited := c.customer
		edited.Rev, edited.Blocked = 0, blocked
		_, err := c.dispatch.SaveCustomer(c.ctx, c.as(a), dispatch.CustomerRequest{Customer: edited})
		require.NoError(t, err)
		return c.blocked()
	}
	own := muster.Block{Expert: kim.ID, Since: monday}
	require.Equal(t, slices.Concat([]muster.Block{own}, said), save(joan, own))
	require.Equal(t, said, save(joan, said...))
	forged := own
	forged.Declined = "tic_forged"
	require.Equal(t, slices.Concat([]muster.Block{own}, said), save(joan, forged), "nor speak for one")
	require.Empty(t, save(helpdesk))
	c.sound()
}
