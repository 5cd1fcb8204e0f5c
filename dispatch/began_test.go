package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// A taken visit is one that li had and that a dispatcher gave to kim, while nothing was heard of li.
type taken struct {
	*company
	id    muster.TicketID
	visit muster.VisitID
	leave time.Time // when li was to leave
}

func takenFrom(t *testing.T) *taken {
	c := newCompany(t)
	id, a := c.morning()
	leave := leaveBy(a.Ticket)
	c.until(id, leave.Add(7*time.Minute), true)
	give := dispatch.AssignRequest{Ticket: id, Expert: "exp_kim", Why: "no word from li"}
	_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), give)
	require.NoError(t, err)
	return &taken{c, id, a.Visit.ID, leave}
}

// step is what an expert's phone tells: so many minutes after li was to leave, or now.
func (x *taken) step(by, state string, minutes ...int) error {
	x.Helper()
	who := actorOf(muster.ExpertID("exp_" + by))
	var at time.Time
	if len(minutes) > 0 {
		at = x.leave.Add(time.Duration(minutes[0]) * time.Minute)
	}
	req := dispatch.VisitRequest{Visit: x.visit, At: at}
	var err error
	switch state {
	case "depart":
		_, err = x.dispatch.Depart(x.ctx, x.as(who), req)
	case "arrive":
		_, err = x.dispatch.Arrive(x.ctx, x.as(who), req)
	case "start":
		_, err = x.dispatch.Start(x.ctx, x.as(who), req)
	default:
		_, err = x.dispatch.End(x.ctx, x.as(who), dispatch.EndRequest{Visit: x.visit, Outcome: muster.VisitOutcome(state), At: at})
	}
	return err
}

// times are instants so many minutes after li was to leave.
func (x *taken) times(minutes ...int) (out []time.Time) {
	for _, m := range minutes {
		out = append(out, x.leave.Add(time.Duration(m)*time.Minute))
	}
	return out
}

func (x *taken) experts() []muster.ExpertID {
	x.Helper()
	return x.load(x.id).Ticket.Visit.Experts
}

// The phone of somebody who did the work was away, and a person gave the visit to another who hasn't begun: whoever has done
// it has it, with their times, whether they left before the visit was taken from them or after.
func TestWhoeverDidTheWorkHasItThoughAPersonSentAnother(t *testing.T) {
	others := map[string]muster.VisitState{"has not left": "", "is on the way": muster.VisitEnRoute, "is there": muster.VisitArrived}
	for name, first := range map[string]int{"left before": -1, "left after": 8} {
		for state, kim := range others {
			t.Run(name+", the other "+state, func(t *testing.T) {
				x := takenFrom(t)
				x.clock.Set(x.leave.Add(90 * time.Minute))
				if kim != "" {
					x.under(x.visit, "exp_kim", kim)
				}
				for n, step := range []string{"depart", "arrive", "start"} {
					require.NoError(t, x.step("li", step, first+10*n))
				}
				k := x.load(x.id)
				require.Equal(t, []muster.ExpertID{"exp_li"}, k.Ticket.Visit.Experts)
				require.Equal(t, muster.VisitInProgress, k.Visits[0].State)
				calls := x.callTasks(x.id)
				require.Len(t, calls, 1)
				require.Len(t, calls[0].Errands, 1, "nobody has to decide who stays")
				require.Contains(t, calls[0].Next, "li is at work")
				require.Contains(t, calls[0].Note, "kim has it")
				require.Equal(t, muster.AssignmentWithdrawn, k.Assignments[1].State, "kim is told from that")
				x.sound()

				require.NoError(t, x.step("li", "fixed", first+60))
				k = x.load(x.id)
				require.Equal(t, "completed", k.Ticket.Shown())
				v := k.Visits[0]
				require.Equal(t, x.times(first, first+10, first+20, first+60), []time.Time{v.DepartedAt, v.ArrivedAt, v.StartedAt, v.EndedAt})
				require.Len(t, v.Reports, 4)
				require.Contains(t, x.callTasks(x.id)[0].Next, "li is at work", "kim may not have heard yet")
				x.sound()
			})
		}
	}
}

