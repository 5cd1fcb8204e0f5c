package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// A ticket in triage comes back to people for as long as it is there, whatever they do but triage it, also under a policy by
// which no clock of it runs.
func TestTriageNeverRests(t *testing.T) {
	for _, paused := range []bool{false, true} {
		c := newCompany(t)
		if paused {
			c.agree(func(p *muster.Policy) {
				p.SLA.Pauses = make(map[muster.SLAName][]muster.PauseState)
				for _, n := range muster.SLANames() {
					p.SLA.Pauses[n] = []muster.PauseState{muster.PauseTriage}
				}
			})
		}
		id := c.submit(func(r *dispatch.SubmitRequest) { r.Needs = nil }).ID
		require.Empty(t, c.exceptions(id), "it is on the list of those that are to be triaged")
		which := dispatch.ExceptionRequest{Ticket: id, Kind: muster.ExceptionEscalated}
		for hour := 1; hour <= 24*30; hour++ {
			c.clock.Set(monday.Add(time.Duration(hour)*time.Hour - time.Minute))
			for range 3 {
				c.due(id)
			}
			require.False(t, c.has(id, muster.ExceptionEscalated))
			_, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: id, Mode: muster.ModeRemote}) // still a person's
			require.NoError(t, err)
			c.clock.Set(monday.Add(time.Duration(hour) * time.Hour))
			for range 3 {
				c.due(id)
			}
			require.Contains(t, c.exception(id, muster.ExceptionEscalated).Note, "since 2026-11-23T13:00:00Z")
			require.NoError(t, c.attend("settle", which))
		}
		_, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: id, Mode: muster.ModeHomeVisit, Needs: c.request().Needs})
		require.NoError(t, err)
		c.sound()
	}
}

// What comes to triage without a person is put before one at once.
func TestWhatComesToTriageByItselfIsBeforeAPerson(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitArrived)
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Unsafe})
	require.NoError(t, err)
	require.Contains(t, c.exception(a.Ticket.ID, muster.ExceptionEscalated).Note, "unsafe")

	remote := c.submit(func(r *dispatch.SubmitRequest) { r.Mode, r.Needs = muster.ModeRemote, nil }).ID
	until := c.clock.Now().Add(time.Hour)
	_, err = c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: remote, For: muster.WaitApproval, Until: until})
	require.NoError(t, err)
	c.clock.Set(until)
	c.due(remote)
	require.Equal(t, "triage", c.shown(remote))
	require.Contains(t, c.exception(remote, muster.ExceptionEscalated).Note, "has not come in time")
	require.Equal(t, until.Add(time.Hour), c.load(remote).Ticket.Timers[muster.TimerTriage])
	c.sound()
}
