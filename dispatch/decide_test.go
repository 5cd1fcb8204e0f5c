package dispatch_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// faulty is a store whose next commits go wrong.
type faulty struct {
	graph.Store
	before func() // runs once before the next commit: somebody else is faster
	lose   int    // so many replies are lost after the commit was written
	drop   int    // so many commits never arrive
	down   int    // so many times after that the store can't be reached
	away   func() // runs whenever it can't
	calls  int
}

func (f *faulty) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	f.calls++
	if run := f.before; run != nil {
		f.before = nil
		run()
	}
	unknown := muster.E(muster.CodeUnknown, "the reply was lost", "send the same again")
	switch {
	case f.lose > 0:
		f.lose--
		if _, err := f.Store.Commit(ctx, changes...); err != nil {
			return nil, err
		}
		return nil, unknown
	case f.drop > 0:
		f.drop--
		return nil, unknown
	case f.down > 0:
		f.down--
		if f.away != nil {
			f.away()
		}
		return nil, muster.E(muster.CodeUnavailable, "the store is away", "try again")
	}
	return f.Store.Commit(ctx, changes...)
}

func newFaulty(t *testing.T) (*company, *faulty) {
	t.Helper()
	c := newCompany(t)
	f := &faulty{Store: c.store}
	c.dispatch = dispatch.New(between(f), c.clock)
	return c, f
}

func TestARepeatedCommandGetsItsFirstAnswer(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	cmd := c.as(helpdesk)
	first, err := c.dispatch.Submit(c.ctx, cmd, c.request())
	require.NoError(t, err)
	assign := c.as(dispatcher)
	req := dispatch.AssignRequest{Ticket: first.Ticket.ID, Expert: li.ID}
	assigned, err := c.dispatch.Assign(c.ctx, assign, req)
	require.NoError(t, err)

	c.clock.Advance(time.Hour)
	second, err := c.dispatch.Submit(c.ctx, cmd, c.request())
	require.NoError(t, err)
	require.Equal(t, first, second, "as it was then, whatever happened since")
	again, err := c.dispatch.Assign(c.ctx, assign, req)
	require.NoError(t, err)
	require.Equal(t, assigned.Ticket, again.Ticket)
	require.Equal(t, assigned.Visit, again.Visit)
	require.Len(t, c.load(first.Ticket.ID).Assignments, 1)

	other := c.request()
	other.Title = "Freezer warm"
	_, err = c.dispatch.Submit(c.ctx, cmd, other)
	require.Equal(t, muster.CodeReused, muster.CodeOf(err))
	_, err = c.dispatch.Cancel(c.ctx, assign, dispatch.TicketRequest{Ticket: first.Ticket.ID})
	require.Equal(t, muster.CodeReused, muster.CodeOf(err), "the same id for another verb")
	_, err = c.dispatch.Submit(c.ctx, muster.Command{Actor: helpdesk}, c.request())
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), "no id")
	c.sound()
}

func TestAnUnknownOutcomeIsSettledBySendingTheSameAgain(t *testing.T) {
	for name, fail := range map[string]func(*faulty){
		"written, replies lost":      func(f *faulty) { f.lose = 2 },
		"never arrived":              func(f *faulty) { f.drop = 2 },
		"written, then unreachable":  func(f *faulty) { f.lose, f.down = 1, 2 },
		"not written, then away too": func(f *faulty) { f.drop, f.down = 1, 2 },
	} {
		t.Run(name, func(t *testing.T) {
			c, f := newFaulty(t)
			fail(f)
			a, err := c.dispatch.Submit(c.ctx, c.as(helpdesk), c.request())
			require.NoError(t, err)
			require.GreaterOrEqual(t, f.calls, 3)
			k := c.load(a.Ticket.ID)
			require.Equal(t, a.Ticket, k.Ticket)
			require.Equal(t, int64(1), k.Ticket.Rev)
			c.sound()
		})
	}
}

