package dispatch_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// prompt is the round for one urgent ticket, as a worker holds it after the event.
func (c *company) prompt(t muster.TicketID) dispatch.RoundReport {
	c.Helper()
	report, err := c.dispatch.PromptRound(c.ctx, t)
	require.NoError(c, err)
	return report
}

func critical(r *dispatch.SubmitRequest) { r.Priority = muster.PriorityCritical }

// asked lists who holds an open offer of a ticket.
func (c *company) askedNow(t muster.TicketID) (all []muster.ExpertID) {
	c.Helper()
	for _, o := range c.load(t).Offers {
		if o.State == muster.OfferOpen {
			all = append(all, o.Expert)
		}
	}
	return all
}

// A critical ticket in the evening: whoever fits has their shift tomorrow. They are asked, and hold the opening; but the ticket
// climbs all the same, and as soon as a step allows it somebody on call is asked who can come tonight.
func TestAnUrgentTicketDoesNotRestOnTomorrowsShift(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	ines := c.expert("ines", 52) // 70 km: within the reach of step 1
	night := monday.Add(-10 * time.Hour)
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{Expert: ines.ID, OnCall: []muster.Window{{Start: night, End: night.Add(9 * time.Hour)}}})
	require.NoError(t, err)
	c.clock.Set(night)
	id := c.submit(critical).ID
	c.prompt(id)
	require.Equal(t, []muster.ExpertID{li.ID}, c.askedNow(id))
	require.False(t, c.load(id).Ticket.Visit.Deadline.Before(monday), "li has until tomorrow")

	tk := c.step(id, 1)
	require.Equal(t, "offered", tk.Shown())
	require.False(t, c.clock.Now().After(night.Add(time.Hour)), "its acceptance was due by then")
	before := c.load(id)
	c.prompt(id)
	require.ElementsMatch(t, []muster.ExpertID{li.ID, ines.ID}, c.askedNow(id), "li isn't told that it was taken away")
	after := c.load(id)
	require.Equal(t, before.Ticket.Visit.ID, after.Ticket.Visit.ID)
	require.True(t, after.Ticket.Visit.Deadline.Before(night.Add(2*time.Hour)), "ines can answer tonight")
	c.sound()
	c.prompt(id)
	require.Len(t, c.askedNow(id), 2, "nobody is asked twice")

	o := after.Offers[len(after.Offers)-1]
	require.Equal(t, ines.ID, o.Expert)
	a, err := c.dispatch.Accept(c.ctx, c.as(actorOf(ines.ID)), dispatch.AnswerRequest{Offer: o.ID})
	require.NoError(t, err)
	require.Equal(t, o.Start, a.Visit.Start)
	require.Equal(t, []muster.ExpertID{ines.ID}, a.Ticket.Visit.Experts)
	require.Empty(t, c.exceptions(id))
	c.sound()
}

// Somebody else is faster with the tour of whoever could come tonight: they are asked all the same, in the same round.
func TestAskingMoreGivesWayAndTriesAgain(t *testing.T) {
	c, f := newFaulty(t)
	c.expert("li", 3)
	ines := c.expert("ines", 52)
	night := monday.Add(-10 * time.Hour)
	_, err := c.dispatch.SaveShifts(c.ctx, c.as(admin), dispatch.ShiftsRequest{Expert: ines.ID, OnCall: []muster.Window{{Start: night, End: night.Add(9 * time.Hour)}}})
	require.NoError(t, err)
	c.clock.Set(night)
	id := c.submit(critical).ID
	c.prompt(id)
	c.step(id, 1)
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		_, err := other.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{
			Expert: ines.ID, Leave: muster.Leave{Window: muster.Window{Start: monday.AddDate(1, 0, 0), End: monday.AddDate(1, 0, 1)}},
		})
		require.NoError(t, err)
	}
	require.Equal(t, 1, c.prompt(id).Offered)
	require.Contains(t, c.askedNow(id), ines.ID)
	c.sound()
}

