package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

var tomorrow, wednesday = monday.Add(26 * time.Hour), monday.Add(50 * time.Hour)

// moved gives a ticket to an expert at a start that is none of the customer's wishes.
func (c *company) moved(t muster.TicketID, e muster.ExpertID, start time.Time) *muster.Visit {
	c.Helper()
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: t, Expert: e, Start: start, Overrides: []muster.ReasonCode{muster.AfterWindow}, Why: "nobody else can come",
	})
	require.NoError(c, err)
	return a.Visit
}

// unmet lets an expert set off for a visit in time and not arrive, until half an hour after the window that was promised.
func (c *company) unmet(v *muster.Visit, by muster.ExpertID) {
	c.Helper()
	c.until(v.Ticket, v.Start.Add(-15*time.Minute), true)
	c.under(v.ID, by, muster.VisitEnRoute)
	c.until(v.Ticket, v.Window.End.Add(30*time.Minute), true)
}

// missed is how often a deadline of the ticket was missed.
func (c *company) missed(id muster.TicketID) (n int) {
	c.Helper()
	for _, e := range c.events(string(id)) {
		if e == "ticket.deadline_missed" {
			n++
		}
	}
	return n
}

// A part that comes later ends the promise: the customer hears when it comes. The window of the visit after it is
// promised anew, and its end is a deadline.
func TestALaterPartRepromises(t *testing.T) {
	for name, part := range map[string]func(*company, muster.TicketID){
		"ordered": func(c *company, id muster.TicketID) { c.part(c.order, id, "relay", monday.Add(48*time.Hour)) },
		"needed": func(c *company, id muster.TicketID) {
			c.part(c.need, id, "relay", time.Time{})
			c.part(c.order, id, "relay", monday.Add(48*time.Hour))
		},
		"waited for": func(c *company, id muster.TicketID) {
			wait := dispatch.WaitRequest{Ticket: id, For: muster.WaitParts, Until: monday.Add(48 * time.Hour)}
			_, err := c.dispatch.Wait(c.ctx, c.as(dispatcher), wait)
			require.NoError(c, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			a := c.at(li.ID, tomorrow)
			id := a.Ticket.ID
			part(c, id)
			k := c.load(id)
			require.Nil(t, k.Ticket.Promised)
			require.Equal(t, a.Visit.Window, k.Visits[0].Told, "the record stays")
			c.until(id, monday.Add(48*time.Hour+time.Minute), true)
			require.Equal(t, muster.Queued, c.load(id).Ticket.State)
			require.Zero(t, c.missed(id), "nobody was to come on Tuesday")
			require.Empty(t, c.exceptions(id))

			b := c.moved(id, li.ID, wednesday)
			require.Equal(t, b.Window, b.Told)
			c.unmet(b, li.ID)
			k = c.load(id)
			require.Equal(t, 1, c.missed(id))
			require.Zero(t, k.Visits[0].BrokenAt)
			require.Equal(t, b.Window.End, k.Visits[1].BrokenAt)
			require.Len(t, c.of(id, muster.ExceptionLate), 1)
			c.sound()
		})
	}
}

// A promise that is over when the part is ordered was broken: the record of its visit says so.
func TestAPartThatIsOrderedTooLateKeepsNoPromise(t *testing.T) {
	c := newCompany(t)
	a := c.at(c.expert("li", 3).ID, tomorrow)
	c.clock.Set(a.Visit.Window.End)
	require.Nil(t, c.part(c.order, a.Ticket.ID, "relay", monday.Add(48*time.Hour)).Promised)
	require.Equal(t, a.Visit.Window.End, c.load(a.Ticket.ID).Visits[0].BrokenAt)
	c.sound()
}

