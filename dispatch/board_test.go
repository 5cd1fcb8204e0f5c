package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestTwoVisitsThatOverlapAreNeverOnePersons(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	second := c.submit()
	half := a.Visit.Start.Add(30 * time.Minute)

	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: second.ID, Expert: li.ID, Start: half})
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(err))

	v, err := c.dispatch.WhyAt(c.ctx, dispatch.TicketRef{Number: second.Number}, li.ID, half)
	require.NoError(t, err)
	require.NotNil(t, v.Exclusion)
	reason := v.Exclusion.Reasons[0]
	require.Equal(t, muster.Overlaps, reason.Code)
	require.Equal(t, muster.Window{Start: half, End: half.Add(time.Hour)}, reason.Have)
	require.Equal(t, muster.Window{Start: a.Visit.Start, End: a.Visit.End}, reason.Need)
	require.Contains(t, reason.Text, "08:")

	// No override helps: overlapping is of the class that nobody sets aside.
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: second.ID, Expert: li.ID, Start: half, Overrides: []muster.ReasonCode{muster.Overlaps}, Why: "she is quick",
	})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	require.Equal(t, muster.Queued, c.load(second.ID).Ticket.State)
	c.sound()
}

func TestMatchAndWhyAgree(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	far := c.expert("far", 100)
	plumber := c.expert("gus", 3, muster.Competence{Skill: gas, Level: 5, Expires: monday.AddDate(1, 0, 0)})
	ticket := c.submit()
	m, err := c.dispatch.Match(c.ctx, dispatch.TicketRef{ID: ticket.ID})
	require.NoError(t, err)
	require.Equal(t, ticket.ID, m.Ticket)
	require.Len(t, m.Candidates, 1)
	require.Len(t, m.Excluded, 2)
	for _, e := range []muster.Expert{li, far, plumber} {
		v, err := c.dispatch.Why(c.ctx, dispatch.TicketRef{ID: ticket.ID}, e.ID)
		require.NoError(t, err)
		if v.Candidate != nil {
			require.Equal(t, m.Candidates[0].Start, v.Candidate.Start)
			continue
		}
		for _, x := range m.Excluded {
			if x.Expert == e.ID {
				require.Equal(t, x.Reasons, v.Exclusion.Reasons)
			}
		}
	}
	_, err = c.dispatch.Why(c.ctx, dispatch.TicketRef{ID: ticket.ID}, "exp_nobody")
	require.Equal(t, muster.CodeNotFound, muster.CodeOf(err))
	_, err = c.dispatch.Match(c.ctx, dispatch.TicketRef{Number: 999_999})
	require.Equal(t, muster.CodeNotFound, muster.CodeOf(err))
}

func TestOverridesAreADispatchersAndKept(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3, muster.Competence{Skill: fridges, Level: 1})
	ticket := c.submit()
	req := dispatch.AssignRequest{Ticket: ticket.ID, Expert: li.ID}
	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), req)
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(err))
	var e *muster.Error
	require.ErrorAs(t, err, &e)
	require.Len(t, e.Reasons, 1)
	require.Equal(t, muster.LevelLow, e.Reasons[0].Code)

	req.Overrides = []muster.ReasonCode{muster.LevelLow, muster.OutOfTerritory}
	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), req)
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "without a reason why")
	req.Why = "it is only a bulb"
	manager := muster.Actor{ID: "usr_max", Role: muster.RoleManager, Name: "Max"}
	_, err = c.dispatch.Assign(c.ctx, c.as(manager), req)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err))
	for _, code := range []muster.ReasonCode{muster.TooFar, muster.IsBlocked, "no_such"} {
		bad := req
		bad.Overrides = []muster.ReasonCode{code}
		_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), bad)
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), code)
	}

	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), req)
	require.NoError(t, err)
	by := a.Assignments[0].Decided
	require.Equal(t, dispatcher, by.By)
	require.Len(t, by.Overrides, 1, "only what was needed")
	require.Equal(t, muster.LevelLow, by.Overrides[0].Code)
	require.Equal(t, "it is only a bulb", by.Overrides[0].Why)
	c.sound()
}

func TestAHeldOpeningCanBeSetAside(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	asked := c.submit()
	offer := c.offer(asked.ID, li.ID).Offers[0]
	urgent := c.submit()
	req := dispatch.AssignRequest{Ticket: urgent.ID, Expert: li.ID, Start: offer.Start}
	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), req)
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(err))

	req.Overrides, req.Why = []muster.ReasonCode{muster.HeldByOther}, "the freezer thaws"
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), req)
	require.NoError(t, err)
	require.Equal(t, urgent.ID, a.Ticket.ID)
	require.Equal(t, muster.HeldByOther, a.Assignments[0].Decided.Overrides[0].Code)
	k := c.load(asked.ID)
	require.Equal(t, muster.Queued, k.Ticket.State)
	require.Equal(t, muster.OfferWithdrawn, k.Offers[0].State)
	require.Contains(t, k.Offers[0].Reason, urgent.Ref())
	require.Len(t, c.tours()[0].Stops, 1)
	c.sound()
}

