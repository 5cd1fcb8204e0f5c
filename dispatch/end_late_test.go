package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// An end that a phone could not tell at once was when it was: what is due by then was kept, and warranty counts from it.
// Both times are kept, and the customer has their whole time to say no after we heard.
func TestAnEndThatIsToldLateKeepsBothTimes(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) {
		p.Due[muster.PriorityNormal], p.SLA.Resolution[muster.PriorityNormal] = 120, 150
	})
	id, a := c.morning()
	c.clock.Set(a.Visit.Start)
	c.under(a.Visit.ID, "exp_li", muster.VisitInProgress)
	began := c.clock.Now()
	ended := began.Add(40 * time.Minute)
	c.until(id, monday.Add(4*time.Hour), true)
	require.NotZero(t, c.clockOf(id, muster.SLAResolution).BreachedAt, "as far as we know")
	require.Len(t, c.of(id, muster.ExceptionLate), 1)

	known := c.clock.Now()
	answer, err := c.dispatch.End(c.ctx, c.as(actorOf("exp_li")), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed, At: ended})
	require.NoError(t, err)
	v := c.load(id).Visits[0]
	require.Equal(t, ended, v.EndedAt)
	require.Equal(t, muster.Report{State: muster.VisitEnded, Expert: "exp_li", Happened: ended, Received: known}, v.Reports[len(v.Reports)-1])
	require.Equal(t, ended, answer.Ticket.CompletedAt)
	require.Equal(t, ended, c.stop(a.Visit.ID).EndedAt)
	clock := c.clockOf(id, muster.SLAResolution)
	require.Equal(t, ended, clock.EndedAt)
	require.Zero(t, clock.BreachedAt, "it was in time")
	require.Empty(t, c.exceptions(id))
	require.Equal(t, known.Add(24*time.Hour), answer.Ticket.Timers[muster.TimerResolve])
	c.sound()

	c.clock.Set(ended.Add(30*24*time.Hour + time.Minute))
	_, err = c.dispatch.Reopen(c.ctx, c.as(muster.Actor{ID: "usr_joan", Role: muster.RoleCustomer, Customer: c.customer.ID}), dispatch.TicketRequest{Ticket: id})
	require.Error(t, err, "the time of warranty began when the work ended")
}

// A visit that ended without having done anything let its clocks stand from then: the customer was away, whenever we heard
// of it. What became late meanwhile wasn't; what was late by then is.
func TestAWaitThatIsToldLateStopsClocksFromTheEnd(t *testing.T) {
	for name, of := range map[string]struct {
		closed int // minutes after eight
		late   bool
	}{"in time": {100, false}, "at the very end": {150, true}, "too late": {160, true}} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			c.agree(func(p *muster.Policy) {
				p.Due[muster.PriorityNormal], p.SLA.Resolution[muster.PriorityNormal] = 120, 150
			})
			id, a := c.morning()
			c.clock.Set(a.Visit.Start)
			c.under(a.Visit.ID, "exp_li", muster.VisitInProgress)
			c.until(id, monday.Add(4*time.Hour), true)
			require.Equal(t, minutes(150), c.clockOf(id, muster.SLAResolution).BreachedAt, "as far as we know")
			end := dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.NoAccess, At: minutes(of.closed)}
			_, err := c.dispatch.End(c.ctx, c.as(actorOf("exp_li")), end)
			require.NoError(t, err)
			clock := c.clockOf(id, muster.SLAResolution)
			require.Equal(t, minutes(of.closed), clock.PausedAt)
			require.Equal(t, of.late, !clock.BreachedAt.IsZero())
			require.Equal(t, of.late, len(c.of(id, muster.ExceptionLate)) > 0)
			require.Zero(t, c.load(id).Ticket.Step)

			c.clock.Set(minutes(300))
			_, err = c.dispatch.Wake(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id})
			require.NoError(t, err)
			left := max(0, 150-of.closed)
			if !of.late {
				require.Equal(t, minutes(300+left), c.clockOf(id, muster.SLAResolution).Due, "what was left when nobody opened")
			}
			c.sound()
		})
	}
}

// A phone's clock that is wrong ends nothing before it began, or ahead of ours.
func TestAnEndIsNeitherBeforeTheWorkNorAheadOfUs(t *testing.T) {
	for name, of := range map[string]struct{ at, want time.Duration }{
		"before": {-time.Hour, 0}, "ahead": {3 * time.Hour, time.Hour}, "between": {20 * time.Minute, 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			_, a := c.morning()
			c.clock.Set(a.Visit.Start)
			c.under(a.Visit.ID, "exp_li", muster.VisitInProgress)
			began := c.clock.Now()
			c.clock.Advance(time.Hour)
			done, err := c.dispatch.End(c.ctx, c.as(actorOf("exp_li")), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed, At: began.Add(of.at)})
			require.NoError(t, err)
			require.Equal(t, began.Add(of.want), done.Visit.EndedAt)
			require.Equal(t, began.Add(of.at), done.Visit.Reports[len(done.Visit.Reports)-1].Happened)
			c.sound()
		})
	}
}

// An expert without a signal did the work before the visit was withdrawn: what they found is put before a person.
func TestAnEndOfAVisitThatWasWithdrawnAfterIt(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	c.clock.Set(a.Visit.Start.Add(time.Hour))
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "no word from li"})
	require.NoError(t, err)
	ended := a.Visit.Start.Add(30 * time.Minute)
	_, err = c.dispatch.End(c.ctx, c.as(actorOf("exp_li")), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed, At: ended})
	require.NoError(t, err)
	calls := c.callTasks(id)
	require.Len(t, calls, 1)
	require.Contains(t, calls[0].Note, `li reports "fixed" of `+ended.Format(time.RFC3339))
	require.Equal(t, muster.Queued, c.load(id).Ticket.State, "what was decided stands")
	c.sound()
}