// Whoever could hear that a visit is another's by now, and goes all the same, has it no more.
func TestWhoCouldHearThatItWasTakenHasItNoMore(t *testing.T) {
	t.Run("their phone tells at once", func(t *testing.T) {
		x := takenFrom(t)
		for _, step := range []string{"depart", "arrive", "start", "fixed"} {
			require.Equal(t, muster.CodeForbidden, muster.CodeOf(x.step("li", step)), step)
			require.Equal(t, muster.CodeForbidden, muster.CodeOf(x.step("li", step, 7)), step)
		}
		require.Empty(t, x.callTasks(x.id))
	})
	t.Run("a person has decided who stays", func(t *testing.T) {
		x := takenFrom(t)
		require.NoError(t, x.step("li", "depart", 2))
		which := dispatch.ExceptionRequest{Ticket: x.id, Kind: muster.ExceptionCall}
		_, err := x.dispatch.SettleException(x.ctx, x.as(dispatcher), which)
		require.NoError(t, err)
		x.clock.Advance(20 * time.Minute)
		require.Equal(t, muster.CodeForbidden, muster.CodeOf(x.step("li", "start")))
		require.Equal(t, []muster.ExpertID{"exp_kim"}, x.experts())
	})
	t.Run("nobody has yet", func(t *testing.T) {
		x := takenFrom(t)
		require.NoError(t, x.step("li", "depart", 2))
		x.clock.Advance(20 * time.Minute)
		require.NoError(t, x.step("li", "arrive"))
		require.Equal(t, []muster.ExpertID{"exp_kim"}, x.experts(), "who is only there waits for a person's word")
		require.NoError(t, x.step("li", "start"))
		require.Equal(t, []muster.ExpertID{"exp_li"}, x.experts())
		v := x.load(x.id).Visits[0]
		require.Equal(t, x.leave.Add(2*time.Minute), v.DepartedAt)
		require.Equal(t, x.clock.Now(), v.ArrivedAt)
		x.sound()
	})
}

// Who only left or arrived doesn't overrule a person; both times are kept.
func TestWhoHasNotBegunWaitsForAPerson(t *testing.T) {
	x := takenFrom(t)
	x.clock.Set(x.leave.Add(time.Hour))
	require.NoError(t, x.step("li", "depart", -1))
	require.NoError(t, x.step("li", "arrive", 9))
	k := x.load(x.id)
	require.Equal(t, []muster.ExpertID{"exp_kim"}, k.Ticket.Visit.Experts)
	require.Equal(t, muster.VisitAssigned, k.Visits[0].State)
	require.Equal(t, []muster.Report{
		{State: muster.VisitEnRoute, Expert: "exp_li", Happened: x.leave.Add(-time.Minute), Received: x.clock.Now(), InVain: true},
		{State: muster.VisitArrived, Expert: "exp_li", Happened: x.leave.Add(9 * time.Minute), Received: x.clock.Now(), InVain: true},
	}, k.Visits[0].Reports)
	calls := x.callTasks(x.id)
	require.Contains(t, calls[0].Next, "decide who stays")
	require.Contains(t, calls[0].Note, "no word from li")
	require.Contains(t, calls[0].Note, "kim has it, and is assigned")
	_, err := x.dispatch.Reassign(x.ctx, x.as(dispatcher), dispatch.AssignRequest{Ticket: x.id, Expert: "exp_li"})
	require.NoError(t, err)
	require.Empty(t, x.callTasks(x.id), "that is the decision")
	x.sound()
}

