package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestALaterWindowOfTheCustomersPutsOffWhatIsDue; one that we move doesn't.
func TestALaterWindowOfTheCustomersPutsOffWhatIsDue(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{friday} })
	require.Equal(t, friday.End, tk.DueAt)
	require.Equal(t, minutes(240), tk.Clock(muster.SLAResponse).Original)
	require.Equal(t, friday.End.Add(4*time.Hour), tk.Clock(muster.SLAResolution).Due, "as far after arrival as was agreed")
	require.Equal(t, minutes(60), tk.Clock(muster.SLAAcceptance).Due, "somebody is to be found all the same")

	soon := c.submit(func(r *dispatch.SubmitRequest) {
		r.Windows = []muster.Window{friday, {Start: minutes(200), End: minutes(300)}}
	})
	require.Equal(t, minutes(240), soon.DueAt, "one of them opens in time")

	li := c.expert("li", 3)
	a := c.assign(soon.ID, li.ID)
	require.Equal(t, minutes(240), a.Ticket.DueAt)
	moved, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: soon.ID, Expert: li.ID, Start: friday.Start.Add(time.Hour)})
	require.NoError(t, err)
	require.Equal(t, minutes(240), moved.Ticket.DueAt, "we moved it")
	require.Equal(t, minutes(300), moved.Ticket.Promised.End)
	require.Equal(t, minutes(300), moved.Visit.Told.End)

	wants, err := c.dispatch.ChooseWindows(c.ctx, c.as(helpdesk), dispatch.WindowsRequest{Ticket: soon.ID, Windows: []muster.Window{friday}})
	require.NoError(t, err)
	require.Equal(t, muster.Queued, wants.Ticket.State)
	require.Equal(t, friday.End, wants.Ticket.DueAt)
	require.Equal(t, minutes(240), wants.Ticket.Clock(muster.SLAResponse).Original)
	require.Nil(t, wants.Ticket.Promised, "the customer doesn't wait for that any more")
	c.sound()
}

func (c *company) choose(by muster.Actor, t muster.TicketID, w ...muster.Window) muster.Ticket {
	c.Helper()
	a, err := c.dispatch.ChooseWindows(c.ctx, c.as(by), dispatch.WindowsRequest{Ticket: t, Windows: w})
	require.NoError(c, err)
	return a.Ticket
}

// TestALaterWindowForgivesNothing that was late before it was chosen, whether or not its timer has rung.
func TestALaterWindowForgivesNothing(t *testing.T) {
	t.Run("a due time", func(t *testing.T) {
		c := newCompany(t)
		c.agree(nil)
		tk := c.submit()
		c.clock.Set(minutes(250))
		c.choose(helpdesk, tk.ID, friday)
		require.Equal(t, minutes(240), c.clockOf(tk.ID, muster.SLAResponse).BreachedAt)
		c.sound()
	})
	t.Run("a promise", func(t *testing.T) {
		c := newCompany(t)
		li := c.expert("li", 3)
		a := c.assign(c.submit(func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: minutes(60), End: minutes(120)}}
		}).ID, li.ID)
		c.clock.Set(minutes(125))
		c.choose(helpdesk, a.Ticket.ID, friday)
		require.Equal(t, minutes(120), c.load(a.Ticket.ID).Visits[0].BrokenAt)
		c.sound()
	})
}

// TestAWindowChosenAfterAWait is due at its end: the time that the ticket waited for the customer doesn't come on top.
func TestAWindowChosenAfterAWait(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	tk := c.submit()
	c.clock.Set(minutes(30))
	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: tk.ID, For: muster.WaitCustomer, Until: minutes(3000)})
	require.NoError(t, err)
	c.clock.Set(minutes(90))
	k := c.choose(joanOf(c), tk.ID, friday)
	require.Equal(t, muster.Queued, k.State)
	require.Equal(t, friday.End, k.DueAt)
	require.Equal(t, minutes(240), k.Clock(muster.SLAResponse).Original)
	c.sound()
}

