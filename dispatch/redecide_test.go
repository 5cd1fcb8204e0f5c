package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// sweep does what is due, as a worker would.
func (c *company) sweep() {
	c.Helper()
	for _, lane := range muster.Lanes() {
		shards, err := c.store.DueShards(c.ctx, lane, c.clock.Now())
		require.NoError(c, err)
		for _, shard := range shards {
			wakes, err := c.store.ClaimDue(c.ctx, lane, shard.Shard, c.clock.Now(), c.clock.Now().Add(time.Minute), 200)
			require.NoError(c, err)
			for _, w := range wakes {
				if w.Kind == muster.KindRegion {
					continue
				}
				_, err := c.dispatch.Due(c.ctx, w)
				require.NoError(c, err)
			}
		}
	}
}

func (c *company) callTasks(t muster.TicketID) []muster.Exception {
	var out []muster.Exception
	for _, e := range c.load(t).Ticket.Exceptions {
		if e.Kind == muster.ExceptionCall {
			out = append(out, e)
		}
	}
	return out
}

// at assigns a new ticket at a start.
func (c *company) at(e muster.ExpertID, start time.Time, edit ...func(*dispatch.SubmitRequest)) dispatch.Answer {
	c.Helper()
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: c.submit(edit...).ID, Expert: e, Start: start})
	require.NoError(c, err)
	return a
}

// Whatever changes about an expert, one sweep later nobody counts on them for what they can't do any more, and the
// customer's window stands, or a person calls.
func TestAChangedExpertIsRedecidedWithinOneSweep(t *testing.T) {
	noon := monday.Add(4 * time.Hour)
	for name, change := range map[string]func(*company, muster.Expert){
		"goes on leave": func(c *company, e muster.Expert) {
			_, err := c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{Expert: e.ID, Leave: muster.Leave{
				Window: muster.Window{Start: noon.Add(-time.Hour), End: noon.Add(48 * time.Hour)}, Kind: "holiday",
			}})
			require.NoError(c, err)
		},
		"works other hours": func(c *company, e muster.Expert) {
			_, err := c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: e.ID})
			require.NoError(c, err)
		},
		"loses the skill": func(c *company, e muster.Expert) {
			e.Skills, e.Rev = nil, 0
			_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
			require.NoError(c, err)
		},
		"has a level less": func(c *company, e muster.Expert) {
			e.Skills, e.Rev = []muster.Competence{{Skill: fridges, Level: 1}}, 0
			_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
			require.NoError(c, err)
		},
		"leaves tomorrow": func(c *company, e muster.Expert) {
			_, err := c.dispatch.ExpertLeaves(c.ctx, c.as(admin), dispatch.LeavesRequest{Expert: e.ID, From: noon.Add(-time.Hour)})
			require.NoError(c, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li, kim := c.expert("li", 3), c.expert("kim", 4)
			first, second := c.at(li.ID, noon), c.at(li.ID, noon.Add(24*time.Hour))
			asked := c.offer(c.submit().ID, li.ID)
			change(c, li)
			c.sweep()
			for _, a := range []dispatch.Answer{first, second} {
				k := c.load(a.Ticket.ID)
				require.Equal(t, "assigned", k.Ticket.Shown())
				require.Equal(t, []muster.ExpertID{kim.ID}, k.Ticket.Visit.Experts)
				require.Equal(t, a.Visit.Window, k.Visits[0].Window, "the promise stands")
				require.True(t, a.Visit.Window.Contains(k.Ticket.Visit.Start))
				require.Empty(t, k.Ticket.Exceptions)
				require.NotEmpty(t, k.Assignments[0].Reason)
			}
			k := c.load(asked.Ticket.ID)
			if name == "goes on leave" || name == "leaves tomorrow" {
				require.Equal(t, "offered", k.Ticket.Shown(), "that was before")
			} else {
				require.Equal(t, "queued", k.Ticket.Shown(), "nobody waits for their answer")
			}
			require.Empty(t, k.Ticket.Exceptions)
			c.sound()
			e, err := c.store.ExpertCase(c.ctx, "", li.ID, monday)
			require.NoError(t, err)
			require.NotContains(t, e.Expert.Timers, muster.TimerRedecide, "it has been seen to")
			rev := e.Expert.Rev
			c.clock.Advance(15 * time.Second)
			c.sweep()
			e, err = c.store.ExpertCase(c.ctx, "", li.ID, monday)
			require.NoError(t, err)
			require.Equal(t, rev, e.Expert.Rev)
		})
	}
}

