package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// steps saves a policy that pushes and widens the travel limit of 60 km by 5, then 20, then 200 km: after an hour, two more,
// four more.
func (c *company) steps(edit ...func(*muster.Policy)) {
	c.Helper()
	p := muster.DefaultPolicy()
	p.Push = true
	for i, km := range []float64{5, 20, 200} {
		p.Escalation[i].TravelKm = km
	}
	for _, e := range edit {
		e(&p)
	}
	_, err := c.dispatch.SavePolicy(c.ctx, c.as(admin), p)
	require.NoError(c, err)
}

// ring moves the clock to the next timer of a ticket and does what it means.
func (c *company) ring(t muster.TicketID) muster.Ticket {
	c.Helper()
	if _, at, ok := ref(c.load(t).Ticket).Timers.Next(); ok && at.After(c.clock.Now()) {
		c.clock.Set(at)
	}
	c.due(t)
	return c.load(t).Ticket
}

// step rings until the ticket is in a step.
func (c *company) step(t muster.TicketID, step int) muster.Ticket {
	c.Helper()
	for range 20 {
		if k := c.load(t).Ticket; k.Step == step {
			return k
		}
		c.ring(t)
	}
	require.Equal(c, step, c.load(t).Ticket.Step)
	return muster.Ticket{}
}

func (c *company) why(t muster.TicketID, e muster.ExpertID) dispatch.Verdict {
	c.Helper()
	v, err := c.dispatch.Why(c.ctx, dispatch.TicketRef{ID: t}, e)
	require.NoError(c, err)
	return v
}

// A ticket that nobody can take climbs step by step, until somebody 70 km away may.
func TestATicketThatNobodyCanTakeClimbs(t *testing.T) {
	c := newCompany(t)
	c.steps()
	ines := c.expert("ines", 52) // 70 km by road
	id := c.submit().ID
	c.rounds()
	tk := c.load(id).Ticket
	require.Equal(t, muster.TooFar, tk.NoExpert.Main)
	require.Equal(t, monday.Add(time.Hour), tk.Timers[muster.TimerQueue], "its next escalation")
	require.Contains(t, c.why(id, ines.ID).Exclusion.Reasons[0].Text, "71 km from the base; the limit is 60.")

	tk = c.ring(id)
	require.Equal(t, 1, tk.Step)
	require.Equal(t, monday.Add(time.Hour), tk.StepSince)
	require.Empty(t, tk.Exceptions, "no step has been in vain yet")
	c.rounds()
	require.Contains(t, c.why(id, ines.ID).Exclusion.Reasons[0].Text, "the limit of step 1 is 65.")

	tk = c.ring(id)
	require.Equal(t, 2, tk.Step)
	require.Equal(t, monday.Add(3*time.Hour), tk.StepSince)
	require.Equal(t, muster.ExceptionEscalated, tk.Exceptions[0].Kind)
	require.Contains(t, tk.Exceptions[0].Note, "nobody was found in step 1")
	v := c.why(id, ines.ID)
	require.Contains(t, v.Candidate.Beyond[0].Text, "Within the limit of step 2.")
	m, err := c.dispatch.Match(c.ctx, dispatch.TicketRef{ID: id})
	require.NoError(t, err)
	require.Equal(t, *v.Candidate, m.Candidates[0], "all ask the same kernel")

	c.rounds()
	k := c.load(id)
	require.Equal(t, muster.Scheduled, k.Ticket.State)
	require.Empty(t, k.Ticket.Exceptions)
	set := k.Assignments[0].Decided.Overrides
	require.Len(t, set, 1, "the policy set it aside, and that is kept")
	require.Equal(t, muster.TooFar, set[0].Code)
	require.Equal(t, 2, set[0].Step)
	require.Equal(t, v.Candidate.Beyond[0].Text, set[0].Reason.Text)
	require.Contains(t, set[0].Reason.Text, "71 km from the base; the limit is 60.")
	c.sound()
}

// The widest step reaches into regions from which nobody comes otherwise: they are read too.
func TestAStepReachesIntoOtherRegions(t *testing.T) {
	c := newCompany(t)
	c.steps(func(p *muster.Policy) { p.Push = false })
	ines, remote := c.expert("ines", 52), c.expert("remote", 600)
	require.NotEqual(t, ines.Region, remote.Region)
	calm, id := c.submit(), c.submit(critical).ID
	c.step(id, 3)
	for _, round := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := c.dispatch.Rounds(ctx); return err },
		func(ctx context.Context) error { _, err := c.dispatch.Round(ctx, calm.Region); return err },
		func(ctx context.Context) error { _, err := c.dispatch.PromptRound(ctx, id); return err },
	} {
		require.NoError(t, round(c.ctx))
	}
	require.Equal(t, []muster.ExpertID{ines.ID}, c.askedNow(id))
	c.sound()
}