// Nobody is on call tonight: the ticket goes on climbing, and is before a person from the second step on, with what they could
// do about it.
func TestAnUrgentTicketThatNobodyCanTakeTonightIsBeforeAPerson(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	c.clock.Set(monday.Add(-10 * time.Hour))
	id := c.submit(critical).ID
	c.prompt(id)
	for step := 1; step <= 3; step++ {
		c.step(id, step)
		c.prompt(id)
		require.Equal(t, []muster.ExpertID{li.ID}, c.askedNow(id))
	}
	require.True(t, c.clock.Now().Before(monday))
	require.Contains(t, c.exception(id, muster.ExceptionEscalated).Note, "nobody has accepted in step 2")
	require.Contains(t, c.exception(id, muster.ExceptionNoExpert).Note, "on shift or on call")
	for c.clock.Now().Before(monday.Add(-time.Hour)) { // it is looked at as often as one that is queued
		before := c.load(id).Ticket
		require.NoError(t, c.attend("settle", dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionEscalated}))
		at := before.Timers[muster.TimerQueue]
		require.False(t, at.After(c.clock.Now().Add(time.Hour)))
		for !c.clock.Now().After(at) {
			c.ring(id)
			c.clock.Advance(time.Second)
		}
		require.True(t, c.has(id, muster.ExceptionEscalated))
	}
	c.clock.Set(monday.Add(time.Second))
	o := c.load(id).Offers[0]
	_, err := c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: o.ID})
	require.NoError(t, err)
	require.False(t, c.has(id, muster.ExceptionEscalated))
	require.False(t, c.has(id, muster.ExceptionNoExpert))
	c.sound()
}

// A ticket that isn't urgent waits for tomorrow's shift, until it is.
func TestAnOfferForTomorrowWaitsUntilItIsUrgent(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	evening := monday.Add(-14 * time.Hour)
	c.clock.Set(evening)
	opens := monday.Add(2 * time.Hour)
	windows := func(r *dispatch.SubmitRequest) {
		r.Windows = []muster.Window{{Start: opens, End: opens.Add(2 * time.Hour)}}
	}
	wished, plain := c.submit(windows).ID, c.submit().ID
	c.rounds()
	require.Equal(t, "offered", c.shown(wished))
	require.Equal(t, opens.Add(-4*time.Hour), c.load(wished).Ticket.Timers[muster.TimerQueue])
	require.Equal(t, "offered", c.shown(plain))
	require.NotContains(t, c.load(plain).Ticket.Timers, muster.TimerQueue)
	c.step(wished, 1)
	require.Equal(t, opens.Add(-4*time.Hour), c.clock.Now())
	c.sound()
}

// Three who never answer are asked again and again: whoever is faster, rounds or timers, the ticket climbs on time.
func TestSilentExpertsDoNotPutOffEscalation(t *testing.T) {
	c := newCompany(t)
	for i, n := range []string{"li", "kim", "lou"} {
		c.expert(n, float64(3+i))
	}
	ola := c.expert("ola", 52)
	id := c.submit(critical).ID
	for range 100 {
		c.prompt(id) // before any timer rings
		if w := c.wakes(id); w.After(c.clock.Now()) {
			c.clock.Set(w)
		}
		c.due(id)
		if c.load(id).Ticket.Step > 0 {
			break
		}
	}
	require.Equal(t, minutes(30), c.clock.Now(), "its acceptance was due by then")
	for len(c.askedNow(id)) > 0 { // all who are asked now were asked before the step
		c.clock.Set(c.wakes(id))
		c.due(id)
	}
	c.prompt(id)
	require.Equal(t, 1, c.load(id).Ticket.Step)
	v := c.why(id, ola.ID)
	require.NotNil(t, v.Candidate, "within the reach of the step")
	c.sound()
}

// What a dispatcher adds can be taken back: those who were asked before still are.
func TestAskingMoreCanBeTakenBack(t *testing.T) {
	c := newCompany(t)
	li, kim, lou := c.expert("li", 3), c.expert("kim", 4), c.expert("lou", 5)
	id := c.submit().ID
	first := c.offer(id, li.ID)
	_, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: id, Expert: li.ID})
	require.ErrorContains(t, err, "have been asked")
	a, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: id, Experts: []muster.ExpertID{kim.ID, lou.ID}})
	require.NoError(t, err)
	require.Equal(t, first.Visit.ID, a.Visit.ID)
	require.Len(t, c.askedNow(id), 3)
	c.sound()
	_, err = c.undo(id)
	require.NoError(t, err)
	require.Equal(t, []muster.ExpertID{li.ID}, c.askedNow(id))
	require.Equal(t, first.Offers[0].Deadline, c.load(id).Offers[0].Deadline)
	c.sound()
	_, err = c.undo(id)
	require.NoError(t, err, "and taking that back asks them again")
	require.ElementsMatch(t, []muster.ExpertID{li.ID, kim.ID, lou.ID}, c.askedNow(id))
	require.True(t, slices.ContainsFunc(c.load(id).Offers, func(o muster.Offer) bool {
		return o.ID == first.Offers[0].ID && o.State == muster.OfferOpen
	}), "whoever was asked all the time isn't asked anew")
	c.sound()
}
