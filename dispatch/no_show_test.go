package dispatch_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// morning is a ticket assigned to li, whose visit can be taken over by kim; the answer is how it was assigned.
func (c *company) morning() (muster.TicketID, dispatch.Answer) {
	c.Helper()
	li := c.expert("li", 3)
	c.expert("kim", 5)
	a := c.assign(c.submit().ID, li.ID)
	return a.Ticket.ID, a
}

// until moves the clock to an instant, a minute at a time, with the timers of the ticket ringing as they are due. On duty
// means that answers can reach us.
// jumped is a store whose clock has been set a day ahead.
type jumped struct{ graph.Store }

func (j jumped) Now(ctx context.Context) (time.Time, error) {
	now, err := j.Store.Now(ctx)
	return now.Add(24 * time.Hour), err
}

// TestAStoresClockThatJumpsHidesNoBreak: what is written of it can't be taken back, and would be believed for a day.
func TestAStoresClockThatJumpsHidesNoBreak(t *testing.T) {
	c := newCompany(t)
	require.NoError(t, c.dispatch.Reachable(c.ctx))
	require.NoError(t, dispatch.New(jumped{c.store}, c.clock).Reachable(c.ctx))
	for _, cursor := range []string{"reach/seen", "reach/since"} {
		at, err := c.store.Cursor(c.ctx, cursor)
		require.NoError(t, err)
		require.Equal(t, c.clock.Now().UnixMicro(), at, cursor)
	}
}

func (c *company) until(t muster.TicketID, to time.Time, onDuty bool) {
	c.Helper()
	for c.clock.Now().Before(to) {
		for range 4 {
			c.clock.Advance(15 * time.Second)
			if onDuty {
				require.NoError(c, c.dispatch.Reachable(c.ctx))
			}
		}
		c.due(t)
	}
}

// leaveBy is when the first of a visit's timers rings.
func leaveBy(t muster.Ticket) time.Time { return t.Timers[muster.TimerDepart] }

// of lists a ticket's exceptions of a kind.
func (c *company) of(t muster.TicketID, kind muster.ExceptionKind) (out []muster.Exception) {
	c.Helper()
	for _, e := range c.exceptions(t) {
		if e.Kind == kind {
			out = append(out, e)
		}
	}
	return out
}

func TestWhoDoesNotLeaveIsAskedThenPutBeforeAPersonThenReplaced(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	leave := leaveBy(a.Ticket)
	require.Equal(t, c.tours()[0].Stops[0].Depart, leave, "the latest leaving time of the tour")
	c.until(id, leave.Add(-time.Minute), true)
	require.Zero(t, c.load(id).Visits[0].AskedAt)

	c.until(id, leave.Add(time.Minute), true)
	k := c.load(id)
	require.False(t, k.Visits[0].AskedAt.IsZero(), "the phone is asked")
	require.Empty(t, k.Ticket.Exceptions, "nothing else follows from silence")

	c.until(id, leave.Add(7*time.Minute), true)
	k = c.load(id)
	require.Equal(t, muster.ExceptionLateToLeave, k.Ticket.Exceptions[0].Kind)
	require.Equal(t, muster.ExpertID("exp_li"), k.Ticket.Visit.Experts[0], "a person first")

	c.until(id, leave.Add(14*time.Minute), true)
	k = c.load(id)
	require.Equal(t, []muster.ExpertID{"exp_kim"}, k.Ticket.Visit.Experts)
	require.True(t, a.Visit.Window.Contains(k.Visits[0].Start), "within the promised window")
	require.Equal(t, a.Visit.Window, k.Visits[0].Window)
	require.Empty(t, k.Ticket.Exceptions)
	require.Contains(t, k.Assignments[0].Reason, "neither left")
	c.sound()
}