// Two in need of more than a step: one proposal, accepted by a dispatcher, and one for whom there is nobody.
func TestWhatOnlyAPersonMaySetAsideIsProposed(t *testing.T) {
	c := newCompany(t)
	c.steps()
	kim := c.expert("kim", 4, muster.Competence{Skill: fridges, Level: 1})
	c.expert("ola", 5, muster.Competence{Skill: gas, Level: 5, Expires: monday.AddDate(1, 0, 0)})
	low := c.submit().ID
	none := c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 }).ID
	c.rounds()
	c.step(low, 1)
	c.due(none)
	c.rounds()
	require.Empty(t, c.exceptions(low), "the first step widens what policy may, and bothers nobody")

	c.step(low, 2)
	c.due(none)
	c.rounds()
	e := c.exception(low, muster.ExceptionOverride)
	require.False(t, c.has(low, muster.ExceptionNoExpert))
	require.Len(t, e.Proposals, 1)
	p := e.Proposals[0]
	require.Equal(t, kim.ID, p.Expert)
	require.Len(t, p.Reasons, 1)
	require.Equal(t, muster.LevelLow, p.Reasons[0].Code)
	require.EqualValues(t, 1, p.Reasons[0].Have)
	require.EqualValues(t, 2, p.Reasons[0].Need)
	require.Contains(t, e.Note, "kim could come, but: Level 1; this needs 2")
	require.Contains(t, c.exception(none, muster.ExceptionNoExpert).Note, "nobody can come in step 2", "four levels below nobody may set aside")
	require.False(t, c.has(none, muster.ExceptionOverride))

	rev := c.load(low).Ticket.Rev
	for range 90 {
		c.clock.Advance(time.Minute)
		c.rounds()
	}
	require.Equal(t, rev, c.load(low).Ticket.Rev, "it is not written again while nothing is new")
	c.hiding(kim.ID)
	for range 90 {
		c.clock.Advance(time.Minute)
		c.rounds()
	}
	require.True(t, c.has(low, muster.ExceptionNoExpert), "it follows what has become of the proposal")
	require.False(t, c.has(low, muster.ExceptionOverride))
	c.returning(kim.ID)
	for range 90 {
		c.clock.Advance(time.Minute)
		c.rounds()
	}
	p = c.exception(low, muster.ExceptionOverride).Proposals[0]

	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: low, Expert: p.Expert, Start: p.Start, Overrides: []muster.ReasonCode{muster.LevelLow}, Why: "kim has done this model before",
	})
	require.NoError(t, err)
	require.Empty(t, a.Ticket.Exceptions, "the cause is gone, and so is what asked for a person")
	set := a.Assignments[0].Decided.Overrides
	require.Len(t, set, 1)
	require.Zero(t, set[0].Step, "it was a person")
	require.Equal(t, "kim has done this model before", set[0].Why)
	c.sound()
}

func (c *company) exception(t muster.TicketID, kind muster.ExceptionKind) muster.Exception {
	c.Helper()
	for _, e := range c.exceptions(t) {
		if e.Kind == kind {
			return e
		}
	}
	require.Failf(c, "no such exception", "%s has %v", kind, c.exceptions(t))
	return muster.Exception{}
}

// hiding takes an expert's skill away for a while.
func (c *company) hiding(e muster.ExpertID) { c.skilled(e, gas) }

func (c *company) returning(e muster.ExpertID) { c.skilled(e, fridges) }

func (c *company) skilled(id muster.ExpertID, s muster.SkillID) {
	c.Helper()
	got, err := c.store.Records(c.ctx, "", string(id))
	require.NoError(c, err)
	e := *got[string(id)].(*muster.Expert)
	e.Skills = []muster.Competence{{Skill: s, Level: 1}}
	_, err = c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
	require.NoError(c, err)
}

