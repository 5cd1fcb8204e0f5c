package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestWhatAVisitFound(t *testing.T) {
	soon := monday.Add(2 * time.Hour)
	for _, tt := range []struct {
		req    dispatch.EndRequest
		state  muster.TicketState
		wait   muster.Wait
		prefer bool
		crew   int
		needs  []muster.Need
	}{
		{req: dispatch.EndRequest{Outcome: muster.Fixed}, state: muster.Completed},
		{req: dispatch.EndRequest{Outcome: muster.BeyondRepair}, state: muster.Completed},
		{req: dispatch.EndRequest{Outcome: muster.FaultNotFound}, state: muster.Completed},
		{
			req:   dispatch.EndRequest{Outcome: muster.PartNeeded, Carry: []string{"seal", "pump"}},
			state: muster.Waiting, prefer: true,
			wait: muster.Wait{For: muster.WaitParts, Until: monday.Add(72 * time.Hour), Note: "seal, pump"},
		},
		{
			req:   dispatch.EndRequest{Outcome: muster.PartNeeded, Until: soon, Note: "in the shop"},
			state: muster.Waiting, prefer: true, wait: muster.Wait{For: muster.WaitParts, Until: soon, Note: "in the shop"},
		},
		{
			req:   dispatch.EndRequest{Outcome: muster.NoAccess, Note: "nobody there"},
			state: muster.Waiting, prefer: true,
			wait: muster.Wait{For: muster.WaitCustomer, Until: monday.Add(24 * time.Hour), Note: "nobody there"},
		},
		{
			req:   dispatch.EndRequest{Outcome: muster.Refused},
			state: muster.Waiting, wait: muster.Wait{For: muster.WaitCustomer, Until: monday.Add(24 * time.Hour)},
		},
		{
			req:   dispatch.EndRequest{Outcome: muster.OtherSkillNeeded, Needs: []muster.Need{{Skill: gas, Level: 4}}},
			state: muster.Queued, needs: []muster.Need{{Skill: gas, Level: 4}},
		},
		{req: dispatch.EndRequest{Outcome: muster.SecondNeeded}, state: muster.Queued, prefer: true, crew: 2},
		{req: dispatch.EndRequest{Outcome: muster.Unsafe}, state: muster.Triage, prefer: true},
	} {
		t.Run(string(tt.req.Outcome), func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			a := c.assign(c.submit().ID, li.ID)
			c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
			tt.req.Visit = a.Visit.ID
			a, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), tt.req)
			require.NoError(t, err)
			require.Equal(t, tt.state, a.Ticket.State)
			require.Equal(t, tt.wait, a.Ticket.Wait)
			require.Equal(t, string(tt.req.Outcome), a.Ticket.Outcome)
			require.Equal(t, tt.prefer, a.Ticket.Prefer == li.ID)
			require.Equal(t, max(tt.crew, 1), a.Ticket.Crew)
			if tt.needs == nil {
				tt.needs = c.request().Needs
			}
			require.Equal(t, tt.needs, a.Ticket.Needs)
			require.Equal(t, muster.VisitEnded, a.Visit.State)
			require.Equal(t, tt.req.Note, a.Visit.Note)
			_, _, timed := a.Ticket.Timers.Next()
			require.True(t, timed)
			c.sound()
		})
	}
}

func TestAnEndThatSaysTooLittleIsRefused(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	for _, req := range []dispatch.EndRequest{
		{Outcome: "mended"},
		{Outcome: muster.Withdrawn},
		{Outcome: muster.OtherSkillNeeded},
		{Outcome: muster.OtherSkillNeeded, Needs: []muster.Need{{Skill: gas, Level: 6}}},
		{Outcome: muster.OtherSkillNeeded, Needs: []muster.Need{{Skill: "skl_magic", Level: 1}}},
		{Outcome: muster.PartNeeded, Until: monday.Add(-time.Hour)},
		{Outcome: muster.Fixed, Note: "\xff"},
	} {
		req.Visit = a.Visit.ID
		_, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), req)
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "%+v", req)
	}
	kim := c.expert("kim", 3)
	_, err := c.dispatch.End(c.ctx, c.as(actorOf(kim.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err), "another expert's visit")
	_, err = c.dispatch.End(c.ctx, c.as(dispatcher), dispatch.EndRequest{Visit: "vis_nothing", Outcome: muster.Fixed})
	require.Equal(t, muster.CodeNotFound, muster.CodeOf(err))
}