// TestAPauseDoesNotMoveTheWindowThatTheCustomerChose: what they wait for in between is before it. In it the time that it
// takes comes on top.
func TestAPauseDoesNotMoveTheWindowThatTheCustomerChose(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{friday} })
	wait := func(from, to time.Time) {
		t.Helper()
		c.clock.Set(from)
		_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: tk.ID, For: muster.WaitCustomer, Until: to})
		require.NoError(t, err)
		c.clock.Set(to)
		c.due(tk.ID)
		require.Equal(t, muster.Queued, c.load(tk.ID).Ticket.State)
	}
	for _, pause := range []int{30, 600} { // before and after the response would have been due
		wait(minutes(pause), minutes(pause+60))
		require.Equal(t, friday.End, c.clockOf(tk.ID, muster.SLAResponse).Due)
		require.Equal(t, friday.End.Add(4*time.Hour), c.clockOf(tk.ID, muster.SLAResolution).Due)
	}
	wait(friday.Start.Add(30*time.Minute), friday.Start.Add(90*time.Minute))
	require.Equal(t, friday.End.Add(time.Hour), c.clockOf(tk.ID, muster.SLAResponse).Due)
	require.Equal(t, friday.End.Add(5*time.Hour), c.clockOf(tk.ID, muster.SLAResolution).Due)
	require.Equal(t, minutes(240), c.clockOf(tk.ID, muster.SLAResponse).Original)
	c.sound()
}

// TestTheWindowChosenNowCounts: an earlier one brings back what a later one has put off, but not to before what was due
// at first, and makes nothing late that wasn't.
func TestTheWindowChosenNowCounts(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{friday} })
	tuesday := muster.Window{Start: monday.AddDate(0, 0, 1), End: monday.AddDate(0, 0, 1).Add(2 * time.Hour)}
	today := muster.Window{Start: minutes(60), End: minutes(120)}
	due := func(w ...muster.Window) time.Time {
		t.Helper()
		k := c.choose(helpdesk, tk.ID, w...)
		require.Equal(t, minutes(240), k.Clock(muster.SLAResponse).Original)
		require.Equal(t, k.DueAt, k.Clock(muster.SLAResponse).Due)
		require.Equal(t, k.DueAt.Add(4*time.Hour), k.Clock(muster.SLAResolution).Due)
		return k.DueAt
	}
	require.Equal(t, tuesday.End, due(tuesday))
	require.Equal(t, minutes(240), due(today))
	require.Equal(t, friday.End, due(friday))
	require.Equal(t, minutes(240), due(), "no wish, as at first")
	require.Equal(t, friday.End, due(friday))
	c.clock.Set(minutes(600))
	require.Equal(t, tuesday.End, due(tuesday))
	evening := muster.Window{Start: minutes(590), End: minutes(700)}
	require.Equal(t, evening.End, due(evening))
	require.Equal(t, evening.End, due(), "what was due at first is over, and wasn't late by what they chose")
	require.Zero(t, c.clockOf(tk.ID, muster.SLAResponse).BreachedAt)
	c.sound()
}

// TestTheWindowOfAReturnVisitPutsOffTheResolution: once somebody has come only the work is still due, and the customer may
// choose when it goes on. It is due as long after their window as after the arrival; a window that opens in time changes nothing.
func TestTheWindowOfAReturnVisitPutsOffTheResolution(t *testing.T) {
	for _, outcome := range []muster.VisitOutcome{muster.NoAccess, muster.OtherSkillNeeded} {
		t.Run(string(outcome), func(t *testing.T) {
			c := newCompany(t)
			c.agree(nil)
			li := c.expert("li", 3)
			a := c.assign(c.submit().ID, li.ID)
			id := a.Ticket.ID
			c.clock.Set(minutes(50))
			c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
			c.clock.Set(minutes(60))
			_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{
				Visit: a.Visit.ID, Outcome: outcome, Needs: []muster.Need{{Skill: fridges, Level: 3}},
			})
			require.NoError(t, err)
			due := func(w ...muster.Window) time.Time {
				t.Helper()
				k := c.choose(joanOf(c), id, w...)
				require.Equal(t, minutes(480), k.Clock(muster.SLAResolution).Original)
				require.Equal(t, minutes(50), k.Clock(muster.SLAResponse).EndedAt)
				require.Equal(t, minutes(240), k.Clock(muster.SLAResponse).Due, "that was kept")
				return k.Clock(muster.SLAResolution).Due
			}
			require.Equal(t, friday.End.Add(4*time.Hour), due(friday))
			require.Equal(t, minutes(480), due(muster.Window{Start: minutes(470), End: minutes(500)}))
			require.Equal(t, friday.End.Add(4*time.Hour), due(friday))
			require.Equal(t, minutes(480), due())
			require.Equal(t, friday.End.Add(4*time.Hour), due(friday))

			triage := dispatch.TriageRequest{Ticket: id, Needs: c.load(id).Ticket.Needs, Priority: muster.PriorityHigh}
			high, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), triage)
			require.NoError(t, err)
			p := muster.DefaultPolicy()
			after := p.SLA.Resolution[muster.PriorityHigh] - 4*60
			resolution := high.Ticket.Clock(muster.SLAResolution)
			require.Equal(t, friday.End.Add(after.Duration()), resolution.Due, "another priority keeps the window")
			c.until(id, minutes(600), true)
			require.Zero(t, c.clockOf(id, muster.SLAResolution).BreachedAt)
			c.sound()
		})
	}
}

