package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Whom a customer blocks doesn't come to what is booked either: somebody else does, within the promised window, or a person
// calls. Who is on the way is for a person.
func TestABlockRedecidesWhatIsBooked(t *testing.T) {
	block := func(c *company, a muster.Actor, e muster.ExpertID) {
		c.Helper()
		edited := c.customer
		edited.Rev, edited.Blocked = 0, []muster.Block{{Expert: e, Why: "broke the door"}, {Expert: e, Why: "and again"}}
		_, err := c.dispatch.SaveCustomer(c.ctx, c.as(a), dispatch.CustomerRequest{Customer: edited})
		require.NoError(c, err)
		c.sweep()
	}
	t.Run("another comes", func(t *testing.T) {
		c := newCompany(t)
		li, kim := c.expert("li", 3), c.expert("kim", 4)
		a := c.at(li.ID, monday.Add(28*time.Hour))
		asked := c.offer(c.submit().ID, li.ID)
		block(c, joanOf(c), li.ID)
		k := c.load(a.Ticket.ID)
		require.Equal(t, []muster.ExpertID{kim.ID}, k.Ticket.Visit.Experts)
		require.Equal(t, a.Visit.Window, k.Visits[0].Window)
		require.Equal(t, "queued", c.shown(asked.Ticket.ID), "nobody waits for their answer")
		c.sound()
		rev := c.expertNamed(li.ID).Rev
		block(c, helpdesk, li.ID)
		require.Equal(t, rev, c.expertNamed(li.ID).Rev, "it is no news")
	})
	t.Run("nobody else can", func(t *testing.T) {
		c := newCompany(t)
		a := c.at(c.expert("li", 3).ID, monday.Add(28*time.Hour))
		block(c, helpdesk, "exp_li")
		require.Equal(t, "queued", c.shown(a.Ticket.ID))
		require.Len(t, c.callTasks(a.Ticket.ID), 1)
		c.sound()
	})
	t.Run("they are on the way", func(t *testing.T) {
		c := newCompany(t)
		c.expert("kim", 4)
		a := c.at(c.expert("li", 3).ID, monday.Add(time.Hour))
		c.under(a.Visit.ID, "exp_li", muster.VisitEnRoute)
		block(c, helpdesk, "exp_li")
		require.Equal(t, "en_route", c.shown(a.Ticket.ID))
		require.Len(t, c.of(a.Ticket.ID, muster.ExceptionUnknown), 1)
	})
}
