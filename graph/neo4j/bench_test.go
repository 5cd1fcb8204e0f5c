package neo4j

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

func envInt(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

var (
	batch    = envInt("BATCH", 500)
	sessions = envInt("SESSIONS", 2)
)

// imported is what an import writes for one row: five records under two roots, two events, a key.
func imported(run string, n int) graph.Change {
	command := muster.CommandID(fmt.Sprintf("cmd_import-%s-%d", run, n))
	c := graphtest.Customer(n)
	c.ID = muster.CustomerID(muster.NewID(muster.KindCustomer, command, 0))
	site := graphtest.Site(c.ID, n)
	site.Place.Cell += muster.Cell(n % 4000)
	site.ID = muster.SiteID(muster.NewID(muster.KindSite, command, 0))
	first, second := graphtest.Device(site, n), graphtest.Device(site, n)
	first.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 0))
	second.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 1))
	first.Model = fmt.Sprintf("RF-%d", n%1000)
	t := graphtest.Ticket(first, n)
	t.ID = muster.TicketID(muster.NewID(muster.KindTicket, command, 0))
	change := graphtest.Change(string(command), c, site, first, second, t)
	change.Claim = []muster.Claim{{Key: muster.LegacyKey("bench-"+run, fmt.Sprint(n)), Owner: string(t.ID)}}
	return change
}

func openBench(b *testing.B) *Store {
	url := os.Getenv("MUSTER_GRAPH")
	if url == "" {
		url = servertest.Neo4j(b)
	}
	s := open(b, url)
	require.NoError(b, s.define(b.Context(), "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS", nil))
	require.NoError(b, s.Migrate(b.Context()))
	return s
}

func commitAll(b *testing.B, s *Store, changes []graph.Change) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range sessions {
		wg.Go(func() {
			for {
				from := int(next.Add(int64(batch))) - batch
				if from >= len(changes) {
					return
				}
				outcomes, err := s.Commit(context.Background(), changes[from:min(from+batch, len(changes))]...)
				if err != nil {
					b.Error(err)
					return
				}
				for _, o := range outcomes {
					if o.Err() != nil {
						b.Error(o.Err())
						return
					}
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkImport(b *testing.B) {
	s := openBench(b)
	var changes []graph.Change
	for n := range b.N {
		changes = append(changes, imported("a", n+1))
	}
	b.ResetTimer()
	c0 := serverCPU()
	commitAll(b, s, changes)
	b.ReportMetric((serverCPU()-c0)*1e6/float64(b.N), "server-us/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tickets/s")
}

// BenchmarkAssign commits assignments as a round does: one change for each tour, with five tickets, each with
// its visit, its assignment and two keys.
func BenchmarkAssign(b *testing.B) {
	const perTour = 5
	s := openBench(b)
	var imports, experts, assigns []graph.Change
	for n := 1; n <= b.N; n++ {
		imports = append(imports, imported("b", n))
	}
	for n := 0; n < b.N; n += perTour {
		e := graphtest.Expert(n)
		experts = append(experts, graphtest.Change(fmt.Sprintf("cmd_expert-%d", n), e))
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
		change.Expect = append(change.Expect, graph.At(string(e.ID), 1))
		change.Claim = claims
		assigns = append(assigns, change)
	}
	commitAll(b, s, imports)
	commitAll(b, s, experts)
	old := batch
	batch = max(1, batch/perTour)
	defer func() { batch = old }()
	b.ResetTimer()
	c0 := serverCPU()
	commitAll(b, s, assigns)
	b.ReportMetric((serverCPU()-c0)*1e6/float64(b.N), "server-us/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "assignments/s")
}

func serverCPU() float64 {
	b, err := os.ReadFile("/proc/" + os.Getenv("P") + "/stat")
	if err != nil {
		return 0
	}
	var f [15]string
	n := 0
	for _, c := range string(b) {
		if c == ' ' {
			n++
			continue
		}
		if n < 15 {
			f[n] += string(c)
		}
	}
	var u, k float64
	fmt.Sscan(f[13], &u)
	fmt.Sscan(f[14], &k)
	return (u + k) / 100
}