func TestNobodyIsReplacedWhoLeftOrAnsweredOrIsLookedAfter(t *testing.T) {
	for name, does := range map[string]func(*company, muster.TicketID, muster.VisitID){
		"left": func(c *company, _ muster.TicketID, v muster.VisitID) {
			_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: v})
			require.NoError(c, err)
		},
		"is coming": func(c *company, _ muster.TicketID, v muster.VisitID) {
			_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{Visit: v, Coming: true})
			require.NoError(c, err)
		},
		"can't come": func(c *company, t muster.TicketID, v muster.VisitID) {
			_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{Visit: v})
			require.NoError(c, err)
			require.Equal(c, muster.ExceptionLateToLeave, c.exceptions(t)[0].Kind)
		},
		"a dispatcher has taken it": func(c *company, t muster.TicketID, _ muster.VisitID) {
			_, err := c.dispatch.TakeException(c.ctx, c.as(dispatcher), dispatch.ExceptionRequest{Ticket: t, Kind: muster.ExceptionLateToLeave})
			require.NoError(c, err)
		},
		"a dispatcher has settled it": func(c *company, t muster.TicketID, _ muster.VisitID) {
			_, err := c.dispatch.SettleException(c.ctx, c.as(dispatcher), dispatch.ExceptionRequest{Ticket: t, Kind: muster.ExceptionLateToLeave})
			require.NoError(c, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			id, a := c.morning()
			c.until(id, leaveBy(a.Ticket).Add(8*time.Minute), true)
			require.Len(t, c.exceptions(id), 1)
			does(c, id, a.Visit.ID)
			c.until(id, c.clock.Now().Add(10*time.Minute), true)
			require.Equal(t, []muster.ExpertID{"exp_li"}, c.load(id).Ticket.Visit.Experts)
			c.sound()
		})
	}
}

// While nothing could reach us nobody can have answered: half an hour of it moves every deadline by at least as much, and
// costs nobody their visit.
func TestTimeInWhichAnswersCouldNotReachUsCountsForNobody(t *testing.T) {
	for n := range 6 {
		at := []time.Duration{-time.Minute, time.Minute, 8 * time.Minute}[n/2] // before the question, the alarm, the replacement
		c := newCompany(t)
		id, a := c.morning()
		c.until(id, leaveBy(a.Ticket).Add(at), true)
		before := c.load(id)
		c.clock.Advance(30 * time.Minute) // everything is down
		if n%2 == 0 {
			c.due(id) // a worker is up first
		}
		require.NoError(t, c.dispatch.Reachable(c.ctx))
		c.until(id, c.clock.Now().Add(4*time.Minute), true)
		k := c.load(id)
		require.Equal(t, before.Ticket.Rev, k.Ticket.Rev, "at %s nothing happens before the phones had their time", at)
		require.Equal(t, []muster.ExpertID{"exp_li"}, k.Ticket.Visit.Experts)
		_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID, At: leaveBy(a.Ticket)})
		require.NoError(t, err)
		c.until(id, c.clock.Now().Add(20*time.Minute), true)
		k = c.load(id)
		require.Equal(t, muster.VisitEnRoute, k.Visits[0].State)
		require.Empty(t, k.Ticket.Exceptions)
		c.sound()
	}
}

// With the workers up and nothing that takes answers, no deadline of a question passes however long it lasts.
func TestWorkersAloneAskForNothing(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	c.until(id, leaveBy(a.Ticket).Add(8*time.Minute), true)
	require.Len(t, c.exceptions(id), 1)
	c.until(id, a.Visit.Window.End.Add(-20*time.Minute), false)
	require.Equal(t, []muster.ExpertID{"exp_li"}, c.load(id).Ticket.Visit.Experts)
}

func TestAStepThatIsToldLateKeepsBothTimes(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	leave := leaveBy(a.Ticket)
	c.until(id, leave.Add(8*time.Minute), true)
	require.Len(t, c.exceptions(id), 1)
	left, there := leave.Add(-2*time.Minute), leave.Add(5*time.Minute)
	_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID, At: left})
	require.NoError(t, err)
	_, err = c.dispatch.Arrive(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID, At: there})
	require.NoError(t, err)
	now := c.clock.Now()
	_, err = c.dispatch.Start(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID, At: now.Add(time.Hour)})
	require.NoError(t, err)
	k := c.load(id)
	v := k.Visits[0]
	require.Equal(t, []time.Time{left, there, now}, []time.Time{v.DepartedAt, v.ArrivedAt, v.StartedAt}, "none is ahead of our clock")
	require.Equal(t, []muster.Report{
		{State: muster.VisitEnRoute, Expert: "exp_li", Happened: left, Received: now}, {State: muster.VisitArrived, Expert: "exp_li", Happened: there, Received: now},
		{State: muster.VisitInProgress, Expert: "exp_li", Happened: now.Add(time.Hour), Received: now},
	}, v.Reports)
	require.Empty(t, k.Ticket.Exceptions, "the alarm is closed")
	c.sound()
}