func TestAnUnknownOutcomeStaysUnknownWhenTimeIsUp(t *testing.T) {
	c, f := newFaulty(t)
	f.lose, f.down = 1, 1<<30
	cmd := c.as(helpdesk)
	ctx, cancel := context.WithCancel(c.ctx)
	defer cancel()
	f.away = cancel
	_, err := c.dispatch.Submit(ctx, cmd, c.request())
	require.Equal(t, muster.CodeUnknown, muster.CodeOf(err), "it may have been written")
	f.down = 0
	a, err := c.dispatch.Submit(c.ctx, cmd, c.request())
	require.NoError(t, err, "the caller sends the same command again")
	require.Equal(t, int64(1), c.load(a.Ticket.ID).Ticket.Rev)
	c.sound()
}

func TestADecisionIsMadeAgainOnWhatIsThereNow(t *testing.T) {
	c, f := newFaulty(t)
	li := c.expert("li", 3)
	one, two := c.submit(), c.submit()
	other := dispatch.New(c.store, c.clock)
	f.before = func() { // the same opening, while the first is on its way
		_, err := other.Assign(c.ctx, c.as(admin), dispatch.AssignRequest{Ticket: two.ID, Expert: li.ID})
		require.NoError(t, err)
	}
	a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: one.ID, Expert: li.ID})
	require.NoError(t, err)
	k := c.load(two.ID)
	require.NotEqual(t, k.Ticket.Visit.Start, a.Visit.Start, "the next opening")

	three := c.submit()
	seen := three.Rev
	cmd := c.as(dispatcher)
	cmd.Seen = &seen
	f.before = func() {
		_, err := other.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: three.ID, Needs: c.request().Needs})
		require.NoError(t, err)
	}
	_, err = c.dispatch.Assign(c.ctx, cmd, dispatch.AssignRequest{Ticket: three.ID, Expert: li.ID})
	require.Equal(t, muster.CodeStale, muster.CodeOf(err), "the caller decided on what is gone")
	c.sound()
}

// A decision that always comes too late gives up, it doesn't go round for ever.
func TestConflictsAreBounded(t *testing.T) {
	c, f := newFaulty(t)
	li := c.expert("li", 3)
	ticket := c.submit()
	other := dispatch.New(c.store, c.clock)
	races := 0
	var race func()
	race = func() {
		races++
		_, err := other.Triage(c.ctx, c.as(helpdesk), dispatch.TriageRequest{Ticket: ticket.ID, Needs: c.request().Needs})
		require.NoError(t, err)
		f.before = race
	}
	f.before = race
	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: li.ID})
	require.Equal(t, muster.CodeConflict, muster.CodeOf(err))
	require.Equal(t, 3, races)
}

// Many dispatchers want one opening: whoever is first has it, the others get another or are told why not.
func TestOneOpeningGoesToOne(t *testing.T) {
	clock := muster.NewFakeClock(monday)
	store, err := sqlite.Open(t.Context(), t.TempDir()+"/muster.db", clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	c := companyOn(t, store, clock)
	li := c.expert("li", 3)
	start := monday.Add(2 * time.Hour)
	var tickets []muster.Ticket
	for range 8 {
		tickets = append(tickets, c.submit())
	}
	errs := make([]error, len(tickets))
	var all sync.WaitGroup
	for i, ticket := range tickets {
		cmd := c.as(dispatcher)
		all.Go(func() {
			d := dispatch.New(store, clock)
			_, errs[i] = d.Assign(c.ctx, cmd, dispatch.AssignRequest{Ticket: ticket.ID, Expert: li.ID, Start: start})
		})
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		require.Contains(t, []muster.Code{muster.CodeUnfit, muster.CodeConflict}, muster.CodeOf(err), "%v", err)
	}
	require.Equal(t, 1, won)
	require.Len(t, c.tours()[0].Stops, 1)
	c.sound()
}
