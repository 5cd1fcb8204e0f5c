package graphtest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var adminTests = []test{
	{"migration can be repeated and keeps what is there", func(t *testing.T, o Options) {
		s := open(t, o)
		s.must(Change("cmd_1", Customer(1)))
		require.NoError(t, s.Migrate(s.ctx))
		v, err := s.Version(s.ctx)
		require.NoError(t, err)
		require.Equal(t, graph.SchemaVersion, v)
		require.Equal(t, Customer(1), s.record("cus_00000001"))
	}},

	{"a newer schema is refused, also by a store that is open already", func(t *testing.T, o Options) {
		s := open(t, o)
		o.SetVersion(t, s.Store, graph.SchemaVersion+1)
		v, err := s.Version(s.ctx)
		require.NoError(t, err)
		require.Equal(t, graph.SchemaVersion+1, v)
		code(t, muster.CodeNewerSchema, s.Migrate(s.ctx))
		_, err = s.Commit(s.ctx, Change("cmd_1", Customer(1)))
		code(t, muster.CodeNewerSchema, err)
		o.SetVersion(t, s.Store, graph.SchemaVersion)
		require.Empty(t, s.pending(10), "nothing was written")
		require.NoError(t, s.Migrate(s.ctx))
	}},

	{"an older schema is refused until it was brought up to date, and what it holds reads as before", func(t *testing.T, o Options) {
		s := open(t, o)
		var held []muster.Record
		for _, spec := range graph.Schema {
			put := family(t, spec.Kind)
			for _, r := range put {
				if ticket, ok := r.(*muster.Ticket); ok {
					ticket.NoExpert = nil // since 2
				}
			}
			s.must(Change("cmd_"+string(spec.Kind), put...))
			held = append(held, put...)
		}
		var more []graph.Change
		for n := range 40 {
			c := with(Customer(n), func(c *muster.Customer) { c.Name = "Ann Lee" + itoa(n) })
			more = append(more, Change("cmd_c"+itoa(n), c))
		}
		s.must(more...)
		o.Older(t, s.Store)
		v, err := s.Version(s.ctx)
		require.NoError(t, err)
		require.Equal(t, 1, v)
		_, err = s.Records(s.ctx, "", held[0].RecordID())
		code(t, muster.CodeUnsuitable, err)
		_, err = s.Commit(s.ctx, Change("cmd_early", Customer(1)))
		code(t, muster.CodeUnsuitable, err)
		require.ErrorContains(t, err, "muster schema", "it says what to do")

		require.NoError(t, s.Migrate(s.ctx))
		v, err = s.Version(s.ctx)
		require.NoError(t, err)
		require.Equal(t, graph.SchemaVersion, v)
		var next *muster.Ticket
		for _, r := range held {
			require.Equal(t, r, s.record(r.RecordID()), "%s", r.Kind())
			if ticket, ok := r.(*muster.Ticket); ok {
				next = ticket
			}
		}
		next = with(next, func(t *muster.Ticket) {
			t.Rev, t.State, t.Priority = 2, muster.Queued, muster.PriorityNormal
			t.NoExpert = &muster.NoExpert{Since: Start, At: Start.Add(minute), Main: muster.NoSkill}
		})
		s.must(Change("cmd_next", next))
		require.Equal(t, next, s.record(string(next.ID)))
		page, _, err := s.Tickets(s.ctx, everythingScope, graph.TicketFilter{}, graph.Page{Limit: 100})
		require.NoError(t, err)
		require.Contains(t, page, next)
		w, ok, err := s.Claim(s.ctx, string(next.ID), Start.AddDate(1, 0, 0), Start.AddDate(2, 0, 0))
		require.NoError(t, err)
		require.True(t, ok)
		require.Empty(t, s.settle(graph.Settled{Wake: w, Next: Start, Failures: 1, Why: "no road is known"}))
		require.Equal(t, "no road is known", s.wake(string(next.ID)).Why)
		found, _, err := s.Customers(s.ctx, everythingScope, "lee35", graph.Page{Limit: 1}) // not among the first
		require.NoError(t, err)
		require.Equal(t, []string{"cus_00000035"}, idsOf(found))
		forgotten, err := s.Prune(s.ctx, Start.AddDate(1, 0, 0), 100)
		require.NoError(t, err)
		require.Equal(t, len(graph.Schema)+41, forgotten)
	}},

	{"everything is still there after it was opened again", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		duty := relay(s)
		s.number(duty, 100)
		keys := keyed("cmd_key", nil, held(place, "asg_a"))
		s.must(keys)
		require.NoError(t, s.Advance(s.ctx, "mail", 3))
		first, err := s.Reserve(s.ctx, 10)
		require.NoError(t, err)
		_, head, err := s.Bounds(s.ctx)
		require.NoError(t, err)
		s.Store = o.Reopen(t, s.Store)
		require.Equal(t, w.scheduled, s.record(string(w.scheduled.ID)))
		require.True(t, s.try(keys)[0].Replayed)
		require.Equal(t, "asg_a", s.owner(place))
		cursor, err := s.Cursor(s.ctx, "mail")
		require.NoError(t, err)
		require.EqualValues(t, 3, cursor)
		next, err := s.Reserve(s.ctx, 1)
		require.NoError(t, err)
		require.GreaterOrEqual(t, next, first+10)
		_, again, err := s.Bounds(s.ctx)
		require.NoError(t, err)
		require.Equal(t, head, again)
		require.Empty(t, s.settle(graph.Settled{Wake: duty, Next: Start.Add(time.Hour)}))
	}},

	{"reserved numbers never repeat, whoever asks", func(t *testing.T, o Options) {
		const askers, times = 16, 10
		s := open(t, o)
		var mu sync.Mutex
		var numbers []int64
		var wg sync.WaitGroup
		for a := range askers {
			wg.Go(func() {
				for i := range times {
					n := 1 + (a+i)%4
					first, err := s.Reserve(s.ctx, n)
					if err != nil {
						t.Errorf("asker %d: %v", a, err)
						return
					}
					mu.Lock()
					for k := range n {
						numbers = append(numbers, first+int64(k))
					}
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		slices.Sort(numbers)
		require.NotEmpty(t, numbers)
		require.Positive(t, numbers[0])
		require.Len(t, slices.Compact(slices.Clone(numbers)), len(numbers))
		_, err := s.Reserve(s.ctx, 0)
		code(t, muster.CodeInvalid, err)
	}},

	{"pruning forgets old commands, the oldest first, up to a limit, and nothing else", func(t *testing.T, o Options) {
		s := open(t, o)
		var changes []graph.Change
		for n := range 6 {
			c := Change(fmt.Sprintf("cmd_%d", n), Customer(n))
			c.At = Start.Add(time.Duration(5-n) * minute)
			changes = append(changes, c)
		}
		s.must(changes...)
		n, err := s.Prune(s.ctx, Start.Add(3*minute), 2)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		replayed := func() (ids []muster.CommandID) {
			for i, o := range s.try(changes...) {
				if o.Replayed {
					ids = append(ids, changes[i].Command.ID)
				}
			}
			return ids
		}
		require.Equal(t, []muster.CommandID{"cmd_0", "cmd_1", "cmd_2", "cmd_3"}, replayed())
		n, err = s.Prune(s.ctx, Start.Add(3*minute), 100)
		require.NoError(t, err)
		require.Equal(t, 1, n, "the one at that instant stays")
		require.Equal(t, []muster.CommandID{"cmd_0", "cmd_1", "cmd_2"}, replayed())
		require.Len(t, s.pending(100), 6)
		require.Len(t, s.exist("cus_00000000", "cus_00000005"), 2)
	}},

	{"pruning jobs forgets what jobs did, the oldest first, up to a limit, and nothing that somebody waits for", func(t *testing.T, o Options) {
		s := open(t, o)
		var changes []graph.Change
		for n := range 6 {
			c := Change(fmt.Sprintf("cmd_%d", n), Customer(n))
			c.At = Start.Add(time.Duration(n) * minute)
			c.Command.Actor = muster.System("timers")
			changes = append(changes, c)
		}
		changes[0].Command.Actor = Dispatcher
		changes[1].Command.Actor = muster.System(muster.Intake) // for whoever submitted
		s.must(changes...)
		known := func() (ids []muster.CommandID) {
			for i, o := range s.try(changes...) {
				if o.Replayed {
					ids = append(ids, changes[i].Command.ID)
				}
			}
			return ids
		}
		n, err := s.PruneJobs(s.ctx, Start.Add(5*minute), 2)
		require.NoError(t, err)
		require.Equal(t, 2, n)
		require.Equal(t, []muster.CommandID{"cmd_0", "cmd_1", "cmd_4", "cmd_5"}, known())
		n, err = s.PruneJobs(s.ctx, Start.Add(5*minute), 100)
		require.NoError(t, err)
		require.Equal(t, 1, n, "the one at that instant stays")
		require.Equal(t, []muster.CommandID{"cmd_0", "cmd_1", "cmd_5"}, known())
		n, err = s.Prune(s.ctx, Start.AddDate(1, 0, 0), 100)
		require.NoError(t, err)
		require.Equal(t, 3, n, "in time all go")
	}},

	{"statistics can be refreshed at any time", func(t *testing.T, o Options) {
		s := open(t, o)
		require.NoError(t, s.Analyze(s.ctx))
		w := company(s)
		require.NoError(t, s.Analyze(s.ctx))
		require.Equal(t, w.ticket, s.record(string(w.ticket.ID)))
	}},

	{"scans page through every kind by id", func(t *testing.T, o Options) {
		s := open(t, o)
		for n := range 7 {
			s.must(Change("cmd_"+itoa(n), with(Expert(n), func(e *muster.Expert) { e.Removed = n%2 == 0 })))
		}
		var ids []string
		for after := ""; ; {
			page, err := s.Scan(s.ctx, muster.KindExpert, after, 3)
			require.NoError(t, err)
			ids = append(ids, idsOf(page)...)
			if len(page) < 3 {
				break
			}
			after = page[2].RecordID()
		}
		require.Len(t, ids, 7)
		require.True(t, slices.IsSorted(ids))
		_, err := s.Scan(s.ctx, "nonsense", "", 3)
		code(t, muster.CodeInvalid, err)
	}},

	{"ticket cases page through tickets with their parts", func(t *testing.T, o Options) {
		s := open(t, o)
		w := company(s)
		got, err := s.TicketCases(s.ctx, "", 1)
		require.NoError(t, err)
		require.Equal(t, []graph.TicketCase{{Ticket: *w.ticket}}, got)
		got, err = s.TicketCases(s.ctx, string(w.ticket.ID), 5)
		require.NoError(t, err)
		require.Equal(t, []graph.TicketCase{{
			Ticket: *w.scheduled, Visits: []muster.Visit{*w.visit}, Assignments: []muster.Assignment{*w.assignment},
		}}, got)
		got, err = s.TicketCases(s.ctx, string(w.scheduled.ID), 5)
		require.NoError(t, err)
		require.Empty(t, got)
	}},

	{"commands page by id, with what they answered", func(t *testing.T, o Options) {
		s := open(t, o)
		b, a := Change("cmd_b", Customer(1)), Change("cmd_a", Customer(2))
		s.must(b, a)
		got, err := s.Commands(s.ctx, "", 10)
		require.NoError(t, err)
		require.Equal(t, []muster.Outcome{a.Stored(), b.Stored()}, got)
		got, err = s.Commands(s.ctx, "", 1)
		require.NoError(t, err)
		require.Len(t, got, 1)
		got, err = s.Commands(s.ctx, "cmd_a", 10)
		require.NoError(t, err)
		require.Equal(t, []muster.Outcome{b.Stored()}, got)
	}},

	{"audits of nothing find nothing", func(t *testing.T, o Options) {
		s := open(t, o)
		wakes, err := s.Wakes(s.ctx)
		require.NoError(t, err)
		require.Empty(t, wakes)
		spans, err := s.EventSpans(s.ctx)
		require.NoError(t, err)
		require.Empty(t, spans)
		owners, err := s.Owners(s.ctx)
		require.NoError(t, err)
		require.Empty(t, owners)
	}},
}