// Two were sent, because the first one's phone was away: whoever is further keeps the visit.
func TestOfTwoThatWereSentWhoeverHasStartedKeepsIt(t *testing.T) {
	li, kim := actorOf("exp_li"), actorOf("exp_kim")
	sent := func(t *testing.T) (*company, muster.TicketID, dispatch.VisitRequest) {
		c := newCompany(t)
		id, a := c.morning()
		c.until(id, leaveBy(a.Ticket).Add(14*time.Minute), true)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, c.load(id).Ticket.Visit.Experts)
		return c, id, dispatch.VisitRequest{Visit: a.Visit.ID, At: leaveBy(a.Ticket)}
	}
	t.Run("the first had left, the second has not", func(t *testing.T) {
		c, id, visit := sent(t)
		_, err := c.dispatch.Depart(c.ctx, c.as(li), visit)
		require.NoError(t, err)
		k := c.load(id)
		require.Equal(t, []muster.ExpertID{"exp_li"}, k.Ticket.Visit.Experts)
		require.Equal(t, muster.VisitEnRoute, k.Visits[0].State)
		require.Equal(t, visit.At, k.Visits[0].DepartedAt)
		require.Contains(t, k.Assignments[1].Reason, "li was further")
		_, err = c.dispatch.Depart(c.ctx, c.as(kim), dispatch.VisitRequest{Visit: visit.Visit})
		require.Equal(t, muster.CodeState, muster.CodeOf(err), "neither is further, and kim hears so")
		_, err = c.dispatch.Depart(c.ctx, c.as(kim), visit)
		require.NoError(t, err)
		require.Equal(t, []muster.ExpertID{"exp_li"}, c.load(id).Ticket.Visit.Experts, "neither is further")
		require.Contains(t, c.callTasks(id)[0].Next, "two experts were sent")
		_, err = c.dispatch.Arrive(c.ctx, c.as(kim), visit)
		require.NoError(t, err, "kim's phone was away too: there beats on the way")
		require.Equal(t, []muster.ExpertID{"exp_kim"}, c.load(id).Ticket.Visit.Experts)
		c.sound()
	})
	t.Run("both are on the way, the first is there", func(t *testing.T) {
		c, id, visit := sent(t)
		_, err := c.dispatch.Depart(c.ctx, c.as(kim), dispatch.VisitRequest{Visit: visit.Visit})
		require.NoError(t, err)
		_, err = c.dispatch.Depart(c.ctx, c.as(li), visit)
		require.NoError(t, err)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, c.load(id).Ticket.Visit.Experts, "neither is further")
		require.Contains(t, c.callTasks(id)[0].Next, "two experts were sent")
		there := dispatch.VisitRequest{Visit: visit.Visit, At: visit.At.Add(5 * time.Minute)}
		_, err = c.dispatch.Arrive(c.ctx, c.as(li), there)
		require.NoError(t, err)
		k := c.load(id)
		require.Equal(t, []muster.ExpertID{"exp_li"}, k.Ticket.Visit.Experts)
		require.Equal(t, muster.VisitArrived, k.Visits[0].State)
		require.Equal(t, []time.Time{visit.At, there.At}, []time.Time{k.Visits[0].DepartedAt, k.Visits[0].ArrivedAt}, "li's own times")
		require.Empty(t, c.callTasks(id), "who stays is decided")
		c.sound()
	})
	t.Run("the second is at work", func(t *testing.T) {
		c, id, visit := sent(t)
		c.under(visit.Visit, "exp_kim", muster.VisitInProgress)
		_, err := c.dispatch.Arrive(c.ctx, c.as(li), dispatch.VisitRequest{Visit: visit.Visit})
		require.Equal(t, muster.CodeState, muster.CodeOf(err), "li hears so")
		require.Empty(t, c.callTasks(id))
		_, err = c.dispatch.Arrive(c.ctx, c.as(li), visit)
		require.NoError(t, err)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, c.load(id).Ticket.Visit.Experts)
		require.Contains(t, c.callTasks(id)[0].Next, "two experts were sent")
		c.sound()
	})
	t.Run("what a person took is not taken back", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: "exp_kim"})
		require.NoError(t, err)
		_, err = c.dispatch.Depart(c.ctx, c.as(li), dispatch.VisitRequest{Visit: a.Visit.ID})
		require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	})
	t.Run("a person sent the second, when the first had left", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		c.until(id, leaveBy(a.Ticket).Add(7*time.Minute), true)
		_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: "exp_kim"})
		require.NoError(t, err)
		_, err = c.dispatch.Depart(c.ctx, c.as(li), dispatch.VisitRequest{Visit: a.Visit.ID, At: leaveBy(a.Ticket)})
		require.NoError(t, err)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, c.load(id).Ticket.Visit.Experts, "who stays is for a person to say")
		require.Contains(t, c.callTasks(id)[0].Next, "two experts were sent")
		c.sound()
	})
	t.Run("a person took it from the first, and it was taken from the second", func(t *testing.T) {
		c := newCompany(t)
		id, a := c.morning()
		_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: "exp_kim"})
		require.NoError(t, err)
		c.until(id, leaveBy(c.load(id).Ticket).Add(14*time.Minute), true)
		require.Equal(t, []muster.ExpertID{"exp_li"}, c.load(id).Ticket.Visit.Experts, "li is free")
		zoe := c.expert("zoe", 2)
		_, err = c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: zoe.ID, Start: a.Visit.Start.Add(time.Hour)})
		require.NoError(t, err)
		c.until(id, leaveBy(c.load(id).Ticket).Add(14*time.Minute), true)
		require.NotEqual(t, zoe.ID, c.load(id).Ticket.Visit.Experts[0])
		other := li
		if c.load(id).Ticket.Visit.Experts[0] == "exp_li" {
			other = kim
		}
		_, err = c.dispatch.Depart(c.ctx, c.as(other), dispatch.VisitRequest{Visit: a.Visit.ID})
		require.Equal(t, muster.CodeForbidden, muster.CodeOf(err), "a person took it from them")
	})
}

