package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// booked is a day of one expert: visits with windows of an hour, each an hour long, by the minutes after eight at which
// their windows open.
func (c *company) booked(e muster.ExpertID, opens ...int) []dispatch.Answer {
	c.Helper()
	out := make([]dispatch.Answer, len(opens))
	for i, m := range opens {
		tk := c.submit(func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: minutes(m), End: minutes(m + 60)}}
		})
		out[i] = c.assign(tk.ID, e)
	}
	return out
}

// stop is a visit's stop as the store has it.
func (c *company) stop(v muster.VisitID) muster.Stop {
	c.Helper()
	for _, t := range c.tours() {
		for _, s := range t.Stops {
			if s.Visit == v {
				return s
			}
		}
	}
	require.Fail(c, "no stop", v)
	return muster.Stop{}
}

// TestAnOverrunIsSeenComing: a visit that takes longer makes the next ones late, and people are told before they are.
func TestAnOverrunIsSeenComing(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	day := c.booked(li.ID, 30, 90, 240)
	first, second, third := day[0].Visit, day[1], day[2]
	c.clock.Set(first.Start.Add(-10 * time.Minute))
	c.under(first.ID, li.ID, muster.VisitEnRoute)
	c.clock.Set(first.Start)
	_, err := c.dispatch.Arrive(c.ctx, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: first.ID})
	require.NoError(t, err)
	_, err = c.dispatch.Start(c.ctx, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: first.ID})
	require.NoError(t, err)
	require.Zero(t, c.stop(second.Visit.ID).Expected, "as planned")
	require.Equal(t, first.End, c.load(day[0].Ticket.ID).Ticket.Timers[muster.TimerOverrun])

	for at := first.End; ; at = at.Add(15 * time.Minute) {
		c.clock.Set(at)
		c.due(day[0].Ticket.ID)
		s := c.stop(first.ID)
		require.Equal(t, at.Add(15*time.Minute), s.Until)
		require.Equal(t, at.Add(15*time.Minute), c.load(day[0].Ticket.ID).Ticket.Timers[muster.TimerOverrun])
		next := c.stop(second.Visit.ID)
		require.Equal(t, second.Visit.Start, next.Start, "the plan stays")
		if next.Expected.Sub(next.Window.End) < 15*time.Minute {
			require.Empty(t, c.exceptions(second.Ticket.ID))
			continue
		}
		break
	}
	late := c.exceptions(second.Ticket.ID) // by then its promise has ended as well
	require.Equal(t, muster.ExceptionPredicted, late[0].Kind)
	require.Equal(t, second.Visit.ID, late[0].Visit)
	require.Contains(t, late[0].Note, "expected at "+c.stop(second.Visit.ID).Expected.Format(time.RFC3339))
	require.Empty(t, c.exceptions(third.Ticket.ID), "there is time until then")
	events, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(second.Ticket.ID))
	require.NoError(t, err)
	require.Equal(t, "visit.predicted_late", events[len(events)-1].Name)

	rev := c.load(second.Ticket.ID).Ticket.Rev
	c.clock.Set(c.stop(first.ID).Until)
	_, err = c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: first.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	require.Equal(t, rev, c.load(second.Ticket.ID).Ticket.Rev, "it isn't so much worse: nobody is told again")
	c.under(second.Visit.ID, li.ID, muster.VisitArrived)
	require.Empty(t, c.exceptions(second.Ticket.ID), "they are there")
	c.sound()
}

// TestAForgottenEndIsToldOnce: while nobody ends a visit the clock makes the next one ever later, and its customer hears of
// that once; then again when the expert has ended it, and it is known how late they are.
func TestAForgottenEndIsToldOnce(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	day := c.booked(li.ID, 30, 90)
	first, second := day[0], day[1].Ticket.ID
	warned := func() (n int) {
		t.Helper()
		events, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(second))
		require.NoError(t, err)
		for _, e := range events {
			if e.Name == "visit.predicted_late" {
				n++
			}
		}
		return n
	}
	c.clock.Set(first.Visit.Start.Add(-10 * time.Minute))
	c.under(first.Visit.ID, li.ID, muster.VisitInProgress)
	for at := first.Visit.End; at.Before(first.Visit.End.Add(4 * time.Hour)); at = at.Add(15 * time.Minute) {
		c.clock.Set(at)
		c.due(first.Ticket.ID)
	}
	require.Equal(t, 1, warned())
	require.Len(t, c.of(second, muster.ExceptionPredicted), 1, "a person sees it all the while")
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: first.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	require.Equal(t, 2, warned())
	c.sound()
}

