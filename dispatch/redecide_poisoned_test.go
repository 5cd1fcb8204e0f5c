package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// spoilt can't write one ticket, or not even load it.
type spoilt struct {
	graph.Store
	id    string
	loads bool
}

var unwritable = muster.E(muster.CodeInternal, "it can't be written", "report this")

func (p spoilt) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	for _, c := range changes {
		for _, r := range c.Put {
			if p.id == r.RecordID() {
				return nil, unwritable
			}
		}
	}
	return p.Store.Commit(ctx, changes...)
}

func (p spoilt) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	if !p.loads && p.id == string(ref.Ticket) {
		panic("something that nobody thought of")
	}
	return p.Store.TicketCase(ctx, cmd, ref)
}

// A ticket over which Muster breaks keeps none of its expert's other work from being given to others.
func TestAPoisonedTicketStopsNoRedecision(t *testing.T) {
	for name, loads := range map[string]bool{"it can't be written": true, "it can't be loaded": false} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			noon := monday.Add(4 * time.Hour)
			li, kim := c.expert("li", 3), c.expert("kim", 4)
			bad, good := c.at(li.ID, noon), c.at(li.ID, noon.Add(24*time.Hour))
			d := dispatch.New(spoilt{c.store, string(bad.Ticket.ID), loads}, c.clock)
			li.Skills, li.Rev = []muster.Competence{{Skill: fridges, Level: 1}}, 0
			_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), li)
			require.NoError(t, err)

			_, err = d.Redecide(c.ctx, li.ID)
			require.Equal(t, muster.CodeInternal, muster.CodeOf(err), "the worker hears of it, and the timer stays: %v", err)
			require.Equal(t, []muster.ExpertID{kim.ID}, c.load(good.Ticket.ID).Ticket.Visit.Experts)
			require.Equal(t, []muster.ExpertID{li.ID}, c.load(bad.Ticket.ID).Ticket.Visit.Experts)

			_, err = c.dispatch.Redecide(c.ctx, li.ID) // once it is repaired
			require.NoError(t, err)
			require.Equal(t, []muster.ExpertID{kim.ID}, c.load(bad.Ticket.ID).Ticket.Visit.Experts)
			c.sound()
		})
	}
}

func TestAPoisonedTicketStopsNoSickDay(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	bad, good := c.at(li.ID, monday.Add(4*time.Hour)), c.at(li.ID, monday.Add(7*time.Hour))
	d := dispatch.New(spoilt{c.store, string(bad.Ticket.ID), true}, c.clock)
	r, err := d.Sick(c.ctx, c.as(dispatcher), dispatch.SickRequest{Expert: li.ID})
	require.NoError(t, err)
	does := map[muster.TicketID]dispatch.MoveKind{}
	for _, m := range r.Visits {
		does[m.Ticket] = m.Do
	}
	require.Equal(t, map[muster.TicketID]dispatch.MoveKind{bad.Ticket.ID: dispatch.MoveUnder, good.Ticket.ID: dispatch.MoveGiven}, does)
	require.Equal(t, []muster.ExpertID{kim.ID}, c.load(good.Ticket.ID).Ticket.Visit.Experts)
	c.sound()
}

// TestAnExpertWhoseWorkCannotBeLookedAtIsPutBeforeAPerson: each visit that they have ahead, once. So is the ticket of a
// message that can't be sent, and of events over which a consumer breaks.
func TestAnExpertWhoseWorkCannotBeLookedAtIsPutBeforeAPerson(t *testing.T) {
	c := newCompany(t)
	li, kim := c.expert("li", 3), c.expert("kim", 4)
	noon := monday.Add(4 * time.Hour)
	his, too, hers := c.at(li.ID, noon), c.at(li.ID, noon.Add(24*time.Hour)), c.at(kim.ID, noon)
	other := c.submit()
	for range 2 {
		err := c.dispatch.Stuck(c.ctx, graph.Wake{ID: string(li.ID), Kind: muster.KindExpert}, 5, unwritable)
		require.NoError(t, err)
	}
	for _, id := range []muster.TicketID{his.Ticket.ID, too.Ticket.ID} {
		found := c.exceptions(id)
		require.Len(t, found, 1)
		require.Equal(t, muster.ExceptionStuck, found[0].Kind)
		require.Contains(t, found[0].Note, string(li.ID)+" can't be looked at: failed 5 times in a row: it can't be written")
	}
	require.Empty(t, c.exceptions(hers.Ticket.ID))

	aside := graph.Wake{ID: string(muster.AsideDuty("notify", string(other.ID))), Kind: muster.KindDuty}
	require.NoError(t, c.dispatch.Stuck(c.ctx, aside, 5, unwritable))
	require.Contains(t, c.exceptions(other.ID)[0].Note, "notify failed 5 times in a row: it can't be written")
	require.NoError(t, c.dispatch.Stuck(c.ctx, graph.Wake{ID: "dut_relay", Kind: muster.KindDuty}, 5, unwritable))
	c.sound()
}
