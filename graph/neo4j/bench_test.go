package neo4j

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/servertest"
)

// The benchmarks compare Commit with a probe: the same nodes and edges, encoded beforehand, written by one statement
// without locks, reads or judgement. Client and server share the machine:
//
//	go test ./graph/neo4j -run XXX -bench . -benchtime 20000x
//	BATCH=250 SESSIONS=4 go test ./graph/neo4j -run XXX -bench Import -benchtime 20000x
//
// server-us/op is the server's CPU time, client-us/op this process's.
var batch, sessions, turns = setting("BATCH", 500), setting("SESSIONS", 2), setting("TURNS", 3)

func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

func benchStore(b *testing.B) (*Store, *servertest.Server) {
	b.Helper()
	server := servertest.LastingNeo4j(b)
	return empty(b, server.URL), server
}

// imported is what an import writes for one row: five records under two roots, two events, a key.
func imported(n int) graph.Change {
	command := muster.CommandID(fmt.Sprintf("cmd_import-%d", n))
	c := graphtest.Customer(n)
	c.ID = muster.CustomerID(muster.NewID(muster.KindCustomer, command, 0))
	site := graphtest.Site(c.ID, n)
	site.ID = muster.SiteID(muster.NewID(muster.KindSite, command, 0))
	site.Place.Cell += muster.Cell(n % 4000)
	first, second := graphtest.Device(site, n), graphtest.Device(site, n)
	first.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 0))
	first.Model = fmt.Sprintf("RF-%d", n%1000)
	second.ID = muster.DeviceID(muster.NewID(muster.KindDevice, command, 1))
	t := graphtest.Ticket(first, n)
	t.ID = muster.TicketID(muster.NewID(muster.KindTicket, command, 0))
	t.Region = muster.RegionID(fmt.Sprintf("reg_%d", n%40))
	change := graphtest.Change(string(command), c, site, first, second, t)
	change.Claim = []muster.Claim{{Key: muster.LegacyKey("bench", fmt.Sprint(n)), Owner: string(t.ID)}}
	return change
}

// company is n imports, and for every five of their tickets an expert and a tour that takes them in one change, as a
// round does.
func company(n int) (imports, experts, assigns []graph.Change) {
	const perTour = 5
	for i := range n {
		imports = append(imports, imported(i+1))
	}
	for i := 0; i < n; i += perTour {
		e := graphtest.Expert(i)
		experts = append(experts, graphtest.Change(fmt.Sprintf("cmd_expert-%d", i), e))
		tour := graphtest.Tour(e, graphtest.Start)
		tour.Rev = 0
		var put []muster.Record
		var claims []muster.Claim
		for _, c := range imports[i:min(i+perTour, n)] {
			var v *muster.Visit
			var a *muster.Assignment
			t := c.Put[4].(*muster.Ticket)
			t, v, a, tour = graphtest.Assigned(t, tour)
			put = append(put, t, v, a)
			claims = append(claims, muster.Claim{Key: muster.PlaceKey(v.ID, 0), Owner: string(a.ID)},
				muster.Claim{Key: muster.OpenVisitKey(t.ID), Owner: string(v.ID)})
		}
		tour.Rev = 1
		change := graphtest.Change(fmt.Sprintf("cmd_assign-%d", i), append(put, tour)...)
		change.Expect = append(change.Expect, graph.At(string(e.ID), 1))
		change.Claim = claims
		assigns = append(assigns, change)
	}
	return imports, experts, assigns
}

// portions cuts changes into batches of so many tickets.
func portions(changes []graph.Change, tickets int) (out [][]graph.Change) {
	at, n := 0, 0
	for i, c := range changes {
		for _, r := range c.Put {
			if r.Kind() == muster.KindTicket || r.Kind() == muster.KindExpert {
				n++
			}
		}
		if n >= tickets || i == len(changes)-1 {
			out, at, n = append(out, changes[at:i+1]), i+1, 0
		}
	}
	return out
}

