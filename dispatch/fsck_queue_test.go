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

// overtaken is a company in which a round has left out an old ticket: a much younger one has its place.
func overtaken(t *testing.T) (c *company, old, young muster.Ticket) {
	t.Helper()
	c = newCompany(t)
	c.pushing()
	c.expert("li", 3)
	old = c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 }) // nobody, for now
	c.clock.Advance(2*24*time.Hour + time.Minute)
	young = c.submit()
	_, err := c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	k := c.load(old.ID)
	k.Ticket.Needs = c.request().Needs
	c.spoil(nil, nil, []muster.Root{&k.Ticket})
	return c, old, young
}

func (c *company) passedOver(store dispatch.Auditor) []string {
	c.Helper()
	report, err := c.dispatch.Fsck(c.ctx, store)
	require.NoError(c, err)
	var ids []string
	for _, b := range report.Breaches {
		require.Equal(c, "I11", b.Invariant, "%+v", b)
		ids = append(ids, b.ID)
	}
	return ids
}

// meanwhile is a store on which somebody acts once all tickets have been read, and whose lists lag behind that.
type meanwhile struct {
	graph.Store
	act    func()
	lagged []*muster.Ticket
}

func (m *meanwhile) TicketCases(ctx context.Context, after string, limit int) ([]graph.TicketCase, error) {
	page, err := m.Store.TicketCases(ctx, after, limit)
	if act := m.act; len(page) == 0 && act != nil {
		m.act = nil
		filter := graph.TicketFilter{States: []string{string(muster.Queued)}}
		if m.lagged, _, err = m.Store.Tickets(ctx, muster.Scope{Everything: true}, filter, graph.Page{Limit: 100}); err == nil {
			act()
		}
	}
	return page, err
}

func (m *meanwhile) Tickets(context.Context, muster.Scope, graph.TicketFilter, graph.Page) ([]*muster.Ticket, string, error) {
	return slices.Clone(m.lagged), "", nil
}

// What others do while fsck reads is no breach: the younger ticket has lost its place, or the older one got one.
func TestNobodyIsPassedOverByWhatHappensMeanwhile(t *testing.T) {
	for name, act := range map[string]func(c *company, old, young muster.TicketID){
		"the younger is cancelled": func(c *company, _, young muster.TicketID) {
			_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: young})
			require.NoError(c, err)
		},
		"the younger is moved": func(c *company, _, young muster.TicketID) {
			start := c.load(young).Visits[0].Start
			_, err := c.dispatch.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: young, Expert: "exp_li", Start: start.Add(3 * time.Hour)})
			require.NoError(c, err)
		},
		"the older is assigned": func(c *company, old, _ muster.TicketID) { c.assign(old, "exp_li") },
		"the older is cancelled": func(c *company, old, _ muster.TicketID) {
			_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: old})
			require.NoError(c, err)
		},
		"the policy changes": func(c *company, _, _ muster.TicketID) {
			c.agree(func(p *muster.Policy) { p.ResolveAfter++ })
		},
		"the expert learns it": func(c *company, old, _ muster.TicketID) {
			c.clock.Advance(time.Second)
			c.expert("li", 3)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, old, young := overtaken(t)
			m := &meanwhile{Store: c.store, act: func() { act(c, old.ID, young.ID) }}
			require.Empty(t, c.passedOver(m))
			require.Nil(t, m.act)
			require.NotEmpty(t, m.lagged)
		})
	}
	c, old, _ := overtaken(t)
	require.Equal(t, []string{string(old.ID)}, c.passedOver(&meanwhile{Store: c.store, act: func() {}}))
	require.Equal(t, []string{string(old.ID)}, c.passedOver(c.store))
}

// A ticket that had a visit until just now was not passed over by those that came after it.
func TestATicketWhoseVisitIsTakenBackWasNotPassedOver(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	li := c.expert("li", 3)
	old := c.submit()
	c.assign(old.ID, li.ID)
	c.clock.Advance(2*24*time.Hour + time.Minute)
	c.submit()
	_, err := c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	c.clock.Advance(time.Second)
	_, err = c.dispatch.Unassign(c.ctx, c.as(dispatcher), dispatch.TicketRequest{Ticket: old.ID, Reason: "the customer asks for another"})
	require.NoError(t, err)
	c.sound()
}

// Nor was one that didn't fit there: the visit that came next has been cancelled since.
func TestATicketThatDidNotFitWasNotPassedOver(t *testing.T) {
	for name, cancelled := range map[string]bool{"it fitted": false, "it didn't": true} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			c.pushing()
			li := c.expert("li", 3)
			nine := monday.Add(3*24*time.Hour + time.Hour)
			early := func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{{Start: nine, End: nine.Add(time.Hour)}} }
			old := c.submit(early, func(r *dispatch.SubmitRequest) { r.Duration = 180 })
			next := c.at(li.ID, nine.Add(100*time.Minute))
			c.clock.Advance(2*24*time.Hour + time.Minute)
			if !cancelled { // before the round that passes it over
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: next.Ticket.ID})
				require.NoError(t, err)
			}
			c.submit(early)
			_, err := c.dispatch.AssignAll(c.ctx)
			require.NoError(t, err)
			c.clock.Advance(time.Second)
			if cancelled {
				_, err := c.dispatch.Cancel(c.ctx, c.as(helpdesk), dispatch.TicketRequest{Ticket: next.Ticket.ID})
				require.NoError(t, err)
			}
			require.Equal(t, cancelled, c.load(old.ID).Ticket.State == muster.Queued)
			c.sound()
		})
	}
}

// trips counts reads of single things.
type trips struct {
	graph.Store
	cases, histories int
}

func (r *trips) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	r.cases++
	return r.Store.TicketCase(ctx, cmd, ref)
}

func (r *trips) History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error) {
	r.histories++
	return r.Store.History(ctx, s, aggregate)
}

// Fsck reads page by page: single tickets and histories only of what looks wrong.
func TestFsckReadsPages(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	for _, name := range []string{"li", "kim", "mo"} {
		e := c.expert(name, 3)
		e.Name += " Park"
		_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
		require.NoError(t, err)
	}
	for range 4 {
		c.submit(func(r *dispatch.SubmitRequest) { r.Needs[0].Level = 5 })
	}
	c.clock.Advance(2*24*time.Hour + time.Minute)
	for range 9 {
		c.submit()
	}
	_, err := c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	r := &trips{Store: c.store}
	require.Empty(t, c.passedOver(r))
	require.Zero(t, r.cases)
	require.Zero(t, r.histories)
}
