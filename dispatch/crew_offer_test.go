package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// halfTaken is a ticket for two: li, whom a round has asked, has said yes, kim nothing so far.
func (c *company) halfTaken() muster.TicketID {
	c.Helper()
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = 2 })
	_, err := c.dispatch.Round(c.ctx, tk.Region)
	require.NoError(c, err)
	for _, o := range c.load(tk.ID).Offers {
		if o.Expert == "exp_li" {
			_, err = c.dispatch.Accept(c.ctx, c.as(actorOf(o.Expert)), dispatch.AnswerRequest{Offer: o.ID})
			require.NoError(c, err)
		}
	}
	require.Equal(c, "offered", c.shown(tk.ID))
	return tk.ID
}

// Who has said yes falls ill before the crew is complete: nobody was promised anything, so nobody is called about it, and
// no window becomes a wish.
func TestACrewThatIsNotCompleteHasPromisedNothing(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	c.expert("kim", 4)
	id := c.halfTaken()
	req := dispatch.SickRequest{Expert: "exp_li", Until: monday.AddDate(0, 0, 14)}
	plan, err := c.dispatch.SickPlan(c.ctx, dispatcher, req)
	require.NoError(t, err)
	done, err := c.dispatch.Sick(c.ctx, c.as(dispatcher), req)
	require.NoError(t, err)
	require.Equal(t, plan, done)
	require.Equal(t, dispatch.MoveAsked, done.Visits[0].Do)
	k := c.load(id)
	require.Equal(t, "queued", k.Ticket.Shown())
	require.Empty(t, k.Ticket.Exceptions)
	require.Empty(t, k.Ticket.Windows)
	require.Nil(t, k.Ticket.Kept)
	require.Zero(t, c.held())
	c.sound()

	// The two who are left, or others, can come at any time.
	c.expert("zoe", 5)
	c.clock.Advance(time.Minute)
	_, err = c.dispatch.Round(c.ctx, k.Ticket.Region)
	require.NoError(t, err)
	require.Len(t, c.asked(id), 2)
	c.sound()
}