// sideBySide works through jobs in several sessions.
func sideBySide[J any](b *testing.B, sessions int, jobs []J, work func(J) error) {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range sessions {
		wg.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(jobs); i = next.Add(1) - 1 {
				if err := work(jobs[i]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func commitAll(b *testing.B, s *Store, changes []graph.Change) {
	b.Helper()
	sideBySide(b, sessions, portions(changes, batch), func(part []graph.Change) error {
		outcomes, err := s.Commit(context.Background(), part...)
		for _, o := range outcomes {
			if err == nil {
				err = o.Err()
			}
		}
		return err
	})
}

// probeAll writes what commitAll would, from parameters that are made beforehand.
func probeAll(b *testing.B, s *Store, changes []graph.Change, exist func(id string) bool) (run func()) {
	b.Helper()
	text := statement("commit_write")
	for by, instead := range map[string]string{ // nothing was locked: nodes are found by their indexes
		"MATCH (k)\n  WHERE elementId(k) = c[0]":       "MERGE (k:Key {key: c[0]})",
		"MATCH (n)\n  WHERE elementId(n) = r[0]":       "MATCH (n:Entity {id: r[0]})",
		"MATCH (n)\n  WHERE elementId(n) = $p.near[i]": "MATCH (n:Entity {id: $p.near[i]})",
	} {
		require.Contains(b, text, by)
		text = strings.Replace(text, by, instead, 1)
	}
	var prepared []parameters
	for _, part := range portions(changes, batch) {
		st := &state{State: graph.State{Roots: map[string]graph.RootState{}}, before: map[string]before{}, keys: map[string]string{}}
		records := make(map[muster.Record]*encoded)
		outcomes := make([]graph.Outcome, len(part))
		for i, c := range part {
			outcomes[i].Accepted = true
			for _, k := range c.Claim {
				st.keys[string(k.Key)] = string(k.Key)
			}
			for _, r := range c.Put {
				e, err := encode(r)
				require.NoError(b, err)
				records[r] = e
				if exist(r.RecordID()) {
					st.before[r.RecordID()] = before{element: r.RecordID(), edges: e.edges}
				}
			}
		}
		prepared = append(prepared, writing(graph.Merge(part, outcomes), st, locks{}, records, graphtest.Start))
	}
	return func() {
		sideBySide(b, sessions, prepared, func(p parameters) error {
			return s.again(context.Background(), func(ctx context.Context) error {
				session := s.driver.NewSession(ctx, neo4j.SessionConfig{DatabaseName: s.database})
				defer session.Close(ctx)
				result, err := session.Run(ctx, text, p.whole())
				if err != nil {
					return err
				}
				_, err = result.Consume(ctx)
				return err
			})
		})
	}
}

// measured runs work and reports rate and CPU times per ticket.
func measured(b *testing.B, server *servertest.Server, unit string, work func()) {
	b.Helper()
	b.ResetTimer()
	theirs, ours := cpuOf(b, server.Pid()), ownCPU(b)
	work()
	b.StopTimer()
	n := float64(b.N)
	b.ReportMetric((cpuOf(b, server.Pid())-theirs)*1e6/n, "server-us/op")
	b.ReportMetric((ownCPU(b)-ours)*1e6/n, "client-us/op")
	b.ReportMetric(n/b.Elapsed().Seconds(), unit)
}

// inTurn runs commit and probe several times by turns: the server's Java machine gets faster all the time.
func inTurn(b *testing.B, commit, probe func(b *testing.B)) {
	for range turns {
		b.Run("commit", commit)
		b.Run("probe", probe)
	}
}

func BenchmarkImport(b *testing.B) {
	inTurn(b, func(b *testing.B) {
		s, server := benchStore(b)
		imports, _, _ := company(b.N)
		measured(b, server, "tickets/s", func() { commitAll(b, s, imports) })
	}, func(b *testing.B) {
		s, server := benchStore(b)
		imports, _, _ := company(b.N)
		measured(b, server, "tickets/s", probeAll(b, s, imports, func(string) bool { return false }))
	})
}

func BenchmarkAssign(b *testing.B) {
	inTurn(b, func(b *testing.B) {
		s, server := benchStore(b)
		imports, experts, assigns := company(b.N)
		commitAll(b, s, imports)
		commitAll(b, s, experts)
		measured(b, server, "assignments/s", func() { commitAll(b, s, assigns) })
	}, func(b *testing.B) {
		s, server := benchStore(b)
		imports, experts, assigns := company(b.N)
		commitAll(b, s, imports)
		commitAll(b, s, experts)
		exist := func(id string) bool { return muster.KindOf(id) == muster.KindTicket }
		measured(b, server, "assignments/s", probeAll(b, s, assigns, exist))
	})
}

// BenchmarkOne commits one assignment at a time, each with guards on ticket, expert and tour.
func BenchmarkOne(b *testing.B) {
	s, server := benchStore(b)
	imports, experts, _ := company(b.N)
	commitAll(b, s, imports)
	commitAll(b, s, experts)
	var assigns []graph.Change
	for i, c := range imports {
		e := experts[i/5].Put[0].(*muster.Expert)
		tour := graphtest.Tour(e, graphtest.Start.AddDate(0, 0, i%5))
		tour.Rev = 0
		t, v, a, on := graphtest.Assigned(c.Put[4].(*muster.Ticket), tour)
		change := graphtest.Change(fmt.Sprintf("cmd_one-%d", i), t, v, a, on)
		change.Expect = append(change.Expect, graph.At(string(e.ID), 1))
		assigns = append(assigns, change)
	}
	measured(b, server, "assignments/s", func() {
		sideBySide(b, sessions, assigns, func(c graph.Change) error {
			out, err := s.Commit(context.Background(), c)
			if err != nil {
				return err
			}
			return out[0].Err()
		})
	})
}

// cpuOf is the CPU time of a process in seconds.
func cpuOf(b *testing.B, pid int) float64 {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(b, err)
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')'):]))
	user, err := strconv.ParseFloat(fields[12], 64)
	require.NoError(b, err)
	kernel, err := strconv.ParseFloat(fields[13], 64)
	require.NoError(b, err)
	return (user + kernel) / 100
}

