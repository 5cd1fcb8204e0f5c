package dispatch_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
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
				Window: muster.Window{Start: was.Visit.Start, End: was.Visit.End},
			}})
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

// Whoever had left when the visit was given to another has left when it is theirs again: at the moment that they
// said, and whatever the way would take from now on. So it is when that is taken back, and taken back once more.
func TestUndoBringsBackThatSomebodyHasLeft(t *testing.T) {
	for name, crew := range map[string]int{"one": 1, "crew": 2} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			ids := []muster.ExpertID{c.expert("li", 20).ID, c.expert("kim", 4).ID, c.expert("mo", 21).ID, c.expert("ed", 2).ID}
			ticket := c.submit(func(r *dispatch.SubmitRequest) { r.Crew = crew })
			first := dispatch.AssignRequest{Ticket: ticket.ID, Expert: ids[0]}
			second := dispatch.AssignRequest{Ticket: ticket.ID, Expert: ids[1]}
			if crew == 2 {
				first.Second, second.Second = ids[2], ids[3]
			}
			planned, err := c.dispatch.Assign(c.ctx, c.as(admin), first)
			require.NoError(t, err)
			c.clock.Set(planned.Visit.Start.Add(-30 * time.Minute))
			was, err := c.dispatch.Depart(c.ctx, c.as(actorOf(ids[0])), dispatch.VisitRequest{Visit: planned.Visit.ID})
			require.NoError(t, err)
			c.clock.Set(planned.Visit.Start.Add(-5 * time.Minute)) // nobody who left now would be there in time
			second.Start = planned.Visit.Start.Add(4 * time.Hour)
			moved := c.reassign(second)
			require.Zero(t, moved.Visit.DepartedAt)

			for range 2 {
				is, err := c.undo(ticket.ID)
				require.NoError(t, err)
				require.Equal(t, *was.Visit, *is.Visit, "with the state, the time of departure and the promise")
				require.Equal(t, was.Ticket.Visit, is.Ticket.Visit)
				require.Equal(t, *was.Visit, c.load(ticket.ID).Visits[0])
				c.sound()

				c.clock.Advance(time.Second)
				again, err := c.undo(ticket.ID)
				require.NoError(t, err)
				require.Equal(t, *moved.Visit, *again.Visit)
				c.sound()
				c.clock.Advance(time.Second)
			}
		})
	}
}

// A departure since is a fact: it is not taken back with what was done before it.
func TestUndoIsOverOnceSomebodyHasLeft(t *testing.T) {
	for name, reassigned := range map[string]bool{"assigned": false, "reassigned": true} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li, kim := c.expert("li", 3), c.expert("kim", 4)
			ticket := c.submit()
			was, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: kim.ID})
			require.NoError(t, err)
			by := kim.ID
			if reassigned {
				by = li.ID
				c.reassign(dispatch.AssignRequest{Ticket: ticket.ID, Expert: li.ID})
			}
			c.clock.Advance(time.Second)
			left, err := c.dispatch.Depart(c.ctx, c.as(actorOf(by)), dispatch.VisitRequest{Visit: was.Visit.ID})
			require.NoError(t, err)
			c.clock.Advance(time.Second)
			_, err = c.undo(ticket.ID)
			require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
			k := c.load(ticket.ID)
			require.Equal(t, *left.Visit, k.Visits[0])
			require.Equal(t, c.clock.Now().Add(-time.Second), k.Visits[0].DepartedAt)
			c.sound()
		})
	}
}

// A promise that held through a move, and went with a second one, comes back as it was.
func TestUndoBringsBackThePromiseThatWas(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	first := c.assign(c.submit().ID, li.ID)
	was := c.reassign(dispatch.AssignRequest{Ticket: first.Ticket.ID, Expert: li.ID, Start: first.Visit.Start.Add(time.Hour)})
	require.Equal(t, first.Visit.Window, was.Visit.Window)
	moved := c.reassign(dispatch.AssignRequest{Ticket: first.Ticket.ID, Expert: li.ID, Start: first.Visit.Start.Add(30 * time.Hour)})
	require.NotEqual(t, was.Visit.Window, moved.Visit.Window)
	is, err := c.undo(first.Ticket.ID)
	require.NoError(t, err)
	require.Equal(t, *was.Visit, *is.Visit)
	c.sound()
}

// away is a store of which some reads can't be reached.
type away struct {
	graph.Store
	cases, histories int // so many reads fail
}

var errAway = muster.E(muster.CodeUnavailable, "the store is away", "try again")

func (a *away) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	if a.cases > 0 {
		a.cases--
		return graph.TicketCase{}, errAway
	}
	return a.Store.TicketCase(ctx, cmd, ref)
}

func (a *away) History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error) {
	if a.histories > 0 {
		a.histories--
		return nil, errAway
	}
	return a.Store.History(ctx, s, aggregate)
}