// Nobody else fits: the customer's window is never moved silently.
func TestAPromiseThatNobodyCanKeepIsACall(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.at(li.ID, monday.Add(4*time.Hour))
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: li.ID})
	require.NoError(t, err)
	c.sweep()
	k := c.load(a.Ticket.ID)
	require.Equal(t, "queued", k.Ticket.Shown())
	require.Equal(t, []muster.Window{a.Visit.Window}, k.Ticket.Windows, "the promise is its wish")
	calls := c.callTasks(a.Ticket.ID)
	require.Len(t, calls, 1)
	require.Contains(t, calls[0].Note, "12:00")
	require.Equal(t, a.Visit.ID, calls[0].Visit)
	c.sound()

	// Somebody new can come then: the round keeps the promise, the call task stays until a person has made it.
	kim := c.expert("kim", 5)
	_, err = c.dispatch.Round(c.ctx, k.Ticket.Region)
	require.NoError(t, err)
	k = c.load(a.Ticket.ID)
	require.Equal(t, []muster.ExpertID{kim.ID}, k.Ticket.Visit.Experts)
	require.True(t, a.Visit.Window.Contains(k.Ticket.Visit.Start))
	require.Len(t, c.callTasks(a.Ticket.ID), 1)
	c.sound()
}

// A window that we promised and can't keep stays a wish, but moves nothing that is due: the customer didn't choose it.
func TestAWindowOfOursMovesNothingThatIsDue(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.at(li.ID, friday.Start.Add(time.Hour))
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: li.ID})
	require.NoError(t, err)
	c.sweep()
	require.Equal(t, []muster.Window{a.Visit.Window}, c.load(a.Ticket.ID).Ticket.Windows)
	urgent, err := c.dispatch.Triage(c.ctx, c.as(dispatcher), dispatch.TriageRequest{
		Ticket: a.Ticket.ID, Priority: muster.PriorityHigh, Needs: a.Ticket.Needs,
	})
	require.NoError(t, err)
	require.Equal(t, urgent.Ticket.Clock(muster.SLAResponse).Original, urgent.Ticket.DueAt)
	require.True(t, urgent.Ticket.DueAt.Before(friday.Start))

	theirs := c.choose(helpdesk, a.Ticket.ID, a.Visit.Window)
	require.Equal(t, a.Visit.Window.End, theirs.DueAt, "now they choose it")
	c.sound()
}

// Who can come later within the window keeps the visit.
func TestAShortAbsenceMovesAVisitWithinItsWindow(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	window := muster.Window{Start: monday.Add(2 * time.Hour), End: monday.Add(6 * time.Hour)}
	a := c.at(li.ID, window.Start, func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{window} })
	_, err := c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{
		Window: muster.Window{Start: window.Start.Add(-time.Hour), End: window.Start.Add(time.Hour)},
	}})
	require.NoError(t, err)
	c.sweep()
	k := c.load(a.Ticket.ID)
	require.Equal(t, []muster.ExpertID{li.ID}, k.Ticket.Visit.Experts)
	require.False(t, k.Ticket.Visit.Start.Before(window.Start.Add(time.Hour)))
	require.Equal(t, window, k.Visits[0].Window)
	c.sound()
}

// After departure only a person moves a visit.
func TestAnExpertOnTheWayIsAskedByAPerson(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	c.expert("kim", 4)
	a := c.at(li.ID, monday.Add(time.Hour))
	c.under(a.Visit.ID, li.ID, muster.VisitEnRoute)
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: li.ID})
	require.NoError(t, err)
	c.sweep()
	k := c.load(a.Ticket.ID)
	require.Equal(t, "en_route", k.Ticket.Shown())
	require.Equal(t, []muster.ExpertID{li.ID}, k.Ticket.Visit.Experts)
	require.Equal(t, muster.ExceptionUnknown, k.Ticket.Exceptions[0].Kind)

	// Who leaves the company is looked at each quarter of an hour until they have come back. That tells nothing new.
	_, err = c.dispatch.ExpertLeaves(c.ctx, c.as(admin), dispatch.LeavesRequest{Expert: li.ID, From: c.clock.Now()})
	require.NoError(t, err)
	c.sweep()
	before := c.load(a.Ticket.ID).Ticket.Rev
	for range 8 {
		c.clock.Advance(16 * time.Minute)
		_, err := c.dispatch.Redecide(c.ctx, li.ID)
		require.NoError(t, err)
	}
	require.Equal(t, before, c.load(a.Ticket.ID).Ticket.Rev)
}

