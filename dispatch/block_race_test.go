package dispatch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Whom a customer blocks while they are being chosen doesn't come: the choice is made again on what is there now.
func TestABlockBeatsAChoiceOnItsWay(t *testing.T) {
	for name, choose := range map[string]func(*company, muster.TicketID, muster.OfferID) error{
		"assign": func(c *company, id muster.TicketID, _ muster.OfferID) error {
			_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: "exp_li"})
			return err
		},
		"accept": func(c *company, _ muster.TicketID, o muster.OfferID) error {
			_, err := c.dispatch.Accept(c.ctx, c.as(dispatcher), dispatch.AnswerRequest{Offer: o})
			return err
		},
		"round": func(c *company, id muster.TicketID, _ muster.OfferID) error {
			_, err := c.dispatch.PromptRound(c.ctx, id)
			require.NoError(c, err)
			return muster.E(muster.CodeUnfit, "a round tells of nothing", "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, f := newFaulty(t)
			li := c.expert("li", 3)
			id := c.submit().ID
			var offer muster.OfferID
			if name == "accept" {
				offer = c.offer(id, li.ID).Offers[0].ID
			}
			other := dispatch.New(c.store, c.clock)
			f.before = func() {
				next := c.customer
				next.Blocked = []muster.Block{{Expert: li.ID, Since: c.clock.Now()}}
				_, err := other.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: next})
				require.NoError(t, err)
			}
			require.Equal(t, muster.CodeUnfit, muster.CodeOf(choose(c, id, offer)))
			require.Nil(t, f.before)
			for _, a := range c.load(id).Assignments {
				require.NotEqual(t, muster.AssignmentActive, a.State)
			}
			if name == "round" {
				require.Empty(t, c.load(id).Offers)
			}
			c.sound()
		})
	}
}
