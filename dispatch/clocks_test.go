package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// agree sets the company's agreements.
func (c *company) agree(edit func(*muster.Policy)) {
	c.Helper()
	p := muster.DefaultPolicy()
	p.SLA.Acceptance[muster.PriorityNormal], p.Due[muster.PriorityNormal], p.SLA.Resolution[muster.PriorityNormal] = 60, 4*60, 8*60
	if edit != nil {
		edit(&p)
	}
	_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
	require.NoError(c, err)
}

func (c *company) clockOf(t muster.TicketID, name muster.SLAName) muster.SLAClock {
	c.Helper()
	k := c.load(t).Ticket
	clock := k.Clock(name)
	require.NotNil(c, clock, name)
	return *clock
}

func minutes(m int) time.Time { return monday.Add(time.Duration(m) * time.Minute) }

func TestClocksEndWithWhatTheyPromise(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	li := c.expert("li", 3)
	tk := c.submit()
	require.Len(t, tk.Clocks, 3)
	require.Equal(t, minutes(240), tk.DueAt)
	require.Equal(t, minutes(60), tk.Timers[muster.TimerSLA])

	c.clock.Set(minutes(20))
	a := c.assign(tk.ID, li.ID)
	require.Equal(t, minutes(20), c.clockOf(tk.ID, muster.SLAAcceptance).EndedAt)
	require.Equal(t, min(minutes(240).Unix(), a.Visit.Window.End.Unix()), a.Ticket.Timers[muster.TimerSLA].Unix(), "the promise has a deadline too")
	c.clock.Set(minutes(50))
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	response := c.clockOf(tk.ID, muster.SLAResponse)
	require.Equal(t, minutes(50), response.EndedAt)
	require.Zero(t, response.BreachedAt)
	require.Nil(t, c.load(tk.ID).Ticket.Promised)
	c.clock.Set(minutes(110))
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	require.Equal(t, minutes(110), c.clockOf(tk.ID, muster.SLAResolution).EndedAt)

	c.clock.Set(minutes(200))
	_, err = c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: tk.ID})
	require.NoError(t, err)
	again := c.load(tk.ID).Ticket
	require.Len(t, again.Clocks, 6, "what was kept stays on the ticket")
	require.Equal(t, minutes(440), again.DueAt)
	require.Equal(t, minutes(200), again.Clock(muster.SLAResolution).StartedAt)
	c.sound()
}

// TestAMissedDeadlineRings: within a sweep after it is due, it is noted and put before a person, and raises the step of
// who still waits for an expert.
func TestAMissedDeadlineRings(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) { p.Escalation[0].After = 120 })
	tk := c.submit()
	c.clock.Set(minutes(60).Add(-time.Second))
	c.due(tk.ID)
	require.Equal(t, int64(1), c.load(tk.ID).Ticket.Rev)
	c.clock.Set(minutes(60).Add(10 * time.Second))
	c.due(tk.ID)
	late := c.load(tk.ID).Ticket
	require.Equal(t, minutes(60), late.Clock(muster.SLAAcceptance).BreachedAt)
	require.Equal(t, minutes(240), late.Timers[muster.TimerSLA], "the next one")
	require.Len(t, late.Exceptions, 1)
	require.Equal(t, muster.ExceptionLate, late.Exceptions[0].Kind)
	require.Contains(t, late.Exceptions[0].Note, "the acceptance was due 2026-11-23T14:00:00Z")
	events, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(tk.ID))
	require.NoError(t, err)
	require.Equal(t, "ticket.deadline_missed", events[len(events)-1].Name)
	require.Equal(t, 1, late.Step)
	require.Equal(t, c.clock.Now(), late.StepSince)
	c.due(tk.ID)
	require.Equal(t, late.Rev, c.load(tk.ID).Ticket.Rev, "it rings once")

	li := c.expert("li", 3)
	c.assign(tk.ID, li.ID)
	require.Equal(t, minutes(60), c.clockOf(tk.ID, muster.SLAAcceptance).BreachedAt, "it stays missed")
	require.Empty(t, c.exceptions(tk.ID), "but nobody has to look for somebody any more")
	c.sound()
}