func TestOneOfACrewIsReplaced(t *testing.T) {
	c := newCompany(t)
	li, kim, lou := c.expert("li", 3), c.expert("kim", 4), c.expert("lou", 5)
	ticket := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = 2 })
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: li.ID, Second: kim.ID, Start: monday.Add(4 * time.Hour)})
	require.NoError(t, err)
	_, err = c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: li.ID})
	require.NoError(t, err)
	c.sweep()
	k := c.load(ticket.ID)
	require.ElementsMatch(t, []muster.ExpertID{lou.ID, kim.ID}, k.Ticket.Visit.Experts)
	require.Equal(t, a.Visit.Start, k.Ticket.Visit.Start)
	c.sound()
	_, err = c.dispatch.SaveShifts(c.ctx, c.as(dispatcher), dispatch.ShiftsRequest{Expert: lou.ID})
	require.NoError(t, err)
	c.sweep()
	require.Equal(t, "queued", c.shown(ticket.ID), "a crew comes whole or not at all")
	require.Len(t, c.callTasks(ticket.ID), 1)
	c.sound()
}

func TestAnExpertLeavesOnTheirDay(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.at(li.ID, monday.Add(2*time.Hour))
	day := monday.Add(12 * time.Hour)
	_, err := c.dispatch.ExpertLeaves(c.ctx, c.as(admin), dispatch.LeavesRequest{Expert: li.ID, From: day})
	require.NoError(t, err)
	c.sweep()
	require.Equal(t, "assigned", c.shown(a.Ticket.ID), "it is before")
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	c.clock.Set(day)
	c.sweep()
	e, err := c.store.ExpertCase(c.ctx, "", li.ID, monday)
	require.NoError(t, err)
	require.False(t, e.Expert.Removed, "they are still at a customer's")
	_, err = c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	c.clock.Advance(time.Hour)
	c.sweep()
	e, err = c.store.ExpertCase(c.ctx, "", li.ID, monday)
	require.NoError(t, err)
	require.True(t, e.Expert.Removed)
	require.Empty(t, e.Expert.Timers)
	c.sound()
}

// Sick today: shown before, done at once, told after; the plan and what was done agree, and a repetition says the same.
func TestSickToday(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	c.expert("kim", 4)
	noon := monday.Add(4 * time.Hour)
	one := c.at(li.ID, noon)
	two := c.at(li.ID, noon.Add(2*time.Hour))
	gas3 := c.expert("gil", 5, muster.Competence{Skill: gas, Level: 5})
	_ = gas3
	three := c.at(li.ID, noon.Add(24*time.Hour))
	busy := c.at("exp_kim", two.Visit.Start.Add(-30*time.Minute), func(r *dispatch.SubmitRequest) { r.Duration = 120 })
	require.NotEmpty(t, busy.Visit)
	req := dispatch.SickRequest{Expert: li.ID}
	before := c.load(two.Ticket.ID)

	_, err := c.dispatch.SickPlan(c.ctx, helpdesk, req)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	_, err = c.dispatch.SickPlan(c.ctx, dispatcher, dispatch.SickRequest{Expert: "exp_nobody"})
	require.ErrorContains(t, err, `there is no expert "exp_nobody"`)
	plan, err := c.dispatch.SickPlan(c.ctx, dispatcher, req)
	require.NoError(t, err)
	require.Equal(t, before, c.load(two.Ticket.ID), "it is only shown")
	require.Len(t, plan.Visits, 2, "tomorrow is another day")
	require.Equal(t, dispatch.MoveGiven, plan.Visits[0].Do)
	require.Equal(t, dispatch.MoveCall, plan.Visits[1].Do)

	cmd := c.as(dispatcher)
	done, err := c.dispatch.Sick(c.ctx, cmd, req)
	require.NoError(t, err)
	require.Equal(t, plan, done)
	kim := c.expertNamed("exp_kim")
	kim.Name = "Kim of the day after"
	_, err = c.dispatch.SaveExpert(c.ctx, c.as(admin), kim)
	require.NoError(t, err)
	again, err := c.dispatch.Sick(c.ctx, cmd, req)
	require.NoError(t, err)
	require.Equal(t, done, again, "the first answer, whatever has come since")

	require.Equal(t, []muster.ExpertID{"exp_kim"}, c.load(one.Ticket.ID).Ticket.Visit.Experts)
	require.Equal(t, "queued", c.shown(two.Ticket.ID))
	require.Len(t, c.callTasks(two.Ticket.ID), 1)
	require.Equal(t, []muster.ExpertID{li.ID}, c.load(three.Ticket.ID).Ticket.Visit.Experts)
	c.clock.Advance(time.Minute)
	c.sweep()
	c.sound()
}

