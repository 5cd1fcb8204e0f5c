package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// An approval that nobody has given is not given by time: a person looks before anybody is sent. Who waits for the customer
// or a date is queued again.
func TestTimeGivesNoApproval(t *testing.T) {
	for what, shown := range map[muster.WaitReason]string{
		muster.WaitApproval: "triage", muster.WaitCustomer: "queued", muster.WaitDate: "queued", muster.WaitParts: "queued",
	} {
		c := newCompany(t)
		c.expert("li", 3)
		id := c.submit().ID
		_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: what, Until: monday.Add(time.Hour)})
		require.NoError(t, err)
		c.clock.Advance(time.Hour)
		c.sweep()
		require.Equal(t, shown, c.shown(id), what)
		c.sound()
	}
	c := newCompany(t)
	id := c.submit().ID
	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitApproval, Until: monday.Add(time.Hour)})
	require.NoError(t, err)
	_, err = c.dispatch.Wake(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
	require.NoError(t, err)
	require.Equal(t, "queued", c.shown(id), "it was approved of")

	// One that comes after the ticket was cancelled changes nothing.
	_, err = c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitApproval, Until: monday.Add(time.Hour)})
	require.NoError(t, err)
	_, err = c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
	require.NoError(t, err)
	_, err = c.dispatch.Wake(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
	require.Equal(t, muster.CodeState, muster.CodeOf(err))
	c.clock.Advance(2 * time.Hour)
	c.sweep()
	require.Equal(t, "cancelled", c.shown(id))
	c.sound()
}