func TestAnAnswerBindsUntilTheTimeThatItNames(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	c.until(id, leaveBy(a.Ticket).Add(2*time.Minute), true)
	late := a.Visit.Window.End.Add(10 * time.Minute)
	_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true, At: late})
	require.NoError(t, err)
	require.Equal(t, muster.ExceptionPredicted, c.exceptions(id)[0].Kind, "later than promised: the customer is told by a person")
	c.until(id, late.Add(-time.Minute), true)
	require.Empty(t, c.of(id, muster.ExceptionLateToLeave))
	c.until(id, late.Add(2*time.Minute), true)
	k := c.load(id)
	require.Len(t, c.of(id, muster.ExceptionLateToLeave), 1)
	require.Equal(t, []muster.ExpertID{"exp_li"}, k.Ticket.Visit.Experts)

	_, err = c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_kim")), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true})
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	c.sound()
}

func TestAVisitThatShouldBeOverAndIsNotHeardOfIsUnknown(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	c.until(id, leaveBy(a.Ticket), true)
	_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID})
	require.NoError(t, err)
	c.until(id, a.Visit.End.Add(2*time.Minute), true)
	told := c.of(id, muster.ExceptionUnknown)
	require.Len(t, told, 1)
	require.Equal(t, []muster.ExpertID{"exp_li"}, c.load(id).Ticket.Visit.Experts, "after departure only a person reassigns")
	c.until(id, a.Visit.End.Add(3*time.Hour), true)
	require.Equal(t, told, c.of(id, muster.ExceptionUnknown), "told once")
	_, err = c.dispatch.Arrive(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID})
	require.NoError(t, err)
	require.Empty(t, c.of(id, muster.ExceptionUnknown))
}

func TestAPhoneWithAWrongClockTellsNothingBeforeItsStepCouldBe(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	c.until(id, leaveBy(a.Ticket), true)
	wrong := dispatch.VisitRequest{Visit: a.Visit.ID, At: monday.AddDate(-1, 0, 0)}
	_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), wrong)
	require.NoError(t, err, "a step is never refused for its time")
	v := c.load(id).Visits[0]
	require.Equal(t, a.Assignments[0].At, v.DepartedAt, "not before it was given to them")
	require.Equal(t, wrong.At, v.Reports[0].Happened)
}