// TestWaitingForTheCustomerStopsClocks: not so waiting for parts, but for who is to be found.
func TestWaitingForTheCustomerStopsClocks(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	wait := func(why muster.WaitReason) muster.Ticket {
		tk := c.submit()
		c.clock.Advance(30 * time.Minute)
		_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: tk.ID, For: why, Until: c.clock.Now().Add(5 * time.Hour)})
		require.NoError(t, err)
		return tk
	}
	customer, parts := wait(muster.WaitCustomer), wait(muster.WaitParts)
	require.NotContains(t, c.load(customer.ID).Ticket.Timers, muster.TimerSLA)
	require.Equal(t, minutes(270), c.load(parts.ID).Ticket.Timers[muster.TimerSLA])
	c.clock.Set(minutes(30 + 300)) // both had waited by then: one from 0:30, one from 1:00
	c.due(customer.ID)
	woken := c.load(customer.ID).Ticket
	require.Equal(t, muster.Queued, woken.State)
	require.Equal(t, minutes(360), woken.Clock(muster.SLAAcceptance).Due)
	require.Equal(t, minutes(60), woken.Clock(muster.SLAAcceptance).Original)
	require.Equal(t, minutes(540), woken.DueAt)
	c.due(parts.ID)
	require.Equal(t, minutes(270), c.clockOf(parts.ID, muster.SLAResponse).BreachedAt)
	require.Zero(t, c.clockOf(parts.ID, muster.SLAAcceptance).BreachedAt)
	c.sound()
}

func TestAnUnassignedTicketGoesOnWithWhatWasLeft(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	li := c.expert("li", 3)
	tk := c.submit()
	c.clock.Set(minutes(20))
	c.assign(tk.ID, li.ID)
	c.clock.Set(minutes(100))
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: tk.ID, Reason: "ill"})
	require.NoError(t, err)
	acceptance := c.clockOf(tk.ID, muster.SLAAcceptance)
	require.Equal(t, minutes(140), acceptance.Due)
	require.True(t, acceptance.Running())
	require.Zero(t, acceptance.BreachedAt)
	c.sound()
}

// TestAReturnVisitNeedsAcceptanceAnew, while whoever came the first time has responded.
func TestAReturnVisitNeedsAcceptanceAnew(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.clock.Set(minutes(10))
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	c.clock.Set(minutes(30))
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.PartNeeded, Until: minutes(300)})
	require.NoError(t, err)
	require.Len(t, c.load(a.Ticket.ID).Ticket.Clocks, 3)
	c.clock.Set(minutes(300))
	c.due(a.Ticket.ID)
	woken := c.load(a.Ticket.ID).Ticket
	require.Equal(t, muster.Queued, woken.State)
	require.Len(t, woken.Clocks, 4)
	require.Equal(t, minutes(360), woken.Clock(muster.SLAAcceptance).Due)
	require.Equal(t, minutes(10), woken.Clock(muster.SLAResponse).EndedAt)
	c.sound()
}

// TestABrokenPromiseIsABreachOfItsOwn, though nothing is due yet.
func TestABrokenPromiseIsABreachOfItsOwn(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{{Start: minutes(60), End: minutes(120)}} }).ID, li.ID)
	require.Equal(t, minutes(120), a.Ticket.Timers[muster.TimerSLA])
	require.Equal(t, muster.Window{Start: minutes(60), End: minutes(120)}, a.Visit.Told)
	c.clock.Set(minutes(120))
	c.due(a.Ticket.ID)
	k := c.load(a.Ticket.ID)
	require.Equal(t, minutes(120), k.Visits[0].BrokenAt)
	require.Equal(t, minutes(120), k.Ticket.Promised.BrokenAt)
	require.Zero(t, k.Ticket.Clock(muster.SLAResponse).BreachedAt)
	require.Equal(t, muster.ExceptionLate, k.Ticket.Exceptions[0].Kind)

	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: a.Ticket.ID, Reason: "ill"})
	require.NoError(t, err)
	require.NotNil(t, c.load(a.Ticket.ID).Ticket.Promised, "the customer still waits")
	zoe := c.expert("zoe", 5)
	again, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: a.Ticket.ID, Expert: zoe.ID, Overrides: []muster.ReasonCode{muster.AfterWindow}, Why: "late",
	})
	require.NoError(t, err)
	require.Equal(t, again.Visit.Window, again.Visit.Told, "they count on the new one")
	c.clock.Set(again.Visit.Start)
	c.under(again.Visit.ID, zoe.ID, muster.VisitArrived)
	require.Empty(t, c.exceptions(a.Ticket.ID))
	require.Equal(t, minutes(120), c.load(a.Ticket.ID).Visits[0].BrokenAt, "it stays in the record")
	require.Zero(t, c.load(a.Ticket.ID).Visits[1].BrokenAt)
	require.Nil(t, c.load(a.Ticket.ID).Ticket.Promised)
	c.sound()
}