// The second visit goes to who began the repair, even if others are nearer.
func TestTheSameExpertComesAgain(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 6)
	a := c.assign(c.submit().ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	a, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.PartNeeded, Until: monday.Add(72 * time.Hour)})
	require.NoError(t, err)
	c.expert("kim", 5)

	wake := c.as(muster.System("timers"))
	_, err = c.dispatch.Wake(c.ctx, wake, dispatch.TicketRequest{Ticket: a.Ticket.ID})
	require.Equal(t, muster.CodeState, muster.CodeOf(err), "its time hasn't come")
	c.clock.Set(a.Ticket.Wait.Until)
	a, err = c.dispatch.Wake(c.ctx, wake, dispatch.TicketRequest{Ticket: a.Ticket.ID})
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	require.Equal(t, c.clock.Now(), a.Ticket.QueuedAt)
	require.Zero(t, a.Ticket.Wait)
	m, err := c.dispatch.Match(c.ctx, dispatch.TicketRef{ID: a.Ticket.ID})
	require.NoError(t, err)
	require.Len(t, m.Candidates, 2)
	require.Equal(t, li.ID, m.Candidates[0].Expert)
	a = c.assign(a.Ticket.ID, li.ID)
	require.Equal(t, 2, a.Visit.N)
	require.Equal(t, 2, a.Ticket.Visits)
	c.sound()
}

func TestCarryInAndRemoteNeedNoVisit(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	carried := c.submit(func(r *dispatch.SubmitRequest) { r.Mode, r.Needs = muster.ModeCarryIn, nil })
	require.Equal(t, muster.Waiting, carried.State)
	require.Equal(t, muster.WaitCustomer, carried.Wait.For)
	require.Equal(t, carried.Wait.Until, carried.Timers[muster.TimerWake])
	remote := c.submit(func(r *dispatch.SubmitRequest) { r.Mode = muster.ModeRemote })
	require.Equal(t, muster.Triage, remote.State, "a person calls")

	_, err := c.dispatch.Queue(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: carried.ID})
	require.Equal(t, muster.CodeState, muster.CodeOf(err), "rounds plan home visits only")
	report, err := c.dispatch.Round(c.ctx, carried.Region)
	require.NoError(t, err)
	require.Zero(t, report.Looked)

	for _, id := range []muster.TicketID{carried.ID, remote.ID} {
		_, err := c.dispatch.Complete(c.ctx, c.as(helpdesk), dispatch.CompleteRequest{Ticket: id, Outcome: muster.PartNeeded})
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
		a, err := c.dispatch.Complete(c.ctx, c.as(helpdesk), dispatch.CompleteRequest{Ticket: id, Outcome: muster.Fixed, Note: "new fuse"})
		require.NoError(t, err)
		require.Equal(t, muster.Completed, a.Ticket.State)
		require.Equal(t, "fixed: new fuse", a.Ticket.Outcome)
	}

	// A customer who never brings it is asked about it by a person.
	forgotten := c.submit(func(r *dispatch.SubmitRequest) { r.Mode = muster.ModeCarryIn })
	c.clock.Set(forgotten.Wait.Until)
	a, err := c.dispatch.Wake(c.ctx, c.as(muster.System("timers")), dispatch.TicketRequest{Ticket: forgotten.ID})
	require.NoError(t, err)
	require.Equal(t, muster.Triage, a.Ticket.State)
	c.sound()
}

func TestCompletedCanOnlyBeReopened(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitInProgress)
	a, err := c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	joan := muster.Actor{ID: "usr_joan", Role: muster.RoleCustomer, Name: "Joan", Customer: c.customer.ID}
	req := dispatch.TicketRequest{Ticket: a.Ticket.ID}
	_, err = c.dispatch.Cancel(c.ctx, c.as(joan), req)
	require.Equal(t, muster.CodeState, muster.CodeOf(err))

	stranger := joan
	stranger.Customer = "cus_other"
	_, err = c.dispatch.Reopen(c.ctx, c.as(stranger), req)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	a, err = c.dispatch.Reopen(c.ctx, c.as(joan), req)
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	require.Equal(t, li.ID, a.Ticket.Prefer)
	require.Zero(t, a.Ticket.CompletedAt)

	a = c.assign(a.Ticket.ID, li.ID)
	c.under(a.Visit.ID, li.ID, muster.VisitEnRoute)
	_, err = c.dispatch.Cancel(c.ctx, c.as(joan), req)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err), "the expert is on the way")
	a, err = c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: req.Ticket, Reason: "sold it"})
	require.NoError(t, err)
	require.Equal(t, "sold it", a.Ticket.Outcome)
	require.Equal(t, muster.OutcomeTicketDone, a.Visit.Outcome)
	require.Equal(t, muster.AssignmentWithdrawn, a.Assignments[0].State)
	c.sound()
}