// TestAnOverrunThatTheTourHasPutOff: another visit's command works the tour out anew, and the end of this one's work moves
// on. Its ticket's timer is older than that, and only looks again: nothing has failed.
func TestAnOverrunThatTheTourHasPutOff(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	day := c.booked(li.ID, 30, 240)
	first := day[0].Visit
	c.clock.Set(first.Start.Add(-10 * time.Minute))
	c.under(first.ID, li.ID, muster.VisitArrived)
	rings := c.load(day[0].Ticket.ID).Ticket.Timers[muster.TimerOverrun]
	c.clock.Set(rings)
	rev := c.load(day[0].Ticket.ID).Ticket.Rev
	c.booked(li.ID, 420) // a moment before the timer is seen to
	until := c.stop(first.ID).Until
	require.Equal(t, rings.Add(15*time.Minute), until)
	c.due(day[0].Ticket.ID)
	c.clock.Set(until.Add(-time.Second))
	c.due(day[0].Ticket.ID)
	require.Equal(t, rev, c.load(day[0].Ticket.ID).Ticket.Rev)
	c.clock.Set(until)
	c.due(day[0].Ticket.ID)
	require.Equal(t, rev+1, c.load(day[0].Ticket.ID).Ticket.Rev, "now it takes longer than anybody expected")
	c.sound()
}

// TestALateTourHasNoTimeForOthers: what the recomputed tour doesn't have can't be given away.
func TestALateTourHasNoTimeForOthers(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	day := c.booked(li.ID, 30, 300)
	first := day[0].Visit
	gap := first.End.Add(30 * time.Minute) // free by the plan
	short := c.submit(func(r *dispatch.SubmitRequest) { r.Duration = 30 })
	fits := func() bool {
		_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: short.ID, Expert: li.ID, Start: gap})
		if err == nil {
			_, err = c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: short.ID, Reason: "a try"})
			require.NoError(t, err)
			return true
		}
		require.Equal(t, muster.CodeUnfit, muster.CodeOf(err))
		return false
	}
	c.clock.Set(first.Start.Add(-10 * time.Minute))
	require.True(t, fits())
	c.clock.Set(first.Start.Add(45 * time.Minute)) // so late they leave
	c.under(first.ID, li.ID, muster.VisitInProgress)
	require.Equal(t, c.clock.Now().Add(time.Hour), c.stop(first.ID).Until)
	require.False(t, fits())
	c.sound()
}

// TestNothingComesBeforeAVisitThatIsOnItsWay: an early departure takes the time before the visit.
func TestNothingComesBeforeAVisitThatIsOnItsWay(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	last := c.booked(li.ID, 300)[0]
	short := c.submit(func(r *dispatch.SubmitRequest) { r.Duration = 30 })
	c.clock.Set(minutes(30))
	c.under(last.Visit.ID, li.ID, muster.VisitEnRoute)
	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: short.ID, Expert: li.ID, Start: minutes(120)})
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(err), "%v", err)
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: short.ID, Expert: li.ID})
	require.NoError(t, err)
	require.False(t, c.stop(c.load(short.ID).Visits[0].ID).Start.Before(last.Visit.End))
	c.sound()
}

// TestACancellationIsGoodNews: those after it are expected earlier again.
func TestACancellationIsGoodNews(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	day := c.booked(li.ID, 30, 90, 150)
	c.clock.Set(day[0].Visit.Start.Add(50 * time.Minute))
	c.under(day[0].Visit.ID, li.ID, muster.VisitArrived)
	before := c.stop(day[2].Visit.ID).Expected
	require.False(t, before.IsZero())
	_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: day[1].Ticket.ID})
	require.NoError(t, err)
	require.True(t, c.stop(day[2].Visit.ID).Expected.Before(before))
	c.sound()
}
