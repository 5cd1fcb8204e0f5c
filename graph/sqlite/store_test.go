package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestSmoke(t *testing.T) {
	for _, path := range []string{sqlite.Memory, filepath.Join(t.TempDir(), "a", "b", "muster #1?.db")} {
		ctx := context.Background()
		s, err := sqlite.Open(ctx, path, muster.NewFakeClock(graphtest.Start))
		require.NoError(t, err)
		require.NoError(t, s.Migrate(ctx))
		require.NoError(t, s.Migrate(ctx))
		c := graphtest.Customer(1)
		site := graphtest.Site(c.ID, 1)
		dev := graphtest.Device(site, 1)
		tk := graphtest.Ticket(dev, 1)
		out, err := s.Commit(ctx, graphtest.Change("cmd1", c, site, dev), graphtest.Change("cmd2", tk))
		require.NoError(t, err)
		require.True(t, out[0].Accepted)
		require.True(t, out[1].Accepted)
		got, err := s.TicketCase(ctx, "", graphCase(tk.ID))
		require.NoError(t, err)
		require.Equal(t, *tk, got.Ticket)
		require.Equal(t, *site, got.Site)
		require.Equal(t, *c, got.Customer)
		require.NoError(t, s.Close(ctx))
	}
}

func graphCase(id muster.TicketID) graph.CaseRef { return graph.CaseRef{Ticket: id} }
