package sqlite_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

const batch = 500 // changes a commit

func openBench(b *testing.B) *sqlite.Store {
	s, err := sqlite.Open(b.Context(), filepath.Join(b.TempDir(), "muster.db"), muster.SystemClock{})
	require.NoError(b, err)
	require.NoError(b, s.Migrate(b.Context()))
	b.Cleanup(func() { require.NoError(b, s.Close(context.Background())) })
	return s
}

// imported is what an import writes for one row: five records under two roots, two events, a key.
func imported(n int) graph.Change {
	command := muster.CommandID(fmt.Sprintf("cmd_import-%d", n))
	c := graphtest.Customer(n)
	c.ID = muster.CustomerID(muster.NewID(muster.KindCustomer, command, 0))
	site := graphtest.Site(c.ID, n)
	site.ID = muster.SiteID(muster.NewID(muster.KindSite, command, 0))
	first, second := graphtest.Device(site, n), graphtest.Device(site, n)
	first.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 0))
	second.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 1))
	t := graphtest.Ticket(first, n)
	t.ID = muster.TicketID(muster.NewID(muster.KindTicket, command, 0))
	change := graphtest.Change(string(command), c, site, first, second, t)
	change.Claim = []muster.Claim{{Key: muster.LegacyKey("bench", fmt.Sprint(n)), Owner: string(t.ID)}}
	return change
}

func BenchmarkImport(b *testing.B) {
	s := openBench(b)
	var changes []graph.Change
	for n := range b.N {
		changes = append(changes, imported(n+1))
	}
	b.ResetTimer()
	w0 := written()
	commitAll(b, s, changes)
	b.ReportMetric(float64(written()-w0)/float64(b.N)/1024, "KB/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
}

func commitAll(b *testing.B, s graph.Store, changes []graph.Change) {
	for len(changes) > 0 {
		n := min(batch, len(changes))
		outcomes, err := s.Commit(b.Context(), changes[:n]...)
		require.NoError(b, err)
		for _, o := range outcomes {
			require.NoError(b, o.Err())
		}
		changes = changes[n:]
	}
}

// BenchmarkAssign commits assignments as a round does: one change for each tour, with five tickets, each with
// its visit, its assignment and two keys.
func BenchmarkAssign(b *testing.B) {
	const perTour = 5
	s := openBench(b)
	var imports, assigns []graph.Change
	for n := 1; n <= b.N; n++ {
		imports = append(imports, imported(n))
	}
	for n := 0; n < b.N; n += perTour {
		e := graphtest.Expert(n)
		tour := graphtest.Tour(e, graphtest.Start)
		tour.Rev = 0
		var put []muster.Record
		var claims []muster.Claim
		for _, c := range imports[n:min(n+perTour, b.N)] {
			var v *muster.Visit
			var a *muster.Assignment
			t := c.Put[4].(*muster.Ticket)
			t, v, a, tour = graphtest.Assigned(t, tour)
			put = append(put, t, v, a)
			claims = append(claims, muster.Claim{Key: muster.PlaceKey(v.ID, 0), Owner: string(a.ID)},
				muster.Claim{Key: muster.OpenVisitKey(t.ID), Owner: string(v.ID)})
		}
		tour.Rev = 1
		change := graphtest.Change(fmt.Sprintf("cmd_assign-%d", n), append(put, tour)...)
		change.Claim = claims
		assigns = append(assigns, change)
	}
	commitAll(b, s, imports)
	b.ResetTimer()
	commitAll(b, s, assigns)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "assignments/s")
}

func written() int64 {
	raw, _ := os.ReadFile("/proc/self/io")
	var n int64
	for _, l := range strings.Split(string(raw), "\n") {
		if strings.HasPrefix(l, "wchar: ") {
			fmt.Sscanf(l, "wchar: %d", &n)
		}
	}
	return n
}
