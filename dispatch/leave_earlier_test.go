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

// A crew of two has to leave sooner for both tours of one change.
func TestACrewThatHasToLeaveSoonerIsAskedSooner(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	far := c.farSite()
	away := func(r *dispatch.SubmitRequest) { r.Site, r.Device, r.Crew = far, "", 2 }
	both := func(start time.Time) dispatch.Answer {
		a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: c.submit(away).ID, Expert: li.ID, Second: kim.ID, Start: start})
		require.NoError(t, err)
		return a
	}
	before, after := both(minutes(120)), both(minutes(210))
	_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: before.Ticket.ID})
	require.NoError(t, err)
	k := c.load(after.Ticket.ID)
	require.Equal(t, after.Ticket.Rev+1, k.Ticket.Rev)
	require.True(t, leaveBy(k.Ticket).Before(leaveBy(after.Ticket).Add(-20*time.Minute)))
	c.sound()
}

// What a round puts before a visit may lie farther away than where they would have come from.
func TestARoundThatSendsSomebodyFarAwayBeforeIsMinded(t *testing.T) {
	for _, push := range []bool{true, false} {
		c := newCompany(t)
		p := muster.DefaultPolicy()
		p.Push = push
		_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
		require.NoError(t, err)
		li, far := c.expert("li", 3), c.farSite()
		after := c.at(li.ID, minutes(300))
		from := leaveBy(after.Ticket)
		first := c.submit(func(r *dispatch.SubmitRequest) {
			r.Site, r.Device, r.Windows = far, "", []muster.Window{{Start: minutes(150), End: minutes(210)}}
		})
		_, err = c.dispatch.Round(c.ctx, first.Region)
		require.NoError(t, err)
		if !push {
			_, err = c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: c.load(first.ID).Offers[0].ID})
			require.NoError(t, err)
		}
		require.Equal(t, "assigned", c.shown(first.ID))
		leave := c.stop(after.Visit.ID).Depart
		require.True(t, leave.Before(from.Add(-20*time.Minute)), "it is a long way from there")
		require.False(t, leaveBy(c.load(after.Ticket.ID).Ticket).After(leave))
		c.sound()
	}
}