// A visit that nobody left for and that a person has settled comes back: nothing rests until somebody has done something.
func TestAVisitThatNobodyLeftForComesBack(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_li")), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: false})
	require.NoError(t, err)
	c.clock.Advance(30 * 24 * time.Hour) // after all that is due for it
	for range 3 {
		c.reachable(c.clock.Now().Add(2*time.Hour), id)
		require.NotEmpty(t, c.exceptions(id))
		for _, e := range c.exceptions(id) {
			_, err := c.dispatch.SettleException(c.ctx, c.as(dispatcher), dispatch.ExceptionRequest{Ticket: id, Kind: e.Kind, Visit: e.Visit})
			require.NoError(t, err)
		}
	}
	require.Equal(t, "assigned", c.shown(id))
}

// Of the steps of the one who was replaced only the last may have reached us: at work is there.
func TestWhoeverHasStartedIsThere(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	c.until(id, leaveBy(a.Ticket).Add(14*time.Minute), true)
	_, err := c.dispatch.Start(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID})
	require.NoError(t, err)
	k := c.load(id)
	require.Equal(t, []muster.ExpertID{"exp_li"}, k.Ticket.Visit.Experts)
	require.Equal(t, c.clock.Now(), k.Visits[0].ArrivedAt)
	require.Nil(t, k.Ticket.Promised, "it is kept")
	require.Equal(t, c.clock.Now(), k.Ticket.Clock(muster.SLAResponse).EndedAt)
	c.sound()
}

// crew is a ticket for two that li and kim have.
func (c *company) crew() dispatch.Answer {
	c.Helper()
	c.expert("li", 3)
	c.expert("kim", 5)
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = 2 })
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: tk.ID, Expert: "exp_li", Second: "exp_kim"})
	require.NoError(c, err)
	return a
}

// TestEachOfACrewIsWatched: that one of them comes says nothing about the other, who is put before a person.
func TestEachOfACrewIsWatched(t *testing.T) {
	says := func(c *company, a dispatch.Answer, e muster.ExpertID, coming bool) {
		c.Helper()
		_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf(e)), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: coming})
		require.NoError(c, err)
	}
	for name, heard := range map[string]func(*company, dispatch.Answer){
		"answers": func(c *company, a dispatch.Answer) { says(c, a, "exp_li", true) },
		"leaves": func(c *company, a dispatch.Answer) {
			_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID})
			require.NoError(c, err)
		},
	} {
		for _, before := range []time.Duration{-time.Minute, 2 * time.Minute, 7 * time.Minute} {
			t.Run(fmt.Sprintf("%s %s after the leaving time", name, before), func(t *testing.T) {
				c := newCompany(t)
				a := c.crew()
				id, leave := a.Ticket.ID, leaveBy(a.Ticket)
				c.until(id, leave.Add(before), true)
				heard(c, a)
				c.sound()
				c.until(id, leave.Add(9*time.Minute), true)
				alarms := c.of(id, muster.ExceptionLateToLeave)
				require.Len(t, alarms, 1)
				require.Contains(t, alarms[0].Note, "exp_kim")
				if before < 7*time.Minute {
					require.NotContains(t, alarms[0].Note, "exp_li")
				}
				c.sound()
				if name == "leaves" {
					_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_kim")), dispatch.VisitRequest{Visit: a.Visit.ID})
					require.NoError(t, err)
					require.Equal(t, "en_route", c.shown(id))
				} else {
					says(c, a, "exp_kim", true)
				}
				require.Empty(t, c.of(id, muster.ExceptionLateToLeave))
				c.sound()
			})
		}
	}
	t.Run("one can't come", func(t *testing.T) {
		c := newCompany(t)
		a := c.crew()
		c.until(a.Ticket.ID, leaveBy(a.Ticket).Add(2*time.Minute), true)
		says(c, a, "exp_kim", false)
		says(c, a, "exp_li", true)
		require.Len(t, c.of(a.Ticket.ID, muster.ExceptionLateToLeave), 1, "kim still can't")
		_, err := c.dispatch.Depart(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID})
		require.NoError(t, err)
		require.Len(t, c.of(a.Ticket.ID, muster.ExceptionLateToLeave), 1)
		c.sound()
	})
	t.Run("a dispatcher speaks for both", func(t *testing.T) {
		c := newCompany(t)
		a := c.crew()
		c.until(a.Ticket.ID, leaveBy(a.Ticket).Add(7*time.Minute), true)
		_, err := c.dispatch.AnswerVisit(c.ctx, c.as(dispatcher), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true})
		require.NoError(t, err)
		require.Empty(t, c.of(a.Ticket.ID, muster.ExceptionLateToLeave))
		c.sound()
	})
}
