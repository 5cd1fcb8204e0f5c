package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// farSite is a site of the customer's 40 km west of Boston.
func (c *company) farSite() muster.SiteID {
	c.Helper()
	saved, err := c.dispatch.SaveSite(c.ctx, c.as(helpdesk), dispatch.SiteRequest{Customer: c.customer.ID, Site: muster.Site{
		Street: "1 Far St", City: "Worcester", Place: muster.Place{Point: muster.Point{Lat: boston.Lat, Lng: boston.Lng - 0.45}},
	}})
	require.NoError(c, err)
	for _, s := range saved.Sites {
		if s.City == "Worcester" {
			return s.ID
		}
	}
	require.Fail(c, "no such site")
	return ""
}

// What comes before a visit falls away, and with it the place from which it was near: its expert has to leave sooner, and is
// asked then, not when they would have left from there.
func TestWhoHasToLeaveSoonerIsAskedSooner(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	far := c.farSite()
	away := func(r *dispatch.SubmitRequest) { r.Site, r.Device = far, "" }
	before, after := c.at(li.ID, minutes(120), away), c.at(li.ID, minutes(210), away)
	near := c.stop(after.Visit.ID).Depart
	require.Equal(t, near, leaveBy(after.Ticket))
	_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: before.Ticket.ID})
	require.NoError(t, err)
	leave := c.stop(after.Visit.ID).Depart
	require.True(t, leave.Before(near.Add(-20*time.Minute)), "it is a long way from the base")
	require.Equal(t, leave, leaveBy(c.load(after.Ticket.ID).Ticket))
	c.until(after.Ticket.ID, leave.Add(time.Minute), true)
	require.False(t, c.load(after.Ticket.ID).Visits[0].AskedAt.IsZero())
	c.sound()
}
