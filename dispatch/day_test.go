package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestADispatchersDay is one Monday of a small company: somebody is sick, three don't set off, and a refrigerator takes
// two visits. At its end every customer was served or is with a person, and nothing is lost.
func TestADispatchersDay(t *testing.T) {
	c := newCompany(t)
	at := func(hour, minute int) time.Time { // in Boston
		return monday.Add(time.Duration(hour-8)*time.Hour + time.Duration(minute)*time.Minute)
	}
	gasToo := []muster.Competence{{Skill: fridges, Level: 3}, {Skill: gas, Level: 3, Expires: monday.AddDate(1, 0, 0), Evidence: "licence 4711"}}
	li, kim, max, ron := c.expert("li", 3, gasToo...), c.expert("kim", 4), c.expert("max", 5), c.expert("ron", 6)
	c.expert("eva", 2) // has nothing to do yet

	// 8:00. The day as it was planned.
	fridge := c.at(li.ID, at(13, 0))
	boiler := c.at(li.ID, at(15, 0), func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: gas, Level: 2}} })
	kims, maxs, rons := c.at(kim.ID, at(10, 0)), c.at(max.ID, at(10, 0)), c.at(ron.ID, at(10, 0))

	// 8:10. Li calls in sick. Dana looks at what that means before she says so, and it comes as she was shown.
	c.pass(at(8, 10))
	sick := dispatch.SickRequest{Expert: li.ID}
	shown, err := c.dispatch.SickPlan(c.ctx, dispatcher, sick)
	require.NoError(t, err)
	done, err := c.dispatch.Sick(c.ctx, c.as(dispatcher), sick)
	require.NoError(t, err)
	for _, report := range []dispatch.SickReport{shown, done} {
		require.Len(t, report.Visits, 2)
		require.Equal(t, []dispatch.MoveKind{dispatch.MoveGiven, dispatch.MoveCall}, []dispatch.MoveKind{report.Visits[0].Do, report.Visits[1].Do})
	}
	instead := c.load(fridge.Ticket.ID)
	require.Equal(t, fridge.Visit.Window, instead.Visits[0].Window, "the customer's window is kept")
	require.NotEqual(t, []muster.ExpertID{li.ID}, instead.Ticket.Visit.Experts)
	require.Equal(t, "queued", c.shown(boiler.Ticket.ID), "nobody else may touch gas")
	calls := c.callTasks(boiler.Ticket.ID)
	require.Len(t, calls, 1, "never a silent move: somebody calls the customer")

	// 8:20. Dana calls: Wednesday is fine too, when Li is back.
	_, err = c.dispatch.ContactException(c.ctx, c.as(dispatcher), dispatch.ContactRequest{
		ExceptionRequest: dispatch.ExceptionRequest{Ticket: boiler.Ticket.ID, Kind: muster.ExceptionCall}, Whom: "customer", How: "phone", Result: "reached", Note: "Wednesday at 10 is fine",
	})
	require.NoError(t, err)
	_, err = c.dispatch.SettleException(c.ctx, c.as(dispatcher), dispatch.ExceptionRequest{Ticket: boiler.Ticket.ID, Kind: muster.ExceptionCall})
	require.NoError(t, err)
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: boiler.Ticket.ID, Expert: li.ID, Start: at(10, 0).AddDate(0, 0, 2),
		Overrides: []muster.ReasonCode{muster.AfterWindow}, Why: "agreed on the phone",
	})
	require.NoError(t, err)
	require.Equal(t, at(10, 0).AddDate(0, 0, 2), c.load(boiler.Ticket.ID).Ticket.Promised.Start, "that is promised now")

	// 10:00. Three should have left. All are asked; only Max answers.
	leave := leaveBy(c.load(maxs.Ticket.ID).Ticket)
	c.pass(leave.Add(2 * time.Minute))
	for _, a := range []dispatch.Answer{kims, maxs, rons} {
		require.False(t, c.load(a.Ticket.ID).Visits[0].AskedAt.IsZero(), "their phone is asked")
	}
	_, err = c.dispatch.AnswerVisit(c.ctx, c.as(actorOf(max.ID)), dispatch.ComingRequest{Visit: maxs.Visit.ID, Coming: true})
	require.NoError(t, err)

	// A few minutes later silence is put before Dana. She reaches Ron, whose phone has no signal, and takes that on.
	c.pass(leave.Add(7 * time.Minute))
	require.Len(t, c.of(kims.Ticket.ID, muster.ExceptionLateToLeave), 1)
	require.Empty(t, c.of(maxs.Ticket.ID, muster.ExceptionLateToLeave))
	late := dispatch.ExceptionRequest{Ticket: rons.Ticket.ID, Kind: muster.ExceptionLateToLeave}
	_, err = c.dispatch.TakeException(c.ctx, c.as(dispatcher), late)
	require.NoError(t, err)

	// Kim left no trace: somebody else still makes the window, and goes.
	c.pass(leave.Add(17 * time.Minute))
	replaced := c.load(kims.Ticket.ID)
	require.NotContains(t, replaced.Ticket.Visit.Experts, kim.ID)
	require.Equal(t, kims.Visit.Window, replaced.Visits[0].Window)
	require.Equal(t, []muster.ExpertID{ron.ID}, c.load(rons.Ticket.ID).Ticket.Visit.Experts, "a person sees to Ron: nobody takes his visit")

	// Ron's phone has signal again: he left when he should have. Both times are kept, and the alarm is over.
	_, err = c.dispatch.Depart(c.ctx, c.as(actorOf(ron.ID)), dispatch.VisitRequest{Visit: rons.Visit.ID, At: leave.Add(-3 * time.Minute)})
	require.NoError(t, err)
	way := c.load(rons.Ticket.ID)
	require.Empty(t, way.Ticket.Exceptions)
	require.Equal(t, leave.Add(-3*time.Minute), way.Visits[0].Reports[0].Happened)
	require.True(t, way.Visits[0].Reports[0].Received.After(leave))

	// Max goes, and finds that a part is needed.
	c.under(maxs.Visit.ID, max.ID, muster.VisitInProgress)
	_, err = c.dispatch.End(c.ctx, c.as(actorOf(max.ID)), dispatch.EndRequest{Visit: maxs.Visit.ID, Outcome: muster.PartNeeded, Carry: []string{"compressor"}})
	require.NoError(t, err)
	repair := maxs.Ticket.ID
	c.part(c.order, repair, "compressor", at(12, 0).AddDate(0, 0, 3))
	require.Equal(t, "waiting", c.shown(repair))
	c.part(c.there, repair, "compressor", time.Time{}) // two days early
	require.Equal(t, "queued", c.shown(repair), "an earlier part wakes the ticket")
	require.Equal(t, max.ID, c.load(repair).Ticket.Prefer, "who began it should end it")
	c.fix(rons, ron.ID)
	c.fix(dispatch.Answer{Ticket: kims.Ticket, Visit: kims.Visit}, replaced.Ticket.Visit.Experts[0])
	c.fix(dispatch.Answer{Ticket: fridge.Ticket, Visit: fridge.Visit}, instead.Ticket.Visit.Experts[0])

	// The second visit, and a day later all is resolved but the boiler, which Li has on Wednesday.
	again, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: repair, Expert: max.ID})
	require.NoError(t, err)
	require.Equal(t, 2, again.Visit.N)
	c.fix(again, max.ID)
	c.pass(c.clock.Now().Add(25 * time.Hour))
	for _, id := range []muster.TicketID{repair, fridge.Ticket.ID, kims.Ticket.ID, rons.Ticket.ID} {
		require.Equal(t, "resolved", c.shown(id))
	}
	require.Equal(t, "assigned", c.shown(boiler.Ticket.ID))
	c.sound()
}