// TestAResolutionThatBeginsLateKeepsTheWindow that put the response off, though that is met by then.
func TestAResolutionThatBeginsLateKeepsTheWindow(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) {
		p.SLA.Resolution[muster.PriorityNormal] = 0
		p.Due[muster.PriorityHigh], p.SLA.Resolution[muster.PriorityHigh] = 4*60, 8*60
	})
	li := c.expert("li", 3)
	a := c.at(li.ID, friday.Start.Add(time.Hour), func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{friday} })
	require.Nil(t, a.Ticket.Clock(muster.SLAResolution))
	c.clock.Set(friday.Start)
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	needs := []muster.Need{{Skill: fridges, Level: 3}}
	end := dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.OtherSkillNeeded, Needs: needs}
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), end)
	require.NoError(t, err)
	triage := dispatch.TriageRequest{Ticket: a.Ticket.ID, Needs: needs, Priority: muster.PriorityHigh}
	high, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), triage)
	require.NoError(t, err)
	require.Equal(t, friday.End.Add(4*time.Hour), high.Ticket.Clock(muster.SLAResolution).Due)
	c.sound()
}

// TestAnotherPriorityKeepsTheWindow that the customer chose, and how far after it the work is due.
func TestAnotherPriorityKeepsTheWindow(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) {
		p.SLA.Resolution[muster.PriorityCritical] = p.Due[muster.PriorityCritical] + 60
	})
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{friday} })
	c.clock.Set(minutes(10))
	a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: tk.ID, Needs: tk.Needs, Priority: muster.PriorityCritical})
	require.NoError(t, err)
	require.Equal(t, friday.End, a.Ticket.DueAt)
	require.Equal(t, friday.End.Add(time.Hour), a.Ticket.Clock(muster.SLAResolution).Due)
	c.sound()
}

// TestAChoiceOfWindowsBringsNoPartAndNoApproval: what a ticket waits for isn't the customer's to end.
func TestAChoiceOfWindowsBringsNoPartAndNoApproval(t *testing.T) {
	for _, what := range []muster.WaitReason{muster.WaitApproval, muster.WaitParts} {
		c := newCompany(t)
		id := c.submit().ID
		_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: what, Until: monday.Add(72 * time.Hour)})
		require.NoError(t, err)
		k := c.choose(joanOf(c), id, friday)
		require.Equal(t, muster.Waiting, k.State, what)
		require.Equal(t, []muster.Window{friday}, k.Windows, "but they are noted")
		require.Equal(t, monday.Add(72*time.Hour), k.Timers[muster.TimerWake])
		c.sound()
	}
}

// TestAReopenedTicketKeepsTheWindowsThatAreAhead: the customer has chosen them, so that the response can't be due before.
func TestAReopenedTicketKeepsTheWindowsThatAreAhead(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	later := muster.Window{Start: monday.AddDate(0, 0, 3), End: monday.AddDate(0, 0, 3).Add(2 * time.Hour)}
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{later} })
	require.Equal(t, later.End, tk.DueAt)
	_, err := c.dispatch.Complete(c.ctx, c.as(dispatcher), dispatch.CompleteRequest{Ticket: tk.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	_, err = c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: tk.ID})
	require.NoError(t, err)
	again := c.load(tk.ID).Ticket
	require.Equal(t, []muster.Window{later}, again.Windows)
	require.Equal(t, later.End, again.DueAt)
	require.Equal(t, minutes(240), again.Clock(muster.SLAResponse).Original, "as it was promised at first")
	c.sound()
}

// TestAVisitThatSuitsTheCustomerStands when they choose windows in which it lies.
func TestAVisitThatSuitsTheCustomerStands(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit(func(r *dispatch.SubmitRequest) {
		r.Windows = []muster.Window{{Start: minutes(60), End: minutes(120)}}
	}).ID, li.ID)
	k := c.choose(joanOf(c), a.Ticket.ID, friday, muster.Window{Start: minutes(30), End: minutes(180)})
	require.Equal(t, "assigned", k.Shown())
	require.Equal(t, a.Ticket.Promised, k.Promised, "they wait for it still")
	require.Len(t, k.Windows, 2)
	k = c.choose(joanOf(c), a.Ticket.ID, friday)
	require.Equal(t, "queued", k.Shown())
	c.sound()
}