func (c *company) expertNamed(id muster.ExpertID) muster.Expert {
	c.Helper()
	found, err := c.store.Records(c.ctx, "", string(id))
	require.NoError(c, err)
	return *found[string(id)].(*muster.Expert)
}

func (c *company) shown(t muster.TicketID) string {
	k := c.load(t)
	return k.Ticket.Shown()
}

// Whoever falls ill after the time at which a visit was planned, and hasn't left for it, doesn't come to it later either,
// whatever they or a person have said about it: the customer's window isn't over yet, and others can come.
func TestASickExpertHasNoVisitLeftThatTheyShouldBeAt(t *testing.T) {
	wide := muster.Window{Start: monday.Add(time.Hour), End: monday.Add(6 * time.Hour)}
	for name, of := range map[string]struct {
		said  func(*company, dispatch.Answer)
		other bool // can come
		until time.Time
		do    dispatch.MoveKind // "": it stays
	}{
		"somebody else can come": {nil, true, time.Time{}, dispatch.MoveGiven},
		"nobody else can":        {nil, false, time.Time{}, dispatch.MoveCall},
		"they said that they don't come": {func(c *company, a dispatch.Answer) {
			_, err := c.dispatch.AnswerVisit(c.ctx, c.as(dispatcher), dispatch.ComingRequest{Visit: a.Visit.ID})
			require.NoError(c, err)
		}, true, time.Time{}, dispatch.MoveGiven},
		"they said that they come": {func(c *company, a dispatch.Answer) {
			_, err := c.dispatch.AnswerVisit(c.ctx, c.as(dispatcher), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true})
			require.NoError(c, err)
		}, true, time.Time{}, dispatch.MoveGiven},
		"they can come later": {nil, true, monday.Add(3 * time.Hour), ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			a := c.at(li.ID, monday.Add(time.Hour), func(r *dispatch.SubmitRequest) { r.Windows, r.Duration = []muster.Window{wide}, 30 })
			id := a.Ticket.ID
			c.until(id, leaveBy(a.Ticket).Add(8*time.Minute), true)
			require.NoError(t, c.attend("take", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionLateToLeave}))
			if of.said != nil {
				of.said(c, a)
			}
			c.until(id, a.Visit.End.Add(20*time.Minute), true)
			var kim muster.ExpertID
			if of.other {
				kim = c.expert("kim", 4).ID
			}
			req := dispatch.SickRequest{Expert: li.ID, Until: of.until}
			plan, err := c.dispatch.SickPlan(c.ctx, dispatcher, req)
			require.NoError(t, err)
			done, err := c.dispatch.Sick(c.ctx, c.as(dispatcher), req)
			require.NoError(t, err)
			require.Equal(t, plan.Visits, done.Visits)
			k := c.load(id)
			if of.do == "" {
				require.Empty(t, done.Visits)
				require.Equal(t, []muster.ExpertID{li.ID}, k.Ticket.Visit.Experts)
				return
			}
			require.Len(t, done.Visits, 1)
			require.Equal(t, of.do, done.Visits[0].Do)
			require.Contains(t, done.Visits[0].Why, "On leave")
			require.Equal(t, wide, k.Ticket.Promised.Window, "it stands")
			if of.do == dispatch.MoveGiven {
				require.Equal(t, []muster.ExpertID{kim}, k.Ticket.Visit.Experts)
				require.True(t, k.Ticket.Visit.Start.After(c.clock.Now()))
				require.True(t, wide.Contains(k.Ticket.Visit.Start))
			} else {
				require.Equal(t, "queued", c.shown(id))
				require.Len(t, c.callTasks(id), 1)
			}
			c.clock.Advance(time.Minute)
			c.sweep()
			c.sound()
		})
	}
}