func TestReassignMovesAVisit(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	a := c.assign(c.submit().ID, li.ID)
	was := *a.Visit

	a, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: a.Ticket.ID, Expert: kim.ID, Why: "Li is ill"})
	require.NoError(t, err)
	require.Equal(t, was.ID, a.Visit.ID, "the same visit")
	require.Equal(t, was.Start, a.Visit.Start, "at the same time")
	require.Equal(t, was.Window, a.Visit.Window, "as promised")
	require.Len(t, a.Assignments, 2)
	require.Equal(t, []muster.ExpertID{kim.ID}, a.Ticket.Visit.Experts)

	later := was.Start.Add(3 * time.Hour)
	a, err = c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: a.Ticket.ID, Expert: kim.ID, Start: later})
	require.NoError(t, err)
	require.Equal(t, later, a.Visit.Start)
	require.True(t, a.Visit.Window.Contains(later), "a new promise")

	// From the road too: the visit is not under way any more.
	_, err = c.dispatch.Depart(c.ctx, c.as(actorOf(kim.ID)), dispatch.VisitRequest{Visit: a.Visit.ID})
	require.NoError(t, err)
	a, err = c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: a.Ticket.ID, Expert: li.ID})
	require.NoError(t, err)
	require.Equal(t, muster.VisitAssigned, a.Visit.State)
	require.Zero(t, a.Visit.DepartedAt)
	c.sound()
}

func TestUndo(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	undo := func(a muster.Actor, id muster.TicketID) error {
		_, err := c.dispatch.Undo(c.ctx, c.as(a), dispatch.TicketRequest{Ticket: id})
		return err
	}

	a := c.assign(c.submit().ID, li.ID)
	require.Equal(t, muster.CodeUndoOver, muster.CodeOf(undo(admin, a.Ticket.ID)), "it was somebody else's")
	c.clock.Advance(10*time.Second - time.Microsecond)
	require.NoError(t, undo(dispatcher, a.Ticket.ID))
	k := c.load(a.Ticket.ID)
	require.Equal(t, muster.Queued, k.Ticket.State)
	require.Equal(t, muster.AssignmentWithdrawn, k.Assignments[0].State)
	history, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(a.Ticket.ID))
	require.NoError(t, err)
	require.Equal(t, "ticket.undone", history[len(history)-1].Name)
	require.Len(t, history, 3, "nothing is taken out of it")

	a = c.assign(c.submit().ID, li.ID)
	c.clock.Advance(10 * time.Second)
	require.Equal(t, muster.CodeUndoOver, muster.CodeOf(undo(dispatcher, a.Ticket.ID)), "the ten seconds are over")

	a = c.assign(c.submit().ID, li.ID)
	c.clock.Advance(time.Second)
	_, err = c.dispatch.Reassign(c.ctx, c.as(admin), dispatch.AssignRequest{Ticket: a.Ticket.ID, Expert: kim.ID})
	require.NoError(t, err)
	require.Equal(t, muster.CodeUndoOver, muster.CodeOf(undo(dispatcher, a.Ticket.ID)), "somebody acted since")

	offer := c.offer(c.submit().ID, li.ID).Offers[0]
	_, err = c.dispatch.Accept(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: offer.ID})
	require.NoError(t, err)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(undo(actorOf(kim.ID), offer.Ticket)))
	require.NoError(t, undo(actorOf(li.ID), offer.Ticket), "an expert gives back what they have just accepted")
	c.sound()
}

func TestUnassignNeedsAReason(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	a := c.assign(c.submit().ID, li.ID)
	_, err := c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: a.Ticket.ID, Reason: " "})
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
	a, err = c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: a.Ticket.ID, Reason: "the van broke down"})
	require.NoError(t, err)
	require.Equal(t, "the van broke down", a.Assignments[0].Reason)
	require.Equal(t, muster.Queued, a.Ticket.State)
	require.Nil(t, a.Ticket.Visit)
	c.sound()
}

// TestAHoldIsOnlySetAsideForItsOpening: a reassignment that can't stay at its time takes nothing from who is asked for it.
func TestAHoldIsOnlySetAsideForItsOpening(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 5)
	noon := monday.Add(4 * time.Hour)
	mine, asked := c.at(li.ID, noon), c.submit()
	_, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: asked.ID, Expert: kim.ID, Start: noon})
	require.NoError(t, err)
	_, err = c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{Expert: kim.ID, Leave: muster.Leave{
		Window: muster.Window{Start: noon.Add(50 * time.Minute), End: noon.Add(time.Hour)}, Kind: "holiday",
	}})
	require.NoError(t, err)
	a, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
		Ticket: mine.Ticket.ID, Expert: kim.ID, Overrides: []muster.ReasonCode{muster.HeldByOther}, Why: "it thaws",
	})
	require.NoError(t, err)
	require.NotEqual(t, noon, a.Visit.Start)
	require.Equal(t, "offered", c.shown(asked.ID), "its opening isn't taken")
}
