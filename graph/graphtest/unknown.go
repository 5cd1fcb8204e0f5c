package graphtest

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// reads are the methods of a store that change nothing that anybody rests on.
var reads = []string{
	"Setup", "Records", "CustomerCase", "OpenTickets", "TicketCase", "ExpertCase", "Round", "Peers",
	"Tickets", "TicketCounts", "Customers", "Experts", "Tours", "Users", "Messages", "History",
	"Now", "DueShards", "Backlog", "Failing", "Pending", "EventsAfter", "Bounds", "Cursor",
	"Scan", "TicketCases", "Wakes", "EventSpans", "Commands", "Owners", "Cursors", "Version", "Analyze", "Close",
}

// Writes names the methods of a store that write: all of the port's that aren't known to read. So a new one is a write
// until somebody says otherwise.
func Writes() (names []string) {
	for m := range reflect.TypeFor[graph.Store]().Methods() {
		if !slices.Contains(reads, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

// unsure is a write of which nobody learns what became of it. Again is what its caller does next, told whether it was
// written, and asks that nothing is there twice and nothing missing.
type unsure struct {
	before func(s session)
	write  func(s session) error
	again  func(s session, written bool)
}

// unsures has a row for each method that writes.
func unsures() map[string]unsure {
	later := Start.Add(lease)
	var ticket *muster.Ticket
	var wake graph.Wake
	var events []muster.Event
	due := func(s session) {
		ticket = waiting(s, 1)[0]
		wake = s.wake(string(ticket.ID))
	}
	lane := func() muster.Lane { name, _, _ := ticket.Timers.Next(); return name.Lane() }
	claim := func(s session, now time.Time) (found []graph.Wake, err error) {
		return s.ClaimDue(s.ctx, lane(), muster.ShardOf(string(ticket.ID)), now, now.Add(lease), 10)
	}
	// claimed asks that a timer is neither handed out twice in a lease nor lost after it.
	claimed := func(s session, written bool) {
		now, fence := Start, wake.Fence+1
		if written {
			found, err := claim(s, now)
			require.NoError(s, err)
			require.Empty(s, found, "whoever has it may be at work")
			now, fence = later, fence+1 // what the first does with its own is void
		}
		found, err := claim(s, now)
		require.NoError(s, err)
		require.Len(s, found, 1)
		require.Equal(s, fence, found[0].Fence)
		require.Zero(s, found[0].Failures)
	}
	pruning := func(prune func(s session) (int, error)) unsure {
		return unsure{
			before: func(s session) {
				c := Change("cmd_1", Customer(1))
				c.Command.Actor = muster.System("rounds")
				s.must(c)
			},
			write: func(s session) error { _, err := prune(s); return err },
			again: func(s session, written bool) {
				n, err := prune(s)
				require.NoError(s, err)
				require.Equal(s, written, n == 0)
				left, err := s.Commands(s.ctx, "", 10)
				require.NoError(s, err)
				require.Empty(s, left)
				require.NotEmpty(s, s.exist("cus_00000001"))
			},
		}
	}
	return map[string]unsure{
		"Commit": {
			write: func(s session) error { _, err := s.Commit(s.ctx, Change("cmd_1", Customer(1))); return err },
			again: func(s session, written bool) {
				require.Equal(s, written, s.try(Change("cmd_1", Customer(1)))[0].Replayed)
				require.Len(s, s.pending(10), 1)
			},
		},
		"ClaimDue": {
			before: due, again: claimed,
			write: func(s session) error { _, err := claim(s, Start); return err },
		},
		"Claim": {
			before: due, again: claimed,
			write: func(s session) error { _, _, err := s.Claim(s.ctx, string(ticket.ID), Start, later); return err },
		},
		"Settle": {
			before: func(s session) {
				due(s)
				found, err := claim(s, Start)
				require.NoError(s, err)
				wake = found[0]
			},
			write: func(s session) error {
				_, err := s.Settle(s.ctx, graph.Settled{Wake: wake, Next: later.Add(minute), Failures: 1, Why: "it broke"})
				return err
			},
			again: func(s session, written bool) {
				want := later
				if written {
					want = later.Add(minute)
				}
				require.Equal(s, want, s.wake(wake.ID).At, "it comes back at its next moment, or when the lease is over")
				require.Empty(s, s.settle(graph.Settled{Wake: wake, Next: later.Add(2 * minute), Failures: 1, Why: "it broke"}))
				now := s.wake(wake.ID)
				require.Equal(s, later.Add(2*minute), now.At)
				require.Equal(s, 1, now.Failures)
			},
		},
		"Number": {
			before: func(s session) {
				bumps(s, 2, 2)
				wake = relay(s)
				events = s.pending(10)
			},
			write: func(s session) error { return s.Number(s.ctx, wake.ID, wake.Fence, 1, events) },
			again: func(s session, written bool) {
				err := s.Number(s.ctx, wake.ID, wake.Fence, 1, events)
				if written {
					code(s, muster.CodeConflict, err)
				} else {
					require.NoError(s, err)
				}
				require.Empty(s, s.pending(10))
				got, err := s.EventsAfter(s.ctx, 0, 10)
				require.NoError(s, err)
				require.Equal(s, names(events), names(got))
				for i, e := range got {
					require.Equal(s, int64(i+1), e.Seq)
				}
			},
		},
		"Advance": {
			write: func(s session) error { return s.Advance(s.ctx, "billing", 7) },
			again: func(s session, written bool) {
				at, err := s.Cursor(s.ctx, "billing")
				require.NoError(s, err)
				require.Equal(s, written, at == 7)
				require.NoError(s, s.Advance(s.ctx, "billing", 7))
				at, err = s.Cursor(s.ctx, "billing")
				require.NoError(s, err)
				require.Equal(s, int64(7), at)
			},
		},
		"Reserve": {
			write: func(s session) error { _, err := s.Reserve(s.ctx, 10); return err },
			again: func(s session, written bool) {
				first, err := s.Reserve(s.ctx, 10)
				require.NoError(s, err)
				next, err := s.Reserve(s.ctx, 1)
				require.NoError(s, err)
				require.Equal(s, first+10, next)
				require.Equal(s, written, first > 1, "numbers that nobody was told of are a gap")
			},
		},
		"Prune":     pruning(func(s session) (int, error) { return s.Prune(s.ctx, Start.Add(minute), 10) }),
		"PruneJobs": pruning(func(s session) (int, error) { return s.PruneJobs(s.ctx, Start.Add(minute), 10) }),
		"Migrate": {
			write: func(s session) error { return s.Migrate(s.ctx) },
			again: func(s session, _ bool) {
				require.NoError(s, s.Migrate(s.ctx))
				v, err := s.Version(s.ctx)
				require.NoError(s, err)
				require.Equal(s, graph.SchemaVersion, v)
				s.must(Change("cmd_1", Customer(1)))
			},
		},
	}
}

var unknownTests = []test{
	{"each write has its row", func(t *testing.T, _ Options) {
		require.Equal(t, slices.Sorted(slices.Values(Writes())), slices.Sorted(maps.Keys(unsures())))
	}},

	{"a write of unknown outcome is neither doubled nor lost", func(t *testing.T, o Options) {
		for _, written := range []bool{true, false} {
			rows := unsures()
			for _, name := range slices.Sorted(maps.Keys(rows)) {
				t.Run(fmt.Sprintf("%s, written %t", name, written), func(t *testing.T) {
					store, faults := o.Faulty(t)
					s := session{t, store, t.Context()}
					row := rows[name]
					if row.before != nil {
						row.before(s)
					}
					if name == "Migrate" {
						o.SetVersion(t, store, graph.SchemaVersion-1)
					}
					if written {
						faults.LoseReply()
					} else {
						faults.LoseRequest()
					}
					err := row.write(s)
					if written {
						code(t, muster.CodeUnknown, err)
					} else {
						require.Contains(t, []muster.Code{muster.CodeUnknown, muster.CodeUnavailable}, muster.CodeOf(err), "%v", err)
					}
					row.again(s, written)
				})
			}
		}
	}},
}