// Nobody is on shift who could be asked in time: a case for a person, and no error.
func TestNobodyOnShiftIsACase(t *testing.T) {
	c := newCompany(t)
	c.steps(func(p *muster.Policy) { p.Push = false })
	li := c.expert("li", 40)
	dawn := monday.AddDate(0, 0, 1)
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{Expert: li.ID, Extra: []muster.Window{{Start: dawn.Add(-59 * time.Minute), End: dawn.Add(8 * time.Hour)}}})
	require.NoError(t, err)
	id := c.submit(func(r *dispatch.SubmitRequest) {
		r.Windows = []muster.Window{{Start: dawn.Add(-time.Hour), End: dawn.Add(15 * time.Minute)}}
	}).ID // they would have to leave as their shift begins
	c.step(id, 2)
	c.clock.Set(dawn.Add(-2 * time.Hour))
	c.rounds()
	e := c.exception(id, muster.ExceptionNoExpert)
	require.Contains(t, e.Note, "on shift")
	c.assign(id, li.ID)
	require.Empty(t, c.exceptions(id))
	c.sound()
}

// Half of an escalated ticket's offer is over, and nobody has answered.
func TestAnEscalatedTicketsOfferIsFollowedUp(t *testing.T) {
	c := newCompany(t)
	c.steps(func(p *muster.Policy) { p.Push = false })
	li := c.expert("li", 3)
	plain := c.offer(c.submit().ID, li.ID)
	require.NotContains(t, plain.Ticket.Timers, muster.TimerEnding, "an ordinary offer bothers nobody")
	id := c.submit().ID
	c.step(id, 1)
	a := c.offer(id, li.ID)
	o := a.Offers[0]
	half := o.At.Add(o.Deadline.Sub(o.At) / 2)
	require.Equal(t, half, a.Ticket.Timers[muster.TimerEnding])
	tk := c.ring(id)
	require.Equal(t, half, c.clock.Now())
	e := c.exception(id, muster.ExceptionOfferEnding)
	require.Contains(t, e.Note, "li ("+string(li.ID)+") asked and no answer", "by name, and by id for the board")
	require.NotContains(t, tk.Timers, muster.TimerEnding, "once")
	require.NoError(t, c.attend("settle", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionOfferEnding}))
	require.NotContains(t, c.load(id).Ticket.Timers, muster.TimerEnding)
	a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: o.ID})
	require.NoError(t, err)
	require.Empty(t, a.Ticket.Exceptions)
	c.sound()
}

// Before anything is escalated a person hears of an offer that runs out where there is no time to lose: of an ordinary one
// the next is asked, and nobody need do anything.
func TestAnOfferThatRunsOutWithNoTimeLeftIsFollowedUp(t *testing.T) {
	for name, edit := range map[string]func(*dispatch.SubmitRequest){
		"critical":       func(r *dispatch.SubmitRequest) { r.Priority = muster.PriorityCritical },
		"wished soon":    func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{{Start: minutes(120), End: minutes(240)}} },
		"soon to be due": func(*dispatch.SubmitRequest) {},
		"ordinary":       nil,
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			if edit == nil {
				edit = func(*dispatch.SubmitRequest) {}
			} else {
				c.agree(func(p *muster.Policy) { p.SLA.Acceptance[muster.PriorityNormal] = 65 })
			}
			id := c.submit(edit).ID
			if name == "soon to be due" {
				c.clock.Set(minutes(46)) // at 65 it is to be accepted; at 56 the offer ends, and another would at 66
			}
			a := c.offer(id, li.ID)
			require.Zero(t, a.Ticket.Step)
			if name == "ordinary" {
				require.NotContains(t, a.Ticket.Timers, muster.TimerEnding)
				return
			}
			o := a.Offers[0]
			require.Equal(t, o.At.Add(o.Deadline.Sub(o.At)/2), a.Ticket.Timers[muster.TimerEnding])
			c.ring(id)
			require.Contains(t, c.exception(id, muster.ExceptionOfferEnding).Note, "asked and no answer")
			_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: o.ID})
			require.NoError(t, err)
			require.Empty(t, c.exceptions(id))
			c.sound()
		})
	}
}

// What made an offer pressing may be gone when its timer rings, as by another policy: that is no failure.
func TestAnOfferThatIsPressingNoMoreBothersNobody(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	c.agree(func(p *muster.Policy) { p.SLA.Acceptance[muster.PriorityNormal] = 65 })
	id := c.submit().ID
	c.clock.Set(minutes(46))
	a := c.offer(id, li.ID)
	c.agree(func(p *muster.Policy) { p.OfferMinutes, p.UrgentOffer = 1, 1 })
	c.clock.Set(a.Ticket.Timers[muster.TimerEnding])
	c.due(id)
	require.Empty(t, c.exceptions(id))
	require.NotContains(t, c.load(id).Ticket.Timers, muster.TimerEnding)
	c.sound()
}

