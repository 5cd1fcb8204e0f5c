package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// watched moves the clock a quarter of an hour at a time, with sweeps and rounds, and looks at each step that the ticket has
// something that rings and hasn't rung for long, and that whoever is planned for it is a whole crew that can come.
func (c *company) watched(t muster.TicketID, d time.Duration, each func(muster.Ticket)) {
	c.Helper()
	for end := c.clock.Now().Add(d); c.clock.Now().Before(end); {
		for range 30 {
			c.clock.Advance(30 * time.Second)
			require.NoError(c, c.dispatch.Reachable(c.ctx)) // else nobody could have answered
		}
		k := c.load(t).Ticket
		_, err := c.dispatch.Round(c.ctx, k.Region)
		require.NoError(c, err)
		for range 4 { // a sweep does one thing for a ticket
			c.sweep()
		}
		k = c.load(t).Ticket
		_, at, open := k.Timers.Next()
		require.True(c, open, "nothing looks at it any more")
		if !k.Timers[muster.TimerVisit].Equal(at) && !k.Timers[muster.TimerReplace].Equal(at) { // a look stays as it is
			require.Less(c, c.clock.Now().Sub(at), 15*time.Minute, "%v", k.Timers)
		}
		if k.Visit != nil {
			require.Len(c, k.Visit.Experts, 2)
		}
		each(k)
	}
}

// A ticket for two of whom one falls ill never rests: it is given to a whole crew, or a person has it with a next step, again
// and again however often they settle it, until somebody comes.
func TestACrewWithASickMemberNeverRests(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = 2 })
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: tk.ID, Expert: li.ID, Second: kim.ID, Start: monday.Add(4 * time.Hour)})
	require.NoError(t, err)
	_, err = c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: kim.ID, Leave: muster.Leave{Window: muster.Window{Start: c.clock.Now(), End: monday.AddDate(0, 1, 0)}, Kind: "sick"}})
	require.NoError(t, err)
	c.sweep()
	require.Equal(t, "queued", c.shown(tk.ID), "half a crew helps nobody")
	calls := c.callTasks(tk.ID)
	require.Len(t, calls, 1)
	require.Contains(t, calls[0].Next, "call the customer")
	require.Empty(t, c.stops(a.Visit.ID), "the other is free again")

	settled, last := 0, c.clock.Now()
	c.watched(tk.ID, 24*time.Hour, func(k muster.Ticket) {
		require.Equal(t, muster.Queued, k.State)
		if len(k.Exceptions) > 0 {
			last = c.clock.Now()
		}
		require.LessOrEqual(t, c.clock.Now().Sub(last), 4*time.Hour, "nobody is asked to do anything about it")
		for _, e := range k.Exceptions {
			require.NotEmpty(t, e.Next)
			_, err := c.dispatch.SettleException(c.ctx, c.as(admin), dispatch.ExceptionRequest{Ticket: tk.ID, Kind: e.Kind, Visit: e.Visit})
			require.NoError(t, err)
			settled++
		}
	})
	require.Greater(t, settled, 3)
	c.sound()

	c.choose(helpdesk, tk.ID) // they were called: any time will do
	sam := c.expert("sam", 5)
	planned := false
	c.watched(tk.ID, 24*time.Hour, func(k muster.Ticket) {
		if k.Visit != nil && !planned {
			planned = true
			require.ElementsMatch(t, []muster.ExpertID{li.ID, sam.ID}, k.Visit.Experts)
		}
	})
	require.True(t, planned, "a whole crew is asked as soon as there is one")
	c.sound()
}

// stops are those of a visit on all tours.
func (c *company) stops(v muster.VisitID) (out []muster.Stop) {
	c.Helper()
	for _, t := range c.tours() {
		for _, s := range t.Stops {
			if s.Visit == v {
				out = append(out, s)
			}
		}
	}
	return out
}

// One of a crew falls ill while the other drives: a person is told what to do about it, not to ask somebody on the way.
func TestOneOfACrewFallsIllWhileTheOtherDrives(t *testing.T) {
	c := newCompany(t)
	a := c.crew()
	c.until(a.Ticket.ID, leaveBy(a.Ticket).Add(-time.Minute), true)
	_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID})
	require.NoError(t, err)
	_, err = c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: "exp_kim", Leave: muster.Leave{Window: muster.Window{Start: c.clock.Now(), End: monday.AddDate(0, 0, 2)}, Kind: "sick"}})
	require.NoError(t, err)
	c.sweep()
	told := c.of(a.Ticket.ID, muster.ExceptionUnknown)
	require.Len(t, told, 1)
	require.Equal(t, "find somebody in the place of kim, or call back who is on the way: a crew comes whole", told[0].Next)
	require.Contains(t, told[0].Note, "kim can't make it")
	c.sound()
}

// One of a crew doesn't leave, and a person who settles that does nothing: it comes back.
func TestACrewOfWhichOneDoesNotLeaveNeverRests(t *testing.T) {
	c := newCompany(t)
	a := c.crew()
	id := a.Ticket.ID
	last, settled := leaveBy(a.Ticket), 0
	c.watched(id, 24*time.Hour, func(k muster.Ticket) {
		require.Equal(t, "assigned", k.Shown())
		if len(k.Exceptions) > 0 || c.clock.Now().Before(last) {
			last = later(last, c.clock.Now())
		}
		require.LessOrEqual(t, c.clock.Now().Sub(last), 3*time.Hour, "nobody is asked to do anything about it")
		for _, e := range k.Exceptions {
			_, err := c.dispatch.SettleException(c.ctx, c.as(admin), dispatch.ExceptionRequest{Ticket: id, Kind: e.Kind, Visit: e.Visit})
			require.NoError(t, err)
			settled++
		}
	})
	require.Greater(t, settled, 5)
	c.sound()
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
