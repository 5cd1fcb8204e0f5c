package importer

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// A site that a person has removed doesn't come back with its file: what was taken in before is repeated, and what
// is new for it is told in the rejects.
func TestAFileDoesNotBringBackARemovedSite(t *testing.T) {
	clock := muster.NewFakeClock(noon)
	s := open(t, sqlite.Memory, clock)
	d := dispatch.New(s, clock)
	m, err := LoadMapping("")
	require.NoError(t, err)
	b := builder{mapping: m, home: household{size: 1}}
	next := 0
	for b.begins(fmt.Sprintf("h_%d", next)) {
		next++
	}
	const header = "id,product_category,partner_product_category,brand,year_of_manufacture,country,event_date,problem,repair_status,repair_barrier_if_end_of_life\n"
	row := func(id string) string {
		return id + ",Lamp,Lamp ~ desk lamp,Norvik,2012,USA,2023-01-01,It hums,Fixed,\n"
	}
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	o := Options{File: written(t, "one.csv", header+row("first")), Rejects: rejects, Data: dataFolderOf(t), Clock: clock}
	rep, err := Run(t.Context(), o, d, s)
	require.NoError(t, err)
	require.Equal(t, 1, rep.Imported)

	everything := muster.Scope{Everything: true}
	tickets, _, err := s.Tickets(t.Context(), everything, graph.TicketFilter{}, graph.Page{Limit: 10})
	require.NoError(t, err)
	require.Len(t, tickets, 1)
	person := muster.Actor{ID: "usr_pat", Role: muster.RoleHelpdesk, Name: "Pat"}
	_, err = d.Cancel(t.Context(), muster.Command{ID: "cancel", Actor: person}, dispatch.TicketRequest{Ticket: tickets[0].ID})
	require.NoError(t, err)
	c, err := s.CustomerCase(t.Context(), "", tickets[0].Customer)
	require.NoError(t, err)
	c.Sites[0].Removed = true
	_, err = d.SaveSite(t.Context(), muster.Command{ID: "remove", Actor: person}, dispatch.SiteRequest{Customer: c.Customer.ID, Site: c.Sites[0]})
	require.NoError(t, err)

	o.File = written(t, "two.csv", header+row("first")+row(fmt.Sprintf("h_%d", next)))
	rep, err = Run(t.Context(), o, d, s)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 1}, []int{rep.Imported, rep.Repeated, rep.Rejected})
	told, err := os.ReadFile(rejects)
	require.NoError(t, err)
	require.Contains(t, string(told), string(c.Sites[0].ID))
	require.Contains(t, string(told), "removed")
	c, err = s.CustomerCase(t.Context(), "", c.Customer.ID)
	require.NoError(t, err)
	require.True(t, c.Sites[0].Removed)
	counts, err := s.TicketCounts(t.Context(), everything)
	require.NoError(t, err)
	require.Empty(t, counts, "none is open")
}
