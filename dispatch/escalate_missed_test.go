package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// slowly makes steps by time alone come late: what is tested is the rest.
func slowly(p *muster.Policy) {
	for i := range p.Escalation {
		p.Escalation[i].After = 600
	}
}

// Ten minutes without workers, in which two deadlines pass: each raises the step, though both are noted at once.
func TestEachMissedDeadlineRaisesTheStep(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) {
		slowly(p)
		p.Due[muster.PriorityNormal] = 65
	})
	id := c.submit().ID
	c.clock.Set(minutes(75))
	c.due(id)
	k := c.load(id).Ticket
	require.Equal(t, 2, k.Step)
	require.Equal(t, minutes(75), k.StepSince)
	require.True(t, c.has(id, muster.ExceptionEscalated), "a step was in vain")
	c.sound()
}

// While somebody has the ticket, and hasn't come, deadlines pass: when it is to be given to another there is no time left to
// climb one step after the other.
func TestADeadlineMissedBySomebodyWhoHasItRaisesTheStep(t *testing.T) {
	c := newCompany(t)
	c.agree(func(p *muster.Policy) {
		slowly(p)
		p.Due[muster.PriorityNormal] = 120
	})
	li := c.expert("li", 3)
	id := c.submit().ID
	c.clock.Set(minutes(10))
	a := c.assign(id, li.ID)
	late := later(minutes(120), a.Visit.Window.End)
	c.clock.Set(late.Add(time.Minute))
	for range 10 {
		c.due(id)
	}
	k := c.load(id).Ticket
	require.Equal(t, 2, k.Step, "the response, and what the customer was promised")
	require.False(t, c.has(id, muster.ExceptionEscalated), "somebody has it")
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id, Reason: "did not come"})
	require.NoError(t, err)
	k = c.load(id).Ticket
	require.Equal(t, 2, k.Step)
	require.False(t, k.StepSince.After(c.clock.Now()), "the time for which somebody had it is left out, not more")
	require.False(t, k.Timers[muster.TimerQueue].After(c.clock.Now().Add(10*time.Hour)))
	c.sound()
}

// What was missed while nobody was looked for counts as soon as somebody is.
func TestADeadlineMissedInTriageRaisesTheStepOfTheQueue(t *testing.T) {
	c := newCompany(t)
	c.agree(slowly)
	id := c.submit(func(r *dispatch.SubmitRequest) { r.Needs = nil }).ID
	require.Equal(t, "triage", c.shown(id))
	c.clock.Set(minutes(61))
	c.due(id)
	require.True(t, c.has(id, muster.ExceptionLate))
	require.Zero(t, c.load(id).Ticket.Step)
	_, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: id, Needs: c.request().Needs})
	require.NoError(t, err)
	k := c.load(id).Ticket
	require.Equal(t, 1, k.Step)
	require.Equal(t, minutes(61), k.StepSince)
	c.sound()
}

// What an old system had missed before makes nobody travel farther, what is missed here does.
func TestWhatWasMissedElsewhereRaisesNoStep(t *testing.T) {
	c := newCompany(t)
	c.agree(slowly)
	in := rows(0, 1)
	in[0].Submit.Priority, in[0].At = muster.PriorityHigh, monday.AddDate(0, 0, -2)
	results, err := c.dispatch.Import(c.ctx, in)
	require.NoError(t, err)
	id := muster.TicketID(results[0].ID)
	k := c.load(id).Ticket
	missed := 0
	for _, clock := range k.Clocks {
		if !clock.BreachedAt.IsZero() {
			missed++
		}
	}
	require.Positive(t, missed)
	require.True(t, c.has(id, muster.ExceptionLate))
	require.Zero(t, k.Step)
	c.clock.Set(k.Timers[muster.TimerSLA])
	c.due(id)
	require.Positive(t, c.load(id).Ticket.Step)
	c.sound()
}