// A store that can't be reached for a moment doesn't make an undo be over.
func TestUndoOnAStoreThatIsAway(t *testing.T) {
	for name, a := range map[string]*away{"ticket": {cases: 1}, "history": {histories: 1}} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li, kim := c.expert("li", 3), c.expert("kim", 4)
			was := c.assign(c.submit().ID, li.ID)
			c.reassign(dispatch.AssignRequest{Ticket: was.Ticket.ID, Expert: kim.ID})
			a.Store = c.store
			d := dispatch.New(a, c.clock)
			req := dispatch.TicketRequest{Ticket: was.Ticket.ID}
			cmd := c.as(dispatcher)
			_, err := d.Undo(c.ctx, cmd, req)
			require.ErrorIs(t, err, errAway)
			is, err := d.Undo(c.ctx, cmd, req)
			require.NoError(t, err)
			require.Equal(t, *was.Visit, *is.Visit)
			c.sound()
		})
	}
}

// late lists an aggregate's events as a reader that lags behind does.
type late struct{ dispatch.Store }

func (l late) History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error) {
	events, err := l.Store.History(ctx, s, aggregate)
	return events[:len(events)-1], err
}

// What came before a choice is read from the history: one that isn't whole would take back another choice.
func TestUndoWaitsForItsHistory(t *testing.T) {
	c := newCompany(t)
	a := c.assign(c.submit().ID, c.expert("li", 3).ID)
	before := c.load(a.Ticket.ID)
	_, err := dispatch.New(late{c.store}, c.clock).Undo(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: a.Ticket.ID})
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
	require.Equal(t, before, c.load(a.Ticket.ID))
	_, err = c.undo(a.Ticket.ID)
	require.NoError(t, err)
}

// outrun is a store in which somebody else is faster right before a ticket is read: after its reader has looked at the
// clock.
type outrun struct {
	graph.Store
	by func()
}

func (o *outrun) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	if run := o.by; run != nil {
		o.by = nil
		run()
	}
	return o.Store.TicketCase(ctx, cmd, ref)
}

// TestAChoiceOnANewVisitCanBeTakenBack also where the visit before it ended a moment after the one who chose looked at the
// clock: what ended with that visit is no change of this one.
func TestAChoiceOnANewVisitCanBeTakenBack(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	first := c.assign(c.submit().ID, li.ID)
	slow := &outrun{Store: c.store}
	slow.by = func() {
		c.clock.Advance(time.Millisecond)
		_, err := c.dispatch.Unassign(c.ctx, c.as(admin), dispatch.TicketRequest{Ticket: first.Ticket.ID, Reason: "because"})
		require.NoError(t, err)
	}
	a, err := dispatch.New(slow, c.clock).Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: first.Ticket.ID, Expert: li.ID})
	require.NoError(t, err)
	require.NotEqual(t, first.Visit.ID, a.Visit.ID)
	require.True(t, a.Offers[0].At.Before(c.load(first.Ticket.ID).Assignments[0].EndedAt))
	a, err = c.dispatch.Undo(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: first.Ticket.ID})
	require.NoError(t, err)
	require.Equal(t, muster.Queued, a.Ticket.State)
	c.sound()
}

// What came last is a matter of revisions: the clock of the server that decided last may be behind those of the others.
func TestUndoOnAServerWhoseClockIsBehind(t *testing.T) {
	c := newCompany(t)
	li, kim, lou := c.expert("li", 3), c.expert("kim", 4), c.expert("lou", 5)
	behind := dispatch.New(c.store, muster.NewFakeClock(monday.Add(-time.Second)))
	id := c.submit().ID
	a, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: id, Experts: []muster.ExpertID{li.ID, kim.ID}})
	require.NoError(t, err)
	i := slices.IndexFunc(a.Offers, func(o muster.Offer) bool { return o.Expert == li.ID })
	_, err = c.dispatch.Decline(c.ctx, c.as(actorOf(li.ID)), dispatch.AnswerRequest{Offer: a.Offers[i].ID})
	require.NoError(t, err)
	_, err = behind.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: kim.ID})
	require.NoError(t, err)
	_, err = c.undo(id)
	require.NoError(t, err, "the decline came before")
	require.Equal(t, []muster.ExpertID{kim.ID}, c.askedNow(id))
	c.sound()

	_, err = c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: kim.ID})
	require.NoError(t, err)
	_, err = c.dispatch.Reassign(c.ctx, c.as(admin), dispatch.AssignRequest{Ticket: id, Expert: lou.ID})
	require.NoError(t, err)
	_, err = behind.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: id, Expert: kim.ID})
	require.NoError(t, err)
	told := c.load(id).Ticket.Promised
	require.NotNil(t, told)
	is, err := c.undo(id)
	require.NoError(t, err)
	require.Equal(t, []muster.ExpertID{lou.ID}, is.Ticket.Visit.Experts)
	require.Equal(t, told, is.Ticket.Promised, "was made before")
	c.sound()
}
