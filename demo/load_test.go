package demo

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// opened is an empty store with its dispatch, at noon.
func opened(t testing.TB) (*sqlite.Store, *dispatch.Dispatch) {
	t.Helper()
	clock := muster.NewFakeClock(noon)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "muster.db"), clock)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
	require.NoError(t, s.Migrate(t.Context()))
	return s, dispatch.New(s, clock)
}

var everything = muster.Scope{Everything: true}

func tickets(t testing.TB, s *sqlite.Store) []*muster.Ticket {
	t.Helper()
	var out []*muster.Ticket
	after := ""
	for {
		page, next, err := s.Tickets(t.Context(), everything, graph.TicketFilter{}, graph.Page{After: after, Limit: 500})
		require.NoError(t, err)
		out = append(out, page...)
		if next == "" {
			return out
		}
		after = next
	}
}

// The whole company, in one go: also what its load takes, which is shown with -v.
func TestVolumeLoadAndMatch(t *testing.T) {
	s, d := opened(t)
	c := company(t, Options{Seed: 1})
	began := time.Now()
	require.NoError(t, c.Load(t.Context(), d))
	t.Logf("loaded in %s", time.Since(began))
	all := tickets(t, s)
	require.Len(t, all, 600)
	began = time.Now()
	require.NoError(t, c.Load(t.Context(), d))
	t.Logf("loaded again in %s", time.Since(began))
	require.Len(t, tickets(t, s), 600)

	hopeless := map[string]muster.ReasonCode{}
	for _, n := range c.Nobody {
		hopeless[n.Legacy] = n.Reason
	}
	queued, taken := 0, 0
	began = time.Now()
	for _, ticket := range all {
		if ticket.State != muster.Queued {
			continue
		}
		m, err := d.Match(t.Context(), dispatch.TicketRef{ID: ticket.ID})
		require.NoError(t, err)
		if reason, ok := hopeless[ticket.Legacy]; ok {
			require.Empty(t, m.Candidates, ticket.Title)
			require.Positive(t, m.Counts[reason], "%s: %v", ticket.Title, m.Counts)
			t.Logf("%s: %v of %d", ticket.Title, m.Counts, len(m.Excluded))
			continue
		}
		queued++
		if len(m.Candidates) > 0 {
			taken++
		} else {
			t.Logf("nobody for %s in %s: %v", ticket.Title, ticket.City, m.Counts)
		}
	}
	t.Logf("%d of %d have a candidate; matched in %s", taken, queued, time.Since(began))
	require.GreaterOrEqual(t, float64(taken), 0.95*float64(queued))
}
