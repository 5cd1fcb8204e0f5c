package sqlite_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
)

// What is remembered is what is there: read again, after a commit of its own, after another process's, and after somebody
// has altered what they were given.
func TestWhatIsRememberedIsWhatIsThere(t *testing.T) {
	path := t.TempDir() + "/muster.db"
	s, other := openAt(t, path), openAt(t, path)
	ctx := t.Context()
	site := graphtest.Site("cus_00000001", 1)
	device := graphtest.Device(site, 1)
	ticket, visit, given, tour := graphtest.Assigned(graphtest.Ticket(device, 1), graphtest.Tour(graphtest.Expert(1), graphtest.Start))
	ticket.Rev, tour.Rev = 1, 1
	commit := func(on graph.Store, c graph.Change) {
		out, err := on.Commit(ctx, c)
		require.NoError(t, err)
		require.NoError(t, out[0].Err())
	}
	commit(s, graphtest.Change("cmd_1", graphtest.Customer(1), site, device, graphtest.Expert(1), ticket, visit, given, tour))
	ref := graph.CaseRef{Ticket: ticket.ID, Experts: []muster.ExpertID{tour.Expert}, Span: muster.Window{Start: tour.Start, End: tour.End}}
	same := func() graph.TicketCase {
		there, err := s.TicketCase(graph.Anew(ctx), "", ref)
		require.NoError(t, err)
		for range 2 {
			remembered, err := s.TicketCase(ctx, "", ref)
			require.NoError(t, err)
			require.Equal(t, there, remembered)
		}
		return there
	}
	first := same()
	require.Len(t, first.Visits, 1)

	mine, err := s.TicketCase(ctx, "", ref)
	require.NoError(t, err)
	mine.Ticket.Timers[muster.TimerQueue] = graphtest.Start
	mine.Ticket.Visit.Experts[0] = "exp_x"
	mine.Visits[0].Crew = 9
	for id, k := range mine.Tours {
		k.Stops[0].Start = k.Stops[0].Start.Add(time.Hour)
		mine.Tours[id] = k
	}
	require.Equal(t, first, same(), "somebody altered their copy")

	visits := func(n int) []muster.Record { // the first n, by now
		var out []muster.Record
		for i := range n {
			v := first.Visits[0]
			v.ID, v.N = muster.VisitID(muster.SlugID(muster.KindVisit, fmt.Sprint("visit ", i))), i+2
			out = append(out, &v)
		}
		return out
	}
	put := func(on graph.Store, rev int64, parts ...muster.Record) {
		k := first.Ticket
		k.Rev = rev
		commit(on, graphtest.Change(fmt.Sprint("cmd_r", rev), append([]muster.Record{&k}, parts...)...))
	}
	put(s, 2, visits(1)...)
	require.Len(t, same().Visits, 2)
	put(other, 3, visits(2)...)
	require.Len(t, same().Visits, 3)
	put(other, 4, visits(3)...) // s doesn't hear of it
	put(s, 5)
	require.Len(t, same().Visits, 4)
}
