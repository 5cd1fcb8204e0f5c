package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// Both benchmarks take their changes in batches of this many tickets; run them with -benchtime 60000x, for
// what they measure depends on how full the store is.
const batch = 1000

func openBench(b *testing.B) *sqlite.Store {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "muster.db"), muster.SystemClock{})
	require.NoError(b, err)
	require.NoError(b, s.Migrate(b.Context()))
	b.Cleanup(func() { require.NoError(b, s.Close(context.Background())) })
	return s
}

// imported is what an import writes for one row: five records under two roots, two events, a key.
func imported(n int) graph.Change {
	command := muster.CommandID(muster.NewID(muster.KindTicket, "import", n))
	c := graphtest.Customer(n)
	c.ID = muster.CustomerID(muster.NewID(muster.KindCustomer, command, 0))
	site := graphtest.Site(c.ID, n)
	site.ID = muster.SiteID(muster.NewID(muster.KindSite, command, 0))
	first, second := graphtest.Device(site, n), graphtest.Device(site, n)
	first.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 0))
	second.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 1))
	t := graphtest.Ticket(first, n)
	t.ID = muster.TicketID(muster.NewID(muster.KindTicket, command, 0))
	t.DueAt = graphtest.Start.Add(time.Duration(n*7919%(365*24*60)) * time.Minute)
	change := graphtest.Change(string(command), c, site, first, second, t)
	change.Claim = []muster.Claim{{Key: muster.LegacyKey("bench", fmt.Sprint(n)), Owner: string(t.ID)}}
	return change
}

func commit(b *testing.B, s graph.Store, changes []graph.Change) {
	outcomes, err := s.Commit(b.Context(), changes...)
	require.NoError(b, err)
	for _, o := range outcomes {
		require.NoError(b, o.Err())
	}
}

func importBatch(from, to int) (changes []graph.Change) {
	for n := from; n < to; n++ {
		changes = append(changes, imported(n))
	}
	return changes
}

func BenchmarkImport(b *testing.B) {
	s := openBench(b)
	b.ResetTimer()
	for n := 0; n < b.N; n += batch {
		b.StopTimer()
		changes := importBatch(n, min(n+batch, b.N))
		b.StartTimer()
		commit(b, s, changes)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
}

// BenchmarkAssign commits assignments as a round does: one change for each tour, with five tickets, each with
// its visit, its assignment and two keys.
func BenchmarkAssign(b *testing.B) {
	s := openBench(b)
	for n := 0; n < b.N; n += batch {
		commit(b, s, importBatch(n, min(n+batch, b.N)))
	}
	b.ResetTimer()
	for n := 0; n < b.N; n += batch {
		b.StopTimer()
		changes := assignBatch(n, min(n+batch, b.N))
		b.StartTimer()
		commit(b, s, changes)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "assignments/s")
}

func assignBatch(from, to int) (changes []graph.Change) {
	const perTour = 5
	for n := from; n < to; n += perTour {
		tour := graphtest.Tour(graphtest.Expert(n), graphtest.Start)
		var put []muster.Record
		var claims []muster.Claim
		for i := n; i < min(n+perTour, to); i++ {
			t, v, a, on := graphtest.Assigned(imported(i).Put[4].(*muster.Ticket), tour)
			put, tour = append(put, t, v, a), on
			claims = append(claims, muster.Claim{Key: muster.PlaceKey(v.ID, 0), Owner: string(a.ID)},
				muster.Claim{Key: muster.OpenVisitKey(t.ID), Owner: string(v.ID)})
		}
		tour.Rev = 1
		change := graphtest.Change(muster.NewID(muster.KindTour, "assign", n), append(put, tour)...)
		change.Claim = claims
		changes = append(changes, change)
	}
	return changes
}

// BenchmarkRound loads what a round of 10,000 queued tickets and 5,000 experts rests on.
func BenchmarkRound(b *testing.B) {
	const tickets, experts = 10_000, 5_000
	s := openBench(b)
	for n := 0; n < tickets; n += batch {
		commit(b, s, importBatch(n, n+batch))
	}
	var changes []graph.Change
	for n := range experts {
		changes = append(changes, graphtest.Change(fmt.Sprintf("cmd_expert-%d", n), graphtest.Expert(n)))
	}
	commit(b, s, changes)
	require.NoError(b, s.Analyze(b.Context()))
	ref := graph.RoundRef{
		Region: "reg_denver", Reach: []muster.RegionID{"reg_denver"}, Limit: tickets,
		Span: muster.Window{Start: graphtest.Start, End: graphtest.Start.AddDate(0, 0, 14)},
	}
	for b.Loop() {
		r, err := s.Round(b.Context(), ref)
		require.NoError(b, err)
		require.Len(b, r.Tickets, tickets)
		require.Len(b, r.Experts, experts)
	}
}

// BenchmarkRelay numbers the events of an import, 1,000 or more at a time, b.N tickets with two events each.
func BenchmarkRelay(b *testing.B) {
	s := openBench(b)
	duty := graphtest.Duty("relay")
	commit(b, s, []graph.Change{graphtest.Change("cmd_duty", duty)})
	for n := 0; n < b.N; n += batch {
		commit(b, s, importBatch(n, min(n+batch, b.N)))
	}
	b.ResetTimer()
	head := int64(0)
	for {
		events, err := s.Pending(b.Context(), 1000)
		require.NoError(b, err)
		if len(events) == 0 {
			break
		}
		require.NoError(b, s.Number(b.Context(), string(duty.ID), 1, head+1, events))
		head += int64(len(events))
	}
	b.ReportMetric(float64(head)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkCustomers searches 100,000 customers.
func BenchmarkCustomers(b *testing.B) {
	const customers = 100_000
	s := openBench(b)
	for n := 0; n < customers; n += batch {
		var changes []graph.Change
		for i := n; i < n+batch; i++ {
			c := graphtest.Named(i)
			changes = append(changes, graphtest.Change(string(c.ID), c))
		}
		commit(b, s, changes)
	}
	require.NoError(b, s.Analyze(b.Context()))
	for _, text := range graphtest.Searches {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				_, _, err := s.Customers(b.Context(), muster.Scope{Everything: true}, text, graph.Page{Limit: 50})
				require.NoError(b, err)
			}
		})
	}
}
