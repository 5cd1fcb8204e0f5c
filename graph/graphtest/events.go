package graphtest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// relay is a duty that was claimed, as who numbers events must.
func relay(s session) graph.Wake {
	s.Helper()
	s.must(Change("cmd_duty", Duty("relay")))
	w, ok, err := s.Claim(s.ctx, "dut_relay", Start, Start.Add(lease))
	require.NoError(s, err)
	require.True(s, ok)
	return w
}

// bumps commits n customers with revisions up to depth each.
func bumps(s session, n, depth int) {
	s.Helper()
	for rev := 1; rev <= depth; rev++ {
		var changes []graph.Change
		for i := range n {
			c := with(Customer(i), func(c *muster.Customer) { c.Rev = int64(rev) })
			changes = append(changes, Change(fmt.Sprintf("cmd_%d-%d", i, rev), c))
		}
		s.must(changes...)
	}
}

func (s session) pending(limit int) []muster.Event {
	s.Helper()
	events, err := s.Pending(s.ctx, limit)
	require.NoError(s, err)
	return events
}

// number numbers what is pending until nothing is, and gives the numbered events.
func (s session) number(w graph.Wake, limit int) {
	s.Helper()
	for {
		_, head, err := s.Bounds(s.ctx)
		require.NoError(s, err)
		events := s.pending(limit)
		if len(events) == 0 {
			return
		}
		require.NoError(s, s.Number(s.ctx, w.ID, w.Fence, head+1, events))
	}
}

// names are events by id: aggregate/rev.
func names(events []muster.Event) (out []string) {
	for _, e := range events {
		out = append(out, fmt.Sprintf("%s/%d", e.Aggregate, e.Rev))
	}
	return out
}

