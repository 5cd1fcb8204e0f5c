package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func (c *company) reassign(req dispatch.AssignRequest) dispatch.Answer {
	c.Helper()
	c.clock.Advance(time.Second)
	a, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), req)
	require.NoError(c, err)
	c.clock.Advance(time.Second)
	return a
}

func (c *company) undo(id muster.TicketID) (dispatch.Answer, error) {
	return c.dispatch.Undo(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: id})
}

// What a reassignment took away comes back when it is taken back: the visit, its time and promise, and who had it.
func TestUndoOfAReassignmentRestoresWhatWas(t *testing.T) {
	for name, crew := range map[string]int{"one": 1, "crew": 2} {
		for _, moved := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				c := newCompany(t)
				ids := []muster.ExpertID{c.expert("li", 3).ID, c.expert("kim", 4).ID, c.expert("mo", 5).ID, c.expert("ed", 2).ID}
				ticket := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = crew })
				first := dispatch.AssignRequest{Ticket: ticket.ID, Expert: ids[0]}
				second := dispatch.AssignRequest{Ticket: ticket.ID, Expert: ids[1]}
				if crew == 2 {
					first.Second, second.Second = ids[2], ids[3]
				}
				was, err := c.dispatch.Assign(c.ctx, c.as(admin), first)
				require.NoError(t, err)
				if moved {
					second.Start = was.Visit.Start.Add(3 * time.Hour)
				}
				c.reassign(second)
				is, err := c.undo(ticket.ID)
				require.NoError(t, err)
				require.Equal(t, muster.VisitAssigned, is.Visit.State)
				require.Equal(t, *was.Visit, *is.Visit, "the visit, its time and its promise")
				require.Equal(t, was.Ticket.Visit, is.Ticket.Visit, "by the same experts")
				k := c.load(ticket.ID)
				require.Len(t, k.Assignments, 3*crew)
				history, err := c.store.History(c.ctx, muster.Scope{Everything: true}, string(ticket.ID))
				require.NoError(t, err)
				require.Equal(t, "ticket.undone", history[len(history)-1].Name)
				c.sound()

				c.clock.Advance(time.Second)
				again, err := c.undo(ticket.ID)
				require.NoError(t, err, "and taking that back restores the reassignment")
				require.Equal(t, []muster.ExpertID{second.Expert, second.Second}[:crew], again.Ticket.Visit.Experts)
				c.sound()
			})
		}
	}
}

// The same expert at another time is a reassignment too.
func TestUndoOfAMoveBringsTheTimeBack(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	was := c.assign(c.submit().ID, li.ID)
	c.reassign(dispatch.AssignRequest{Ticket: was.Ticket.ID, Expert: li.ID, Start: was.Visit.Start.Add(30 * time.Hour)})
	is, err := c.undo(was.Ticket.ID)
	require.NoError(t, err)
	require.Equal(t, *was.Visit, *is.Visit)
	stops := 0
	for _, tour := range c.tours() {
		stops += len(tour.Stops)
	}
	require.Equal(t, 1, stops)
	c.sound()
}

// Where the first place is taken by now, the reassignment stands.
func TestUndoIsOverWhenWhatWasDoesNotFitAnyMore(t *testing.T) {
	for name, spoil := range map[string]func(*company, muster.Expert, dispatch.Answer){
		"another visit is there": func(c *company, li muster.Expert, was dispatch.Answer) {
			other := c.submit()
			_, err := c.dispatch.Assign(c.ctx, c.as(admin), dispatch.AssignRequest{Ticket: other.ID, Expert: li.ID, Start: was.Visit.Start})
			require.NoError(c, err)
		},
		"an opening is held there": func(c *company, li muster.Expert, was dispatch.Answer) {
			other := c.submit()
			_, err := c.dispatch.Offer(c.ctx, c.as(admin), dispatch.OfferRequest{Ticket: other.ID, Expert: li.ID, Start: was.Visit.Start})
			require.NoError(c, err)
		},
		"on leave": func(c *company, li muster.Expert, was dispatch.Answer) {
			_, err := c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{
				Window: muster.Window{Start: was.Visit.Start, End: was.Visit.End}}})
			require.NoError(c, err)
		},
		"gone": func(c *company, li muster.Expert, _ dispatch.Answer) {
			_, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), li.ID)
			require.NoError(c, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li, kim := c.expert("li", 3), c.expert("kim", 4)
			was := c.assign(c.submit().ID, li.ID)
			c.reassign(dispatch.AssignRequest{Ticket: was.Ticket.ID, Expert: kim.ID})
			spoil(c, li, was)
			_, err := c.undo(was.Ticket.ID)
			require.Equal(t, muster.CodeUndoOver, muster.CodeOf(err), "%v", err)
			k := c.load(was.Ticket.ID)
			require.Equal(t, []muster.ExpertID{kim.ID}, k.Ticket.Visit.Experts)
			c.sound()
		})
	}
}

// What a dispatcher had set aside for the first assignment is set aside for its return.
func TestUndoKeepsWhatWasSetAside(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3, muster.Competence{Skill: fridges, Level: 1}), c.expert("kim", 4)
	ticket := c.submit()
	_, err := c.dispatch.Assign(c.ctx, c.as(admin), dispatch.AssignRequest{
		Ticket: ticket.ID, Expert: li.ID, Overrides: []muster.ReasonCode{muster.LevelLow}, Why: "it is only a bulb",
	})
	require.NoError(t, err)
	c.reassign(dispatch.AssignRequest{Ticket: ticket.ID, Expert: kim.ID})
	is, err := c.undo(ticket.ID)
	require.NoError(t, err)
	require.Equal(t, []muster.ExpertID{li.ID}, is.Ticket.Visit.Experts)
	for _, a := range is.Assignments {
		if a.State == muster.AssignmentActive {
			require.Len(t, a.Decided.Overrides, 1)
			require.Equal(t, "it is only a bulb", a.Decided.Overrides[0].Why)
		}
	}
	c.sound()
}

// Taking back rests on the tours of whom it goes back to.
func TestUndoAgainstABookingInTheOldPlace(t *testing.T) {
	c, f := newFaulty(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	was := c.assign(c.submit().ID, li.ID)
	two := c.submit()
	c.reassign(dispatch.AssignRequest{Ticket: was.Ticket.ID, Expert: kim.ID})
	other := dispatch.New(c.store, c.clock)
	f.before = func() {
		_, err := other.Assign(c.ctx, c.as(admin), dispatch.AssignRequest{Ticket: two.ID, Expert: li.ID, Start: was.Visit.Start})
		require.NoError(t, err)
	}
	_, err := c.undo(was.Ticket.ID)
	require.Equal(t, muster.CodeUndoOver, muster.CodeOf(err), "%v", err)
	c.sound()
}

// A reassignment within the promised window leaves the promise as it is, and so does its undo.
func TestUndoOfAReassignmentKeepsThePromise(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	was := c.assign(c.submit().ID, li.ID)
	moved := c.reassign(dispatch.AssignRequest{Ticket: was.Ticket.ID, Expert: li.ID, Start: was.Visit.Start.Add(time.Hour)})
	again := c.reassign(dispatch.AssignRequest{Ticket: was.Ticket.ID, Expert: kim.ID, Start: was.Visit.Start.Add(90 * time.Minute)})
	require.Equal(t, moved.Visit.Window, again.Visit.Window)
	is, err := c.undo(was.Ticket.ID)
	require.NoError(t, err)
	require.Equal(t, moved.Visit.Start, is.Visit.Start)
	require.Equal(t, moved.Visit.Window, is.Visit.Window)
}