// Both have begun: both stay, and a person decides; the times of the second are on the call.
func TestBothHaveBegun(t *testing.T) {
	x := takenFrom(t)
	x.clock.Set(x.leave.Add(time.Hour))
	x.under(x.visit, "exp_kim", muster.VisitInProgress)
	require.NoError(t, x.step("li", "start", 20))
	k := x.load(x.id)
	require.Equal(t, []muster.ExpertID{"exp_kim"}, k.Ticket.Visit.Experts)
	require.Equal(t, x.clock.Now(), k.Visits[0].StartedAt, "kim's time")
	calls := x.callTasks(x.id)
	require.Contains(t, calls[0].Next, "two experts are at work")
	require.Contains(t, calls[0].Note, x.leave.Add(20*time.Minute).Format(time.RFC3339))
	x.sound()

	require.NoError(t, x.step("li", "fixed", 50))
	require.Equal(t, "in_progress", x.shown(x.id))
	require.Contains(t, x.callTasks(x.id)[0].Note, `li reports "fixed" of `+x.leave.Add(50*time.Minute).Format(time.RFC3339))
	require.NoError(t, x.step("kim", "fixed"))
	require.Equal(t, "completed", x.shown(x.id))
	x.sound()
}

// What is kept of somebody who was sent in vain is no end of the visit: a person still hears of it.
func TestTheEndOfWhoWasSentInVainEndsNothing(t *testing.T) {
	x := takenFrom(t)
	x.clock.Set(x.leave.Add(time.Hour))
	x.under(x.visit, "exp_kim", muster.VisitInProgress)
	require.NoError(t, x.step("kim", string(muster.PartNeeded)))
	x.clock.Advance(time.Hour)
	require.NoError(t, x.step("li", "fixed", 50))
	k := x.load(x.id)
	require.Equal(t, "waiting", k.Ticket.Shown())
	require.Equal(t, k.Visits[0].EndedAt, k.Visits[0].KnownAt(), "kim told of it at once")
	require.Contains(t, x.callTasks(x.id)[0].Note, `li reports "fixed"`)
	x.sound()
}

// They are there: what may be set aside at all is, and written down. What never may be is for a person.
func TestWhoHasBegunFitsNoMore(t *testing.T) {
	began := func(x *taken) {
		x.Helper()
		x.clock.Set(x.leave.Add(time.Hour))
		require.NoError(x, x.step("li", "start", 20))
	}
	edit := func(x *taken, change func(*muster.Expert)) {
		x.Helper()
		found, err := x.store.Records(x.ctx, "", "exp_li")
		require.NoError(x, err)
		e := *found["exp_li"].(*muster.Expert)
		change(&e)
		_, err = x.dispatch.SaveExpert(x.ctx, x.as(admin), e)
		require.NoError(x, err)
	}
	t.Run("too far and beneath the level by now", func(t *testing.T) {
		x := takenFrom(t)
		edit(x, func(e *muster.Expert) { e.Capacity.TravelKm, e.Skills[0].Level = 1, 1 })
		began(x)
		require.Equal(t, []muster.ExpertID{"exp_li"}, x.experts())
		k := x.load(x.id)
		var set []muster.ReasonCode
		for _, o := range k.Assignments[2].Decided.Overrides {
			set = append(set, o.Code)
			require.Contains(t, o.Why, "at work")
		}
		require.ElementsMatch(t, []muster.ReasonCode{muster.TooFar, muster.LevelLow}, set)
		x.sound()
	})
	t.Run("without the skill by now", func(t *testing.T) {
		x := takenFrom(t)
		edit(x, func(e *muster.Expert) { e.Skills = []muster.Competence{{Skill: gas, Level: 3}} })
		began(x)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, x.experts())
		calls := x.callTasks(x.id)
		require.Contains(t, calls[0].Next, "two experts were sent")
		require.Contains(t, calls[0].Note, "li can't take")
		require.Equal(t, muster.VisitInProgress, x.load(x.id).Visits[0].Reports[0].State, "the time is kept")
		x.sound()
	})
	t.Run("with another visit in its place by now", func(t *testing.T) {
		x := takenFrom(t)
		x.at("exp_li", x.load(x.id).Assignments[0].Start.Add(30*time.Minute))
		began(x)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, x.experts())
		require.Contains(t, x.callTasks(x.id)[0].Note, "li can't take")
		x.sound()
	})
	t.Run("and is at another visit by what we know", func(t *testing.T) {
		x := takenFrom(t)
		a := x.at("exp_li", x.leave.Add(4*time.Hour))
		_, err := x.dispatch.Depart(x.ctx, x.as(dispatcher), dispatch.VisitRequest{Visit: a.Visit.ID})
		require.NoError(t, err)
		began(x)
		require.Equal(t, []muster.ExpertID{"exp_kim"}, x.experts())
		require.Contains(t, x.callTasks(x.id)[0].Next, "two experts were sent")
		x.sound()
	})
}