// Who is only late keeps the visit, whatever else changes about them: nobody is replaced for silence.
func TestAChangeTakesNoVisitFromWhoIsLate(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.at(li.ID, monday.Add(7*time.Hour))
	id := a.Ticket.ID
	c.until(id, leaveBy(a.Ticket).Add(8*time.Minute), true)
	require.NoError(t, c.attend("take", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionLateToLeave}))
	c.expert("kim", 4)
	c.until(id, monday.Add(8*time.Hour+20*time.Minute), true) // no start is left in their shift
	li = c.expertNamed(li.ID)
	li.Phone = "+1 617 555 0100"
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), li)
	require.NoError(t, err)
	c.sweep()
	require.Equal(t, "assigned", c.shown(id))
	require.Equal(t, []muster.ExpertID{li.ID}, c.load(id).Ticket.Visit.Experts)
	c.sound()
}

// Whoever falls ill in a night shift is ill for all of it.
func TestSickInTheNight(t *testing.T) {
	c := newCompany(t)
	e := c.expert("li", 3)
	e.Shifts = []muster.Hours{{Weekday: time.Monday, From: 20 * 60, To: 28 * 60}}
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
	require.NoError(t, err)
	midnight := time.Date(2026, 11, 24, 5, 0, 0, 0, time.UTC) // in Boston
	a := c.at(e.ID, midnight.Add(time.Hour))
	c.clock.Set(midnight.Add(-90 * time.Minute))
	r, err := c.dispatch.Sick(c.ctx, c.as(dispatcher), dispatch.SickRequest{Expert: e.ID})
	require.NoError(t, err)
	require.Equal(t, midnight.Add(4*time.Hour), r.Until)
	require.Len(t, r.Visits, 1)
	require.Equal(t, "queued", c.shown(a.Ticket.ID))
	require.Len(t, c.callTasks(a.Ticket.ID), 1)
}

// Leave that ends within a shift takes a visit off, and with it the place from which the next was near: that one is
// redecided as well, in the same look.
func TestWhatAVisitsPlaceMadePossibleIsRedecidedWithIt(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	noon := monday.Add(4 * time.Hour)
	before, after := c.at(li.ID, noon.Add(-2*time.Hour)), c.at(li.ID, noon)
	_, err := c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{
		Window: muster.Window{Start: monday, End: noon}, Kind: "doctor",
	}})
	require.NoError(t, err)
	c.sweep()
	require.Equal(t, []muster.ExpertID{kim.ID}, c.load(before.Ticket.ID).Ticket.Visit.Experts)
	v := c.load(after.Ticket.ID).Ticket.Visit
	require.True(t, v.Experts[0] == kim.ID || v.Start.After(noon), "Li drives there in no time")
	require.True(t, after.Visit.Window.Contains(v.Start), "the promise stands")
	c.sound()
}

// Whoever takes a visit over within its promised window comes when a dispatcher has arranged it, whatever the customer's
// wishes were.
func TestAPromiseBesideTheWishesIsTakenOver(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	noon := monday.Add(4 * time.Hour)
	wish := muster.Window{Start: noon.Add(24 * time.Hour), End: noon.Add(26 * time.Hour)}
	tk := c.submit(func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{wish} })
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: tk.ID, Expert: li.ID, Start: noon, Overrides: []muster.ReasonCode{muster.AfterWindow}, Why: "they rang: today is better",
	})
	require.NoError(t, err)
	c.sound()
	_, err = c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{
		Window: muster.Window{Start: monday, End: noon.Add(24 * time.Hour)}, Kind: "holiday",
	}})
	require.NoError(t, err)
	c.sweep()
	v := c.load(a.Ticket.ID).Ticket.Visit
	require.Equal(t, []muster.ExpertID{kim.ID}, v.Experts)
	require.True(t, a.Visit.Window.Contains(v.Start))
	c.sound()
}