// TestCalendarsByPlanAndPriority: the policy says which hours count for whom.
func TestCalendarsByPlanAndPriority(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) {
		p.SLA.Calendars = map[string]muster.Calendar{"mornings": {Hours: []muster.Hours{
			{Weekday: time.Monday, From: 8 * 60, To: 10 * 60}, {Weekday: time.Tuesday, From: 8 * 60, To: 10 * 60},
		}}}
		p.SLA.ByPriority = map[muster.Priority]string{muster.PriorityNormal: "mornings"}
		p.SLA.ByPlan = map[string]string{"gold": muster.Always}
	})
	require.Equal(t, monday.AddDate(0, 0, 1).Add(2*time.Hour), c.submit().DueAt, "two hours today, two tomorrow, in the zone of the site")
	_, err := c.dispatch.SaveCustomer(c.ctx, c.as(helpdesk), dispatch.CustomerRequest{Customer: muster.Customer{
		ID: c.customer.ID, Name: c.customer.Name, Plan: muster.SupportPlan{Name: "gold"},
	}})
	require.NoError(t, err)
	gold := c.submit()
	require.Equal(t, minutes(240), gold.DueAt)
	require.Equal(t, muster.Always, gold.Clocks[0].Calendar)
}

func TestAnotherPriorityHasOtherTargets(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	tk := c.submit()
	c.clock.Set(minutes(50))
	a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: tk.ID, Needs: tk.Needs, Priority: muster.PriorityCritical})
	require.NoError(t, err)
	require.Equal(t, minutes(30), a.Ticket.Clock(muster.SLAAcceptance).BreachedAt, "30 minutes for critical ones: that was 20 minutes ago")
	require.Equal(t, minutes(24*60), a.Ticket.Clock(muster.SLAResolution).Due)
	c.sound()
}

// TestAPriorityWithoutAClock takes it off the ticket; one that has it brings it, as if it had been there from the start.
func TestAPriorityWithoutAClock(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) { p.SLA.Acceptance[muster.PriorityCritical] = 0 })
	tk := c.submit()
	triage := func(to muster.Priority) muster.Ticket {
		t.Helper()
		a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: tk.ID, Needs: tk.Needs, Priority: to})
		require.NoError(t, err)
		return a.Ticket
	}
	c.clock.Set(minutes(10))
	critical := triage(muster.PriorityCritical)
	require.Nil(t, critical.Clock(muster.SLAAcceptance))
	wait := dispatch.WaitRequest{Ticket: tk.ID, For: muster.WaitCustomer, Until: minutes(3000)}
	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), wait)
	require.NoError(t, err)
	c.clock.Set(minutes(100))
	normal := triage(muster.PriorityNormal)
	require.Equal(t, minutes(150), normal.Clock(muster.SLAAcceptance).Due, "ten minutes were used, 50 are left")
	c.sound()
}

// TestAnAcceptanceGoesOnWithTheTargetOfThePriority that the ticket got meanwhile.
func TestAnAcceptanceGoesOnWithTheTargetOfThePriority(t *testing.T) {
	c := newCompany(t)
	c.agree(nil)
	li := c.expert("li", 3)
	tk := c.submit()
	c.clock.Set(minutes(20))
	c.assign(tk.ID, li.ID)
	c.clock.Set(minutes(30))
	wait := dispatch.WaitRequest{Ticket: tk.ID, For: muster.WaitCustomer, Until: minutes(3000)}
	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), wait)
	require.NoError(t, err)
	c.clock.Set(minutes(100))
	critical := dispatch.TriageRequest{Ticket: tk.ID, Needs: tk.Needs, Priority: muster.PriorityCritical}
	a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), critical)
	require.NoError(t, err)
	require.Equal(t, minutes(110), a.Ticket.Clock(muster.SLAAcceptance).Due, "20 of 30 minutes were used when somebody was assigned")
	c.sound()
}

// TestPoliciesFromBeforeHaveTheResponseAlone: what was stored without agreements goes on as it was.
func TestPoliciesFromBeforeHaveTheResponseAlone(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) { p.SLA = muster.Agreements{} })
	tk := c.submit()
	require.Len(t, tk.Clocks, 1)
	require.Equal(t, minutes(240), tk.DueAt)
	c.clock.Advance(time.Hour)
	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: tk.ID, For: muster.WaitCustomer, Until: minutes(600)})
	require.NoError(t, err)
	require.Equal(t, minutes(240), c.load(tk.ID).Ticket.DueAt)
	require.Equal(t, minutes(240), c.load(tk.ID).Ticket.Timers[muster.TimerSLA])
}