// pass lets time pass, with workers that sweep and servers that take answers.
func (c *company) pass(to time.Time) {
	c.Helper()
	for c.clock.Now().Before(to) {
		for range 4 {
			c.clock.Advance(15 * time.Second)
			require.NoError(c, c.dispatch.Reachable(c.ctx))
		}
		c.sweep()
	}
}

// fix takes a visit from wherever it is to its end.
func (c *company) fix(a dispatch.Answer, by muster.ExpertID) {
	c.Helper()
	v := c.load(a.Ticket.ID).Visits[a.Visit.N-1]
	for _, step := range []struct {
		in muster.VisitState
		do func(*dispatch.Dispatch) error
	}{
		{muster.VisitAssigned, func(d *dispatch.Dispatch) error {
			_, err := d.Depart(c.ctx, c.as(actorOf(by)), dispatch.VisitRequest{Visit: v.ID})
			return err
		}},
		{muster.VisitEnRoute, func(d *dispatch.Dispatch) error {
			_, err := d.Arrive(c.ctx, c.as(actorOf(by)), dispatch.VisitRequest{Visit: v.ID})
			return err
		}},
		{muster.VisitArrived, func(d *dispatch.Dispatch) error {
			_, err := d.Start(c.ctx, c.as(actorOf(by)), dispatch.VisitRequest{Visit: v.ID})
			return err
		}},
		{muster.VisitInProgress, func(d *dispatch.Dispatch) error {
			_, err := d.End(c.ctx, c.as(actorOf(by)), dispatch.EndRequest{Visit: v.ID, Outcome: muster.Fixed})
			return err
		}},
	} {
		if c.load(a.Ticket.ID).Visits[a.Visit.N-1].State == step.in {
			require.NoError(c, step.do(c.dispatch))
		}
	}
}