// A window that we move changes nothing about what the customer was told. Once that is broken they count on the new one:
// its end is a deadline, and a breach of its own.
func TestABrokenPromiseGivesWayToTheNext(t *testing.T) {
	for name, give := range map[string]struct {
		before bool // the other visit is planned before the promise is broken
		to     func(*company, dispatch.Answer, muster.ExpertID) *muster.Visit
	}{
		"another visit": {false, func(c *company, a dispatch.Answer, e muster.ExpertID) *muster.Visit {
			_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: a.Ticket.ID, Reason: "ill"})
			require.NoError(c, err)
			return c.moved(a.Ticket.ID, e, wednesday)
		}},
		"another visit, planned before": {true, func(c *company, a dispatch.Answer, e muster.ExpertID) *muster.Visit {
			_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: a.Ticket.ID, Reason: "ill"})
			require.NoError(c, err)
			return c.moved(a.Ticket.ID, e, wednesday)
		}},
		"another start, planned before": {true, func(c *company, a dispatch.Answer, e muster.ExpertID) *muster.Visit {
			return c.reassign(dispatch.AssignRequest{Ticket: a.Ticket.ID, Expert: e, Start: wednesday, Why: "ill"}).Visit
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li, kim := c.expert("li", 3), c.expert("kim", 4)
			a := c.at(li.ID, tomorrow)
			id := a.Ticket.ID
			var b *muster.Visit
			if give.before {
				b = give.to(c, a, kim.ID)
				require.Equal(t, a.Visit.Window, c.load(id).Ticket.Promised.Window, "what we move changes nothing")
				c.until(id, a.Visit.Window.End.Add(30*time.Minute), true)
			} else {
				c.unmet(a.Visit, li.ID)
				require.Equal(t, 1, c.missed(id))
				b = give.to(c, a, kim.ID)
			}
			require.Equal(t, 1, c.missed(id))
			k := c.load(id)
			require.Equal(t, b.Window, k.Ticket.Promised.Window)
			require.Equal(t, a.Visit.Window.End, k.Ticket.Promised.BrokenAt, "since when they wait")
			require.Len(t, c.of(id, muster.ExceptionLate), 1, "until somebody comes")
			breaches := func() (ends []time.Time) {
				for _, v := range c.load(id).Visits {
					ends = append(ends, v.BrokenAt)
				}
				return ends
			}
			require.Contains(t, breaches(), a.Visit.Window.End)

			c.unmet(b, kim.ID)
			k = c.load(id)
			require.Equal(t, 2, c.missed(id))
			require.Equal(t, b.Window.End, k.Ticket.Promised.BrokenAt)
			require.Contains(t, breaches(), b.Window.End)
			c.sound()
		})
	}
}

// Once a person has called the customer about a promise that nobody can keep, the window of the next visit is what they
// agreed on. Until then, and without a call, the first one counts.
func TestWhatIsAgreedOnThePhoneIsPromised(t *testing.T) {
	for name, when := range map[string]struct {
		calls, first bool // before the visit is planned
	}{
		"called, then planned": {true, true},
		"planned, then called": {true, false},
		"never called":         {false, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			a := c.at(li.ID, monday.Add(4*time.Hour))
			id := a.Ticket.ID
			_, err := c.dispatch.Sick(c.ctx, c.as(dispatcher), dispatch.SickRequest{Expert: li.ID})
			require.NoError(t, err)
			settle := func() {
				require.NoError(t, c.attend("settle", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionCall}))
			}
			if when.first {
				settle()
				require.Equal(t, a.Visit.Window, c.load(id).Ticket.Promised.Window, "nothing else is agreed so far")
			}
			b := c.moved(id, li.ID, wednesday)
			if when.calls && !when.first {
				require.Equal(t, a.Visit.Window, b.Told)
				settle()
			}
			k := c.load(id)
			if !when.calls {
				require.Equal(t, a.Visit.Window, k.Ticket.Promised.Window)
				c.until(id, a.Visit.Window.End.Add(10*time.Minute), true)
				require.Equal(t, 1, c.missed(id))
				return
			}
			require.Equal(t, b.Window, k.Ticket.Promised.Window)
			require.Equal(t, b.Window, k.Visits[1].Told)
			c.until(id, a.Visit.Window.End.Add(10*time.Minute), true)
			require.Zero(t, c.missed(id))
			c.unmet(b, li.ID)
			require.Equal(t, 1, c.missed(id))
			require.Equal(t, b.Window.End, c.load(id).Visits[1].BrokenAt)
			c.sound()
		})
	}
}

// Who calls about a promise and then finds somebody for it after all has agreed on nothing: what we move later changes nothing.
func TestACallIsOverWithThePromiseKept(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.at(li.ID, monday.Add(4*time.Hour))
	id := a.Ticket.ID
	_, err := c.dispatch.Sick(c.ctx, c.as(dispatcher), dispatch.SickRequest{Expert: li.ID})
	require.NoError(t, err)
	require.NoError(t, c.attend("settle", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionCall}))
	kim := c.expert("kim", 4)
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: kim.ID, Start: a.Visit.Start})
	require.NoError(t, err)
	c.clock.Advance(time.Minute)
	_, err = c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "needed elsewhere"})
	require.NoError(t, err)
	require.Equal(t, a.Visit.Window, c.moved(id, li.ID, wednesday).Told)
	c.sound()
}

// An undo takes back what the choice promised: the broken promise that it took the place of is there again.
func TestUndoBringsABrokenPromiseBack(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.at(li.ID, tomorrow)
	id := a.Ticket.ID
	c.unmet(a.Visit, li.ID)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "ill"})
	require.NoError(t, err)
	before := c.load(id).Ticket.Promised
	c.clock.Advance(time.Minute)
	require.Equal(t, wednesday, c.moved(id, li.ID, wednesday).Told.Start)
	back, err := c.undo(id)
	require.NoError(t, err)
	require.Equal(t, before, back.Ticket.Promised)
	require.Len(t, c.of(id, muster.ExceptionLate), 1)
	c.sound()
}