// An override by a step covers what the step allows, and fsck knows how much that is.
func TestFsckHoldsAStepToItsLimit(t *testing.T) {
	c := newCompany(t)
	c.steps()
	c.expert("ines", 52)
	id := c.submit().ID
	c.step(id, 2)
	c.rounds()
	c.sound()
	a := c.load(id).Assignments[0]
	for _, step := range []int{0, 1} { // by nobody's leave, and by a step that reaches 65 km
		broken := a
		broken.Decided.Overrides = append([]muster.Override(nil), a.Decided.Overrides...)
		broken.Decided.Overrides[0].Step = step
		if step == 0 {
			broken.Decided.Overrides = nil
		}
		k := c.load(id)
		c.spoil(nil, nil, []muster.Root{&k.Ticket}, &broken)
		report, err := c.dispatch.Fsck(c.ctx, c.store)
		require.NoError(t, err)
		require.NotEmpty(t, report.Breaches, "step %d", step)
		require.Equal(t, "I5", report.Breaches[0].Invariant)
	}
	k := c.load(id)
	c.spoil(nil, nil, []muster.Root{&k.Ticket}, &a)
	c.sound()
}

// Whoever is busy with a ticket doesn't put off its escalation: neither by commands on it, nor by asking experts.
func TestNoCommandPutsOffTheNextStep(t *testing.T) {
	c := newCompany(t)
	c.steps(func(p *muster.Policy) { p.Push = false })
	li := c.expert("li", 3)
	id := c.submit().ID
	for range 5 {
		a := c.offer(id, li.ID)
		c.clock.Set(a.Offers[0].Deadline)
		_, err := c.dispatch.Expire(c.ctx, c.as(muster.System("timers")), dispatch.AnswerRequest{Offer: a.Offers[0].ID})
		require.NoError(t, err)
		_, err = c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: id, Needs: c.request().Needs, Priority: muster.PriorityNormal})
		require.NoError(t, err)
		_, err = c.dispatch.ChooseWindows(c.ctx, c.as(helpdesk), dispatch.WindowsRequest{Ticket: id, Windows: []muster.Window{{Start: c.clock.Now(), End: c.clock.Now().Add(6 * time.Hour)}}})
		require.NoError(t, err)
		require.Equal(t, monday.Add(time.Hour), c.load(id).Ticket.Timers[muster.TimerQueue])
	}
	c.clock.Set(monday.Add(time.Hour))
	c.due(id)
	require.Equal(t, 1, c.load(id).Ticket.Step)
	// The time for which somebody had it is left out, the step stays.
	c.clock.Advance(30 * time.Minute)
	c.assign(id, li.ID)
	c.clock.Advance(2 * time.Hour)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "the van broke down"})
	require.NoError(t, err)
	tk := c.load(id).Ticket
	require.Equal(t, 1, tk.Step)
	require.Equal(t, c.clock.Now().Add(90*time.Minute), tk.Timers[muster.TimerQueue], "30 of the 120 minutes were over")
	// After a wait it begins anew.
	_, err = c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: id, For: muster.WaitDate, Until: c.clock.Now().Add(time.Hour)})
	require.NoError(t, err)
	require.Zero(t, c.load(id).Ticket.Step)
	_, err = c.dispatch.Wake(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: id})
	require.NoError(t, err)
	require.Equal(t, c.clock.Now().Add(time.Hour), c.load(id).Ticket.Timers[muster.TimerQueue])
	c.sound()
}

// Nobody works here at all. The ticket is looked at for as long as it is open, and comes back to whoever took it off the list.
func TestLongEscalationNeverStops(t *testing.T) {
	c := newCompany(t)
	c.steps()
	id := c.submit().ID
	c.step(id, 3)
	last := c.load(id).Ticket.StepSince
	rang := 0
	for end := last.Add(30 * 24 * time.Hour); c.clock.Now().Before(end); {
		before := c.load(id).Ticket
		tk := c.ring(id)
		require.Equal(t, 3, tk.Step)
		require.Greater(t, tk.Rev, before.Rev)
		at := tk.Timers[muster.TimerQueue]
		require.True(t, at.After(c.clock.Now()) && !at.After(c.clock.Now().Add(time.Hour)), "%s at %s", at, c.clock.Now())
		require.Zero(t, at.Sub(last)%time.Hour, "no commit moves it")
		require.True(t, c.has(id, muster.ExceptionEscalated))
		if rang++; rang%10 == 0 {
			require.NoError(t, c.attend("settle", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionEscalated}))
			require.Equal(t, at, c.load(id).Ticket.Timers[muster.TimerQueue])
		}
	}
	require.GreaterOrEqual(t, rang, 30*24)
	c.sound()
}

