package graphtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var commitTests = []test{
	{"nothing to commit", func(t *testing.T, o Options) {
		s := open(t, o)
		require.Empty(t, s.try())
	}},

	{"an accepted change is there with all it puts, claims and tells", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		site := Site(c.ID, 1)
		change := Change("cmd_1", c, site)
		change.Claim = []muster.Claim{{Key: muster.EmailKey(c.Email), Owner: string(c.ID)}}
		out := s.must(change)
		require.JSONEq(t, `{"command":"cmd_1"}`, string(out[0].Result))
		require.Equal(t, c, s.record(string(c.ID)))
		require.Equal(t, site, s.record(string(site.ID)))
		owners, err := s.Owners(s.ctx, muster.EmailKey(c.Email), "email/nobody")
		require.NoError(t, err)
		require.Equal(t, map[muster.Key]string{muster.EmailKey(c.Email): string(c.ID)}, owners)
		told, err := s.History(s.ctx, muster.Scope{Everything: true}, string(c.ID))
		require.NoError(t, err)
		require.Len(t, told, 1)
	}},

	{"a refused change leaves nothing, its neighbours in the batch all", func(t *testing.T, o Options) {
		s := open(t, o)
		first, lost, last := Customer(1), Customer(2), Customer(3)
		wrong := Change("cmd_2", lost, Site(lost.ID, 2))
		wrong.Expect = append(wrong.Expect, graph.At("cus_nobody", 4))
		wrong.Claim = []muster.Claim{{Key: "email/lost", Owner: string(lost.ID)}}
		out := s.try(Change("cmd_1", first), wrong, Change("cmd_3", last))
		require.True(t, out[0].Accepted)
		require.False(t, out[1].Accepted)
		require.True(t, out[2].Accepted)
		require.Equal(t, []graph.Failed{{Guard: graph.At("cus_nobody", 4)}}, out[1].Failed)
		code(t, muster.CodeConflict, out[1].Err())
		require.Equal(t, []string{string(first.ID), string(last.ID)},
			s.exist(string(first.ID), string(lost.ID), "sit_00000002", string(last.ID)))
		owners, err := s.Owners(s.ctx, "email/lost")
		require.NoError(t, err)
		require.Empty(t, owners)
		spans, err := s.EventSpans(s.ctx, string(lost.ID))
		require.NoError(t, err)
		require.Empty(t, spans)
		// Its command was not carried out: the same id may be used for another try.
		s.must(Change("cmd_2", lost))
	}},

	{"of two changes of one batch on one aggregate the second is judged against the first", func(t *testing.T, o Options) {
		s := open(t, o)
		e := Expert(1)
		s.must(Change("cmd_0", e))
		two := func(rev int64, name string) *muster.Expert {
			return with(e, func(e *muster.Expert) { e.Rev, e.Name = rev, name })
		}
		out := s.try(Change("cmd_1", two(2, "first")), Change("cmd_2", two(2, "second")), Change("cmd_3", two(3, "third")))
		require.True(t, out[0].Accepted)
		require.False(t, out[1].Accepted)
		require.Equal(t, []graph.Failed{{Guard: graph.At(string(e.ID), 1), Rev: 2, Alive: true, Fence: 2}}, out[1].Failed)
		require.True(t, out[2].Accepted, "it was decided on what the first leaves")
		require.Equal(t, two(3, "third"), s.record(string(e.ID)))
		told, err := s.History(s.ctx, muster.Scope{Everything: true}, string(e.ID))
		require.NoError(t, err)
		require.Equal(t, []muster.CommandID{"cmd_0", "cmd_1", "cmd_3"}, []muster.CommandID{told[0].Command, told[1].Command, told[2].Command})
	}},

	{"two changes of one batch create one aggregate once", func(t *testing.T, o Options) {
		s := open(t, o)
		out := s.try(Change("cmd_1", Customer(1)), Change("cmd_2", Customer(1)))
		require.True(t, out[0].Accepted)
		require.False(t, out[1].Accepted)
	}},

	{"a guard on a revision holds at that revision only", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		s.must(Change("cmd_1", c), Change("cmd_2", named(c, "Second")))
		for rev, want := range map[int64]bool{1: false, 2: true, 3: false} {
			out := s.try(guarded("cmd_at", rev, graph.At(string(c.ID), rev)))
			require.Equal(t, want, out[0].Accepted, "revision %d", rev)
		}
	}},

	{"a guard on absence holds until there is such an aggregate, even removed", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		s.must(guarded("cmd_a", 1, graph.Absent(string(c.ID))))
		s.must(Change("cmd_1", c))
		require.Equal(t, []graph.Failed{{Guard: graph.Absent(string(c.ID)), Rev: 1, Alive: true, Fence: 1}},
			s.try(guarded("cmd_b", 2, graph.Absent(string(c.ID))))[0].Failed)
		s.must(Change("cmd_2", with(c, func(c *muster.Customer) { c.Rev++; c.Removed = true })))
		require.False(t, s.try(guarded("cmd_c", 3, graph.Absent(string(c.ID))))[0].Accepted)
	}},

	{"a guard on life holds at any revision until removal", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		require.False(t, s.try(guarded("cmd_a", 1, graph.Alive(string(c.ID))))[0].Accepted)
		s.must(Change("cmd_1", c), guarded("cmd_b", 2, graph.Alive(string(c.ID))))
		next := named(c, "Second")
		s.must(Change("cmd_2", next), guarded("cmd_c", 3, graph.Alive(string(c.ID))))
		s.must(Change("cmd_3", with(next, func(c *muster.Customer) { c.Rev++; c.Removed = true })))
		require.Equal(t, []graph.Failed{{Guard: graph.Alive(string(c.ID)), Rev: 3, Fence: 3}},
			s.try(guarded("cmd_d", 4, graph.Alive(string(c.ID))))[0].Failed)
	}},

	{"a guard on a fence holds until the timer is claimed or the aggregate put", func(t *testing.T, o Options) {
		s := open(t, o)
		d := Duty("relay")
		s.must(Change("cmd_1", d))
		w, ok, err := s.Claim(s.ctx, string(d.ID), Start, Start.Add(minute))
		require.NoError(t, err)
		require.True(t, ok)
		s.must(guarded("cmd_a", 1, graph.Fenced(string(d.ID), w.Fence)))
		_, ok, err = s.Claim(s.ctx, string(d.ID), Start.Add(minute), Start.Add(2*minute))
		require.NoError(t, err)
		require.True(t, ok)
		out := s.try(guarded("cmd_b", 2, graph.Fenced(string(d.ID), w.Fence)))
		require.Equal(t, []graph.Failed{{Guard: graph.Fenced(string(d.ID), w.Fence), Rev: 1, Alive: true, Fence: w.Fence + 1}}, out[0].Failed)
		s.must(guarded("cmd_c", 3, graph.Fenced(string(d.ID), w.Fence+1)))
		s.must(Change("cmd_2", with(d, func(d *muster.Duty) { d.Rev++ })))
		require.False(t, s.try(guarded("cmd_d", 4, graph.Fenced(string(d.ID), w.Fence+1)))[0].Accepted)
		require.False(t, s.try(guarded("cmd_e", 5, graph.Fenced("dut_none", 1)))[0].Accepted)
	}},

	{"every failed guard is named, in order", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		s.must(Change("cmd_1", c), Change("cmd_2", Customer(2)))
		guards := []graph.Guard{
			graph.At(string(c.ID), 7), graph.Alive(string(c.ID)), graph.Absent("cus_00000002"), graph.At("exp_none", 1),
		}
		out := s.try(guarded("cmd_3", 1, guards...))
		require.Equal(t, []graph.Failed{
			{Guard: guards[0], Rev: 1, Alive: true, Fence: 1}, {Guard: guards[2], Rev: 1, Alive: true, Fence: 1}, {Guard: guards[3]},
		}, out[0].Failed)
	}},

	{"guards alone write nothing but the command", func(t *testing.T, o Options) {
		s := open(t, o)
		c := Customer(1)
		s.must(Change("cmd_1", c))
		fence := s.try(guarded("cmd_x", 1, graph.At(string(c.ID), 9)))[0].Failed[0].Fence
		s.must(guarded("cmd_2", 2, graph.At(string(c.ID), 1)))
		require.Equal(t, fence, s.try(guarded("cmd_y", 3, graph.At(string(c.ID), 9)))[0].Failed[0].Fence)
	}},

	{"a change that breaks a rule is refused with all of its batch", func(t *testing.T, o Options) {
		s := open(t, o)
		bad := Change("cmd_2", Customer(2))
		bad.Events = nil
		_, err := s.Commit(s.ctx, Change("cmd_1", Customer(1)), bad)
		code(t, muster.CodeInternal, err)
		require.Empty(t, s.exist("cus_00000001", "cus_00000002"))
	}},

	{"a cancelled context writes nothing", func(t *testing.T, o Options) {
		s := open(t, o)
		ctx, cancel := context.WithCancel(s.ctx)
		cancel()
		_, err := s.Commit(ctx, Change("cmd_1", Customer(1)))
		require.Error(t, err)
		require.True(t, errors.Is(err, context.Canceled), "%v", err)
		require.Empty(t, s.exist("cus_00000001"))
		s.must(Change("cmd_1", Customer(1)))
	}},

	{"a removed record stays readable by id", func(t *testing.T, o Options) {
		s := open(t, o)
		c := with(Customer(1), func(c *muster.Customer) { c.Removed = true })
		s.must(Change("cmd_1", c))
		require.Equal(t, c, s.record(string(c.ID)))
	}},

	{"fields that were emptied are empty", func(t *testing.T, o Options) {
		s := open(t, o)
		full := Ticket(Device(Site("cus_1", 1), 1), 1)
		full.Windows = []muster.Window{{Start: Start, End: Start.Add(minute)}}
		full.Visit = &muster.OpenVisit{ID: "vis_1", State: muster.VisitOffered, Start: Start, End: Start}
		s.must(Change("cmd_1", full))
		bare := &muster.Ticket{ID: full.ID, Rev: 2, Number: full.Number, State: muster.Resolved}
		s.must(Change("cmd_2", bare))
		require.Equal(t, bare, s.record(string(full.ID)))
	}},
}

// guarded makes a change that has nothing but guards.
func guarded(prefix string, n int64, guards ...graph.Guard) graph.Change {
	c := Change(fmt.Sprintf("%s_%d", prefix, n))
	c.Expect = guards
	return c
}