// withdrawn is a visit that was withdrawn from li, of whom nothing was heard.
func withdrawn(t *testing.T) *taken {
	t.Helper()
	c := newCompany(t)
	id, a := c.morning()
	leave := leaveBy(a.Ticket)
	c.until(id, leave.Add(7*time.Minute), true)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "no word from li"})
	require.NoError(t, err)
	return &taken{c, id, a.Visit.ID, leave}
}

// A visit that was withdrawn altogether: whoever has begun it has the ticket's next one, and nobody else is sent.
func TestWhoHasBegunWhatWasWithdrawn(t *testing.T) {
	for name, since := range map[string]func(*taken){
		"nobody else yet": func(*taken) {},
		"somebody else is asked": func(x *taken) {
			x.offer(x.id, "exp_kim")
			x.clock.Advance(time.Minute)
		},
		"somebody else has it": func(x *taken) { x.assign(x.id, "exp_kim") },
	} {
		t.Run(name, func(t *testing.T) {
			x := withdrawn(t)
			x.clock.Set(x.leave.Add(50 * time.Minute))
			since(x)
			for n, step := range []string{"depart", "arrive", "start"} {
				require.NoError(t, x.step("li", step, -1+10*n))
			}
			require.Equal(t, []muster.ExpertID{"exp_li"}, x.experts())
			require.Equal(t, "in_progress", x.shown(x.id))
			require.Contains(t, x.callTasks(x.id)[0].Next, "li is at work")
			x.sound()
			require.NoError(t, x.step("li", "fixed", 45))
			require.Equal(t, "completed", x.shown(x.id))
			k := x.load(x.id)
			v := k.Visits[len(k.Visits)-1]
			require.Equal(t, x.times(-1, 9, 19, 45), []time.Time{v.DepartedAt, v.ArrivedAt, v.StartedAt, v.EndedAt})
			x.sound()
		})
	}
	t.Run("the customer is asked something", func(t *testing.T) {
		x := withdrawn(t)
		wait := dispatch.WaitRequest{Ticket: x.id, For: muster.WaitCustomer, Until: x.leave.Add(5 * time.Hour)}
		_, err := x.dispatch.Wait(x.ctx, x.as(dispatcher), wait)
		require.NoError(t, err)
		x.clock.Set(x.leave.Add(50 * time.Minute))
		require.NoError(t, x.step("li", "start", 20))
		require.Equal(t, "waiting", x.shown(x.id))
		require.Contains(t, x.callTasks(x.id)[0].Next, "call the expert")
		x.sound()
	})
}

// What somebody tells of a visit that was withdrawn is put before a person, though the ticket's next visit is theirs too: the
// clocks of that one know nothing of it.
func TestWhoLeftForAWithdrawnVisitAndHasTheNext(t *testing.T) {
	x := withdrawn(t)
	x.clock.Advance(time.Minute)
	again := x.assign(x.id, "exp_li")
	require.NotEqual(t, x.visit, again.Visit.ID)
	x.clock.Advance(time.Minute)
	_, err := x.dispatch.Depart(x.ctx, x.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: x.visit, At: x.leave.Add(time.Minute)})
	require.NoError(t, err)
	require.Contains(t, x.exception(x.id, muster.ExceptionCall).Note, "depart")
	require.Equal(t, "assigned", x.shown(x.id))
	x.sound()
}