func (c *company) has(t muster.TicketID, kind muster.ExceptionKind) bool {
	for _, e := range c.exceptions(t) {
		if e.Kind == kind {
			return true
		}
	}
	return false
}

// A command that comes between the last step's timer and its worker doesn't swallow it.
func TestWhatIsDueStaysDue(t *testing.T) {
	c := newCompany(t)
	c.steps()
	id := c.submit().ID
	at := c.step(id, 3).Timers[muster.TimerQueue]
	c.clock.Set(at.Add(time.Second))
	require.NoError(t, c.attend("take", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionEscalated}))
	require.Equal(t, at, c.load(id).Ticket.Timers[muster.TimerQueue])
	c.due(id)
	require.Equal(t, at.Add(time.Hour), c.load(id).Ticket.Timers[muster.TimerQueue])
}

// TestLongEscalatedHistories: few may come, and most only by a step: from far away, to a tour that is full, on call, late
// home. Whatever happens every limit that was set aside is recorded, none was set aside for longer than its step says, and
// every open ticket has a timer that rings.
func TestLongEscalatedHistories(t *testing.T) {
	widened := make(map[muster.ReasonCode]int)
	rapid.Check(t, func(r *rapid.T) {
		clock := muster.NewFakeClock(monday)
		store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
		require.NoError(r, err)
		defer func() { require.NoError(r, store.Close(context.Background())) }()
		c := companyOn(t, store, clock)
		c.steps(func(p *muster.Policy) {
			p.Push = rapid.Bool().Draw(r, "push")
			p.Capacity.VisitsPerTour = 1
			for i := range p.Escalation {
				s := &p.Escalation[i]
				s.After = muster.Minutes(rapid.IntRange(1, 120).Draw(r, "after"))
				s.Visits, s.Overtime = i, muster.Minutes(20*i)
			}
		})
		experts := []muster.ExpertID{c.expert("li", 3).ID, c.expert("ines", rapid.SampledFrom([]float64{46, 52, 60}).Draw(r, "km")).ID}
		from := clock.Now().Add(time.Duration(rapid.IntRange(0, 12).Draw(r, "on call from")) * time.Hour)
		_, err = c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{
			Expert: experts[0], Shifts: []muster.Hours{{Weekday: time.Monday, From: 8 * 60, To: 12 * 60}, {Weekday: time.Tuesday, From: 8 * 60, To: 10 * 60}},
			OnCall: []muster.Window{{Start: from, End: from.Add(24 * time.Hour)}},
		})
		require.NoError(r, err)
		var tickets []muster.TicketID
		for range rapid.IntRange(2, 5).Draw(r, "tickets") {
			length := muster.Minutes(rapid.IntRange(30, 240).Draw(r, "minutes"))
			tickets = append(tickets, c.submit(func(q *dispatch.SubmitRequest) { q.Duration = length }).ID)
		}
		for range rapid.IntRange(5, 40).Draw(r, "steps") {
			id := rapid.SampledFrom(tickets).Draw(r, "ticket")
			switch command := rapid.SampledFrom([]string{"ring", "ring", "ring", "round", "round", "assign", "unassign", "undo", "reassign", "offer", "accept", "time"}).Draw(r, "command"); command {
			case "ring":
				c.ring(id)
			case "round":
				c.rounds()
			case "time":
				clock.Advance(time.Duration(rapid.IntRange(1, 300).Draw(r, "minutes")) * time.Minute)
			default:
				who := rapid.IntRange(0, 1).Draw(r, "who")
				if _, err := c.do(command, id, experts[who], experts[1-who]); err != nil {
					require.NotEqual(r, muster.CodeInternal, muster.CodeOf(err), "%s: %v", command, err)
				}
			}
		}
		for _, id := range tickets {
			k := c.load(id)
			_, at, has := k.Ticket.Timers.Next()
			require.True(r, has || k.Ticket.State.Terminal())
			require.True(r, !has || at.Before(clock.Now().Add(15*24*time.Hour)))
			for _, a := range k.Assignments {
				for _, o := range a.Decided.Overrides {
					require.Equal(r, muster.ByPolicy, o.Code.Class())
					require.Positive(r, o.Step)
					widened[o.Code]++
				}
			}
		}
		report, err := c.dispatch.Fsck(c.ctx, store)
		require.NoError(r, err)
		require.Empty(r, report.Breaches)
	})
	t.Log(widened)
	require.NotEmpty(t, widened)
}
