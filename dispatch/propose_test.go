package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// proposing has tickets for which nobody can be found, and people who could come if something were set aside: one or two of
// them. All are in the step that proposes.
func proposing(t *testing.T) (*company, []muster.TicketID) {
	c := newCompany(t)
	c.steps()
	c.expert("li", 3)
	for i, name := range []string{"kim", "ola", "max"} {
		c.expert(name, 4+float64(i), muster.Competence{Skill: fridges, Level: 1})
	}
	early := muster.Window{Start: monday.Add(10 * time.Minute), End: monday.Add(12 * time.Minute)}
	two := func(r *dispatch.SubmitRequest) { r.Crew = 2 }
	wish := func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{early} }
	level := func(l muster.Level) func(*dispatch.SubmitRequest) {
		return func(r *dispatch.SubmitRequest) { r.Needs[0].Level = l }
	}
	var tickets []muster.TicketID
	for _, edits := range [][]func(*dispatch.SubmitRequest){
		{level(4)}, {level(4), wish}, {wish},
		{two, level(2)}, {two, level(2), wish}, {two, level(1), wish},
	} {
		tickets = append(tickets, c.submit(edits...).ID)
	}
	c.rounds()
	for _, id := range tickets {
		c.step(id, 2)
	}
	c.rounds()
	return c, tickets
}

func accept(c *company, t muster.TicketID, p muster.Proposal) (dispatch.Answer, error) {
	req := dispatch.ProposalRequest{Ticket: t, Expert: p.Expert, Why: "the customer agrees"}
	if p.Second != nil {
		req.Second = p.Second.Expert
	}
	cmd, rev := c.as(dispatcher), c.load(t).Ticket.Rev
	cmd.Seen = &rev
	a, err := c.dispatch.AcceptProposal(c.ctx, cmd, req)
	if err == nil {
		again, err := c.dispatch.AcceptProposal(c.ctx, cmd, req)
		require.NoError(c, err, "the same again")
		require.Equal(c, a.Ticket, again.Ticket)
		require.Equal(c, a.Visit, again.Visit)
	}
	return a, err
}

// TestEveryProposalThatIsShownCanBeAccepted: at the start that was shown, with no more set aside than it named, of one expert
// and of two.
func TestEveryProposalThatIsShownCanBeAccepted(t *testing.T) {
	c, tickets := proposing(t)
	alone, pairs := 0, 0
	for n, id := range tickets {
		for i, p := range c.exception(id, muster.ExceptionOverride).Proposals {
			c, tickets := proposing(t)
			require.Equal(t, id, tickets[n])
			require.Equal(t, p, c.exception(id, muster.ExceptionOverride).Proposals[i])
			a, err := accept(c, id, p)
			require.NoError(t, err, "%d: %v", n, p)
			require.Equal(t, muster.VisitAssigned, a.Visit.State)
			require.Equal(t, p.Start, a.Visit.Start)
			require.Empty(t, a.Ticket.Exceptions)
			set := map[muster.ExpertID][]muster.ReasonCode{}
			for _, x := range a.Assignments {
				for _, o := range x.Decided.Overrides {
					if o.Step == 0 {
						require.Equal(t, "the customer agrees", o.Why)
						set[x.Expert] = append(set[x.Expert], o.Code)
					}
				}
			}
			shown := map[muster.ExpertID][]muster.ReasonCode{}
			for _, r := range p.Reasons {
				shown[p.Expert] = append(shown[p.Expert], r.Code)
			}
			if p.Second != nil {
				pairs++
				for _, r := range p.Second.Reasons {
					shown[p.Second.Expert] = append(shown[p.Second.Expert], r.Code)
				}
			} else {
				alone++
			}
			require.Equal(t, shown, set)
			c.sound()
		}
	}
	require.Greater(t, alone, 4)
	require.Greater(t, pairs, 4)
	t.Logf("%d of one, %d of two", alone, pairs)
}

// TestAProposalThatDoesNotHoldIsRefused with a code of its own, and nothing changes.
func TestAProposalThatDoesNotHoldIsRefused(t *testing.T) {
	c, tickets := proposing(t)
	pair := tickets[3]
	p := c.exception(pair, muster.ExceptionOverride).Proposals[0]
	require.Contains(t, c.exception(pair, muster.ExceptionOverride).Note, " and ")

	rev := c.load(pair).Ticket.Rev
	req := dispatch.ProposalRequest{Ticket: pair, Expert: p.Expert, Second: p.Second.Expert, Why: "x"}
	try := func(by muster.Actor, seen *int64, req dispatch.ProposalRequest) muster.Code {
		cmd := c.as(by)
		cmd.Seen = seen
		_, err := c.dispatch.AcceptProposal(c.ctx, cmd, req)
		return muster.CodeOf(err)
	}
	old, swapped, silent := rev-1, req, req
	swapped.Second, silent.Why = "exp_li", ""
	swapped.Expert = p.Second.Expert
	require.Equal(t, muster.CodePrecondition, try(dispatcher, nil, req))
	require.Equal(t, muster.CodeStale, try(dispatcher, &old, req))
	require.Equal(t, muster.CodeProposalGone, try(dispatcher, &rev, swapped), "nobody was shown that")
	require.Equal(t, muster.CodeInvalid, try(dispatcher, &rev, silent), "no reason")
	require.Equal(t, muster.CodeForbidden, try(helpdesk, &rev, req))
	manager := muster.Actor{ID: "usr_mo", Role: muster.RoleManager, Name: "Mo"}
	require.Equal(t, muster.CodeForbidden, try(manager, &rev, req), "as with overrides")
	require.Equal(t, rev, c.load(pair).Ticket.Rev)

	c.hiding(p.Second.Expert)
	_, err := accept(c, pair, p)
	var gone *muster.Error
	require.ErrorAs(t, err, &gone)
	require.Equal(t, muster.CodeProposalGone, gone.Code)
	require.NotEmpty(t, gone.Reasons)
	require.Equal(t, rev, c.load(pair).Ticket.Rev)
	c.sound()
}

// TestAProposalOutlivesItsMinute: whoever accepts it when its start has passed sends the same people a little later; once
// that isn't the same any more it is refused, and the next look proposes anew.
func TestAProposalOutlivesItsMinute(t *testing.T) {
	for _, at := range []int{0, 3} {
		c, tickets := proposing(t)
		p := c.exception(tickets[at], muster.ExceptionOverride).Proposals[0]
		c.clock.Set(p.Start.Add(10 * time.Minute))
		a, err := accept(c, tickets[at], p)
		require.NoError(t, err)
		require.True(t, a.Visit.Start.After(p.Start))
		c.sound()

		c, tickets = proposing(t)
		c.clock.Set(p.Start.Add(2 * time.Hour))
		_, err = accept(c, tickets[at], p)
		require.Equal(t, muster.CodeProposalGone, muster.CodeOf(err))
		for range 60 {
			c.clock.Advance(time.Minute)
			c.rounds()
		}
		anew := c.exception(tickets[at], muster.ExceptionOverride).Proposals[0]
		require.True(t, anew.Start.After(p.Start), "%v", anew)
		_, err = accept(c, tickets[at], anew)
		require.NoError(t, err)
		c.sound()
	}
}
