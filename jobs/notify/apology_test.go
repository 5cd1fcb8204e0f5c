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