func ownCPU(b *testing.B) float64 {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

// BenchmarkRound loads what a region's round rests on: its share of the tickets, the experts in reach, their tours.
func BenchmarkRound(b *testing.B) {
	const tickets = 10_000
	s, server := benchStore(b)
	imports, experts, assigns := company(tickets)
	commitAll(b, s, imports)
	commitAll(b, s, experts)
	commitAll(b, s, assigns[:len(assigns)/2])
	loaded := 0
	b.ResetTimer()
	theirs, ours := cpuOf(b, server.Pid()), ownCPU(b)
	for n := range b.N {
		r, err := s.Round(b.Context(), graph.RoundRef{
			Region: muster.RegionID(fmt.Sprintf("reg_%d", n%40)), Reach: []muster.RegionID{"reg_denver"}, Limit: 5000,
			Span: muster.Window{Start: graphtest.Start, End: graphtest.Start.AddDate(0, 0, 14)},
		})
		require.NoError(b, err)
		loaded += 4*len(r.Tickets) + len(r.Experts) + len(r.Tours)
	}
	b.StopTimer()
	b.ReportMetric((cpuOf(b, server.Pid())-theirs)*1e6/float64(loaded), "server-us/record")
	b.ReportMetric((ownCPU(b)-ours)*1e6/float64(loaded), "client-us/record")
	b.ReportMetric(float64(loaded)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkCustomers searches 100,000 customers.
func BenchmarkCustomers(b *testing.B) {
	const customers = 100_000
	s, _ := benchStore(b)
	var changes []graph.Change
	for i := range customers {
		c := graphtest.Named(i)
		changes = append(changes, graphtest.Change(string(c.ID), c))
	}
	sideBySide(b, sessions, slices.Collect(slices.Chunk(changes, batch)), func(part []graph.Change) error {
		_, err := s.Commit(context.Background(), part...)
		return err
	})
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
