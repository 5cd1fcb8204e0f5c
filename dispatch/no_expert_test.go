package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// events names what happened to an aggregate.
func (c *company) events(id string) []string {
	c.Helper()
	history, err := c.store.History(c.ctx, muster.Scope{Everything: true}, id)
	require.NoError(c, err)
	var names []string
	for _, e := range history {
		names = append(names, e.Name)
	}
	return names
}

func (c *company) rounds() {
	c.Helper()
	_, err := c.dispatch.Rounds(c.ctx)
	require.NoError(c, err)
}

func TestATicketKeepsThatNobodyWasFound(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	easy := c.submit()
	hard := c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 })
	require.Nil(t, hard.NoExpert, "no round has looked yet")
	noted := c.clock.Now()
	c.rounds()
	require.Nil(t, c.load(easy.ID).Ticket.NoExpert)
	k := c.load(hard.ID)
	require.Equal(t, &muster.NoExpert{Since: noted, At: noted, Main: muster.LevelLow}, k.Ticket.NoExpert)
	require.Equal(t, hard.QueuedAt, k.Ticket.QueuedAt, "the wait goes on")
	require.Equal(t, []string{"ticket.submitted", "ticket.no_expert"}, c.events(string(hard.ID)))

	c.clock.Advance(time.Minute)
	c.rounds()
	require.Equal(t, k.Ticket, c.load(hard.ID).Ticket, "nothing new, nothing written")

	// Another reason is written down, but not every minute.
	li.Skills = []muster.Competence{{Skill: gas, Level: 3}}
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), li)
	require.NoError(t, err)
	c.clock.Advance(time.Minute)
	c.rounds()
	require.Equal(t, k.Ticket, c.load(hard.ID).Ticket)
	c.clock.Advance(time.Hour)
	c.rounds()
	require.Equal(t, &muster.NoExpert{Since: noted, At: c.clock.Now(), Main: muster.NoSkill}, c.load(hard.ID).Ticket.NoExpert)

	// It is gone as soon as the ticket is another, or leaves the queue.
	a, err := c.dispatch.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: hard.ID, Needs: []muster.Need{{Skill: gas, Level: 4}}})
	require.NoError(t, err)
	require.Nil(t, a.Ticket.NoExpert)
	c.rounds()
	require.NotNil(t, c.load(hard.ID).Ticket.NoExpert)
	li.Skills[0].Level, li.Skills[0].Expires, li.Rev = 4, monday.AddDate(1, 0, 0), 0
	_, err = c.dispatch.SaveExpert(c.ctx, c.as(admin), li)
	require.NoError(t, err)
	c.rounds()
	k = c.load(hard.ID)
	require.Equal(t, muster.Scheduled, k.Ticket.State)
	require.Nil(t, k.Ticket.NoExpert)
	c.sound()
}

func TestAPromptRoundKeepsThatNobodyWasFound(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	urgent := c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level, r.Priority = 5, muster.PriorityCritical })
	_, err := c.dispatch.PromptRound(c.ctx, urgent.ID)
	require.NoError(t, err)
	require.Equal(t, muster.LevelLow, c.load(urgent.ID).Ticket.NoExpert.Main)
}

// Somebody else's change comes between: it holds, and the next round notes what is true then.
func TestANoteGivesWay(t *testing.T) {
	c, f := newFaulty(t)
	c.expert("li", 3)
	hard := c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 })
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		_, err := other.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: hard.ID})
		require.NoError(t, err)
	}
	c.rounds()
	k := c.load(hard.ID)
	require.Equal(t, muster.Cancelled, k.Ticket.State)
	require.Nil(t, k.Ticket.NoExpert)

	second := c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 })
	f.lose = 1
	c.rounds()
	require.Equal(t, muster.LevelLow, c.load(second.ID).Ticket.NoExpert.Main)
	require.Equal(t, int64(2), c.load(second.ID).Ticket.Rev, "written once, though the reply was lost")
	c.sound()
}