var friday = muster.Window{Start: monday.AddDate(0, 0, 4), End: monday.AddDate(0, 0, 4).Add(2 * time.Hour)}

// TestAReopenedTicketHasTargetsOfItsOwn: under warranty the response is due sooner, the others count anew; pauses, another
// priority and windows move them as they move those of a new ticket. After the warranty the usual targets hold.
func TestAReopenedTicketHasTargetsOfItsOwn(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) {
		p.ReopenDue = map[muster.Priority]muster.Minutes{muster.PriorityNormal: 120, muster.PriorityHigh: 60, muster.PriorityCritical: 30, muster.PriorityLow: 500}
	})
	tk := c.submit()
	complete := func() {
		t.Helper()
		_, err := c.dispatch.Complete(c.ctx, c.as(dispatcher), dispatch.CompleteRequest{Ticket: tk.ID, Outcome: muster.Fixed})
		require.NoError(t, err)
	}
	reopen := func() {
		t.Helper()
		_, err := c.dispatch.Reopen(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: tk.ID})
		require.NoError(t, err)
	}
	due := func(name muster.SLAName) time.Time { return c.clockOf(tk.ID, name).Due }
	c.clock.Set(minutes(100))
	complete()
	require.Equal(t, muster.SLAMissed, c.standing(tk.ID, muster.SLAAcceptance).State)
	require.Equal(t, muster.Minutes(40), c.standing(tk.ID, muster.SLAAcceptance).MissedBy)
	require.Equal(t, muster.SLAKept, c.standing(tk.ID, muster.SLAResponse).State)

	c.clock.Set(minutes(200))
	reopen()
	require.Equal(t, minutes(260), due(muster.SLAAcceptance))
	require.Equal(t, minutes(320), due(muster.SLAResponse), "under warranty")
	require.Equal(t, minutes(680), due(muster.SLAResolution))
	require.Equal(t, minutes(320), c.load(tk.ID).Ticket.DueAt)
	require.Equal(t, minutes(260), c.load(tk.ID).Ticket.Timers[muster.TimerSLA])

	c.clock.Set(minutes(230))
	_, err := c.dispatch.Wait(c.ctx, c.as(dispatcher), dispatch.WaitRequest{Ticket: tk.ID, For: muster.WaitCustomer, Until: minutes(530)})
	require.NoError(t, err)
	require.Equal(t, muster.SLAStanding{Name: muster.SLAResponse, State: muster.SLAPaused, Due: minutes(320), PausedAt: minutes(230)}, c.standing(tk.ID, muster.SLAResponse))
	c.clock.Set(minutes(530))
	c.due(tk.ID)
	require.Equal(t, minutes(620), due(muster.SLAResponse), "the pause isn't ours")
	require.Equal(t, muster.SLAStanding{Name: muster.SLAResponse, State: muster.SLARuns, Due: minutes(620), Original: minutes(320)}, c.standing(tk.ID, muster.SLAResponse))

	c.clock.Set(minutes(540))
	_, err = c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: tk.ID, Needs: tk.Needs, Priority: muster.PriorityHigh})
	require.NoError(t, err)
	require.Equal(t, minutes(560), due(muster.SLAResponse), "60 minutes under warranty, of which 40 were used")
	c.clock.Set(minutes(575))
	require.Equal(t, muster.Minutes(15), c.standing(tk.ID, muster.SLAResponse).MissedBy)

	c.clock.Set(minutes(600))
	complete()
	c.clock.Advance(time.Duration(muster.DefaultPolicy().WarrantyDays+1) * 24 * time.Hour)
	reopen()
	now := c.clock.Now()
	require.False(t, c.load(tk.ID).Ticket.Warranty)
	require.Equal(t, now.Add(muster.DefaultPolicy().Due[muster.PriorityHigh].Duration()), due(muster.SLAResponse), "the warranty is over")
	c.sound()
}

// standing is how one of a ticket's clocks is shown.
func (c *company) standing(t muster.TicketID, name muster.SLAName) muster.SLAStanding {
	c.Helper()
	m, err := c.dispatch.Match(c.ctx, dispatch.TicketRef{ID: t})
	require.NoError(c, err)
	for _, s := range m.Clocks {
		if s.Name == name {
			return s
		}
	}
	require.Fail(c, "no such clock", name)
	return muster.SLAStanding{}
}