var eventTests = []test{
	{"an event keeps all that was told, and the command", func(t *testing.T, o Options) {
		s := open(t, o)
		change := Change("cmd_1", Customer(1))
		change.Events[0] = muster.Event{
			Aggregate: "cus_00000001", Rev: 1, Name: "customer.registered", Version: 3, At: Start.Add(7 * time.Microsecond),
			Actor: muster.Actor{ID: "usr_x", Role: muster.RoleCustomer, Name: "X", Customer: "cus_00000001", Expert: "exp_1"},
			Body:  []byte("{\"a\":  [1, 2.50]}"),
		}
		s.must(change)
		want := change.Events[0]
		want.Command = "cmd_1"
		require.Equal(t, []muster.Event{want}, s.pending(10))
		told, err := s.History(s.ctx, everythingScope, "cus_00000001")
		require.NoError(t, err)
		require.Equal(t, []muster.Event{want}, told)
	}},

	{"every bump has one event, with ids aggregate/rev", func(t *testing.T, o Options) {
		s := open(t, o)
		bumps(s, 2, 3)
		require.Equal(t, []string{
			"cus_00000000/1", "cus_00000000/2", "cus_00000000/3", "cus_00000001/1", "cus_00000001/2", "cus_00000001/3",
		}, names(s.pending(10)))
		spans, err := s.EventSpans(s.ctx, "cus_00000000", "cus_00000001", "cus_none", "sit_1")
		require.NoError(t, err)
		require.Equal(t, map[string]graph.EventSpan{
			"cus_00000000": {Low: 1, High: 3, Count: 3, Commands: 3, Since: Start}, "cus_00000001": {Low: 1, High: 3, Count: 3, Commands: 3, Since: Start},
		}, spans)
	}},

	{"pending events come by time, then aggregate, a predecessor first even if the clock went back", func(t *testing.T, o Options) {
		s := open(t, o)
		at := func(n int, rev int64, minutes int) graph.Change {
			c := Change(fmt.Sprintf("cmd_%d-%d", n, rev), with(Customer(n), func(c *muster.Customer) { c.Rev = rev }))
			c.Events[0].At = Start.Add(time.Duration(minutes) * minute)
			return c
		}
		s.must(at(2, 1, 5), at(1, 1, 5), at(3, 1, 1), at(1, 2, 2), at(1, 3, 9), at(3, 2, 7))
		require.Equal(t, []string{
			"cus_00000003/1", "cus_00000001/1", "cus_00000001/2", "cus_00000002/1", "cus_00000003/2", "cus_00000001/3",
		}, names(s.pending(10)))
	}},

	{"a limited reading has all pending events of the aggregates it met", func(t *testing.T, o Options) {
		s := open(t, o)
		bumps(s, 4, 5)
		for limit := 1; limit <= 20; limit++ {
			count := map[string]int{}
			for _, e := range s.pending(limit) {
				count[e.Aggregate]++
				require.EqualValues(t, count[e.Aggregate], e.Rev)
			}
			require.NotEmpty(t, count)
			for id, n := range count {
				require.Equal(t, 5, n, id)
			}
		}
	}},

	{"overtaking: an event whose predecessor a reading missed is held back until it is seen", func(t *testing.T, o Options) {
		s := open(t, o)
		w := relay(s)
		s.number(w, 100)
		bumps(s, 2, 4)
		restore := o.Hide(t, s.Store, "cus_00000001", 2)
		got := s.pending(100)
		require.Equal(t, []string{
			"cus_00000000/1", "cus_00000000/2", "cus_00000000/3", "cus_00000000/4", "cus_00000001/1",
		}, names(got), "3 and 4 may not overtake 2")
		require.NoError(t, s.Number(s.ctx, w.ID, w.Fence, 2, got))
		require.Empty(t, s.pending(100))
		restore()
		got = s.pending(100)
		require.Equal(t, []string{"cus_00000001/2", "cus_00000001/3", "cus_00000001/4"}, names(got))
		require.NoError(t, s.Number(s.ctx, w.ID, w.Fence, 7, got))
		all, err := s.EventsAfter(s.ctx, 1, 100)
		require.NoError(t, err)
		last := map[string]int64{}
		for i, e := range all {
			require.EqualValues(t, i+2, e.Seq, "no gap")
			require.Equal(t, last[e.Aggregate]+1, e.Rev, "rising inside an aggregate")
			last[e.Aggregate] = e.Rev
		}
		require.Len(t, all, 8)
	}},

	{"numbers have no gaps, rise inside an aggregate and are given once", func(t *testing.T, o Options) {
		s := open(t, o)
		w := relay(s)
		bumps(s, 5, 4)
		s.number(w, 3)
		floor, head, err := s.Bounds(s.ctx)
		require.NoError(t, err)
		require.EqualValues(t, 1, floor)
		require.EqualValues(t, 21, head)
		require.Empty(t, s.pending(10))
		last := map[string]int64{}
		seq := int64(0)
		for {
			page, err := s.EventsAfter(s.ctx, seq, 4)
			require.NoError(t, err)
			if len(page) == 0 {
				break
			}
			for _, e := range page {
				require.Equal(t, seq+1, e.Seq)
				require.Equal(t, last[e.Aggregate]+1, e.Rev)
				seq, last[e.Aggregate] = e.Seq, e.Rev
			}
		}
		require.Equal(t, head, seq)
	}},

	{"who reads while events are numbered sees no gap", func(t *testing.T, o Options) {
		const batches, size, readers = 8, 150, 3
		s := open(t, o)
		w := relay(s)
		s.number(w, 1)
		bumps(s, size, batches)
		var reading sync.WaitGroup
		for range readers {
			reading.Go(func() {
				for seq := int64(0); seq < 1+batches*size; {
					page, err := s.EventsAfter(s.ctx, seq, 2*size)
					if err != nil {
						t.Error(err)
						return
					}
					for _, e := range page {
						if e.Seq != seq+1 {
							t.Errorf("%d follows %d", e.Seq, seq)
							return
						}
						seq = e.Seq
					}
				}
			})
		}
		for first := int64(2); first < 1+batches*size; first += size {
			require.NoError(t, s.Number(s.ctx, w.ID, w.Fence, first, s.pending(size)[:size]))
		}
		reading.Wait()
	}},

	{"only who holds the duty numbers, and only with the next number", func(t *testing.T, o Options) {
		s := open(t, o)
		w := relay(s)
		events := s.pending(10)
		refused := func(duty string, fence, first int64, e []muster.Event) {
			t.Helper()
			code(t, muster.CodeConflict, s.Number(s.ctx, duty, fence, first, e))
			_, head, err := s.Bounds(s.ctx)
			require.NoError(t, err)
			require.Zero(t, head)
			require.Equal(t, events, s.pending(10))
		}
		refused(w.ID, w.Fence-1, 1, events)
		refused(w.ID, w.Fence+1, 1, events)
		refused("dut_none", w.Fence, 1, events)
		refused(w.ID, w.Fence, 2, events)
		refused(w.ID, w.Fence, 0, events)
		refused(w.ID, w.Fence, 1, append(events, muster.Event{Aggregate: "cus_none", Rev: 1}))
		refused(w.ID, w.Fence, 1, append(events, events[0]))
		_, ok, err := s.Claim(s.ctx, w.ID, Start.Add(lease), Start.Add(2*lease))
		require.NoError(t, err)
		require.True(t, ok)
		refused(w.ID, w.Fence, 1, events)
		require.NoError(t, s.Number(s.ctx, w.ID, w.Fence+1, 1, events))
		code(t, muster.CodeConflict, s.Number(s.ctx, w.ID, w.Fence+1, 2, events))
	}},

	{"a holder that renews its lease goes on numbering", func(t *testing.T, o Options) {
		s := open(t, o)
		w := relay(s)
		require.Empty(t, s.settle(graph.Settled{Wake: w, Next: Start.Add(2 * lease)}))
		require.NoError(t, s.Number(s.ctx, w.ID, w.Fence, 1, s.pending(10)))
	}},

	{"two relays that both believe to hold the duty give each number once", func(t *testing.T, o Options) {
		s := open(t, o)
		w := relay(s)
		bumps(s, 10, 3)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for {
					_, head, err := s.Bounds(s.ctx)
					if err != nil {
						t.Error(err)
						return
					}
					events, err := s.Pending(s.ctx, 2)
					if err != nil {
						t.Error(err)
						return
					}
					if len(events) == 0 {
						return
					}
					if err := s.Number(s.ctx, w.ID, w.Fence, head+1, events); err != nil && muster.CodeOf(err) != muster.CodeConflict {
						t.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
		all, err := s.EventsAfter(s.ctx, 0, 100)
		require.NoError(t, err)
		require.Len(t, all, 31)
		for i, e := range all {
			require.EqualValues(t, i+1, e.Seq)
		}
	}},

	{"a numbered event shows its number in the history", func(t *testing.T, o Options) {
		s := open(t, o)
		w := relay(s)
		bumps(s, 1, 2)
		s.number(w, 10)
		told, err := s.History(s.ctx, everythingScope, "cus_00000000")
		require.NoError(t, err)
		require.Equal(t, told[0].Seq+1, told[1].Seq)
		require.NotZero(t, told[0].Seq)
	}},

	{"an empty store has no bounds", func(t *testing.T, o Options) {
		s := open(t, o)
		floor, head, err := s.Bounds(s.ctx)
		require.NoError(t, err)
		require.Zero(t, floor)
		require.Zero(t, head)
		events, err := s.EventsAfter(s.ctx, 0, 10)
		require.NoError(t, err)
		require.Empty(t, events)
		require.Empty(t, s.pending(10))
	}},

	{"cursors are kept by consumer and never go back", func(t *testing.T, o Options) {
		s := open(t, o)
		at := func(consumer string) int64 {
			n, err := s.Cursor(s.ctx, consumer)
			require.NoError(t, err)
			return n
		}
		require.Zero(t, at("stream"))
		require.NoError(t, s.Advance(s.ctx, "stream", 5))
		require.NoError(t, s.Advance(s.ctx, "mail", 2))
		require.NoError(t, s.Advance(s.ctx, "stream", 3))
		require.EqualValues(t, 5, at("stream"))
		require.EqualValues(t, 2, at("mail"))
		var wg sync.WaitGroup
		for n := range 20 {
			wg.Go(func() {
				if err := s.Advance(s.ctx, "stream", int64(n)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		require.EqualValues(t, 19, at("stream"))
		all, err := s.Cursors(s.ctx)
		require.NoError(t, err)
		require.Equal(t, map[string]int64{"mail": 2, "stream": 19}, all)
	}},

	{"a span tells since when an event has waited for its number", func(t *testing.T, o Options) {
		s := open(t, o)
		w := relay(s)
		s.number(w, 10)
		since := func() time.Time {
			t.Helper()
			spans, err := s.EventSpans(s.ctx, "cus_00000001")
			require.NoError(t, err)
			return spans["cus_00000001"].Since
		}
		for rev := int64(1); rev <= 3; rev++ {
			c := Change(fmt.Sprintf("cmd_%d", rev), with(Customer(1), func(c *muster.Customer) { c.Rev = rev }))
			c.Events[0].At = Start.Add(time.Duration(rev) * minute)
			s.must(c)
		}
		require.Equal(t, Start.Add(minute), since())
		pending := s.pending(10)
		require.NoError(t, s.Number(s.ctx, w.ID, w.Fence, 2, pending[:2]))
		require.Equal(t, Start.Add(3*minute), since())
		require.NoError(t, s.Number(s.ctx, w.ID, w.Fence, 4, pending[2:]))
		require.Zero(t, since())
	}},
}
