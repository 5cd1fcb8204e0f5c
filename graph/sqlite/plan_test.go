package sqlite_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// TestNoReadScansATable calls every read and asks SQLite how it does what they ask of it. Only the lists
// of few things, and searches for text, may go through a table; those go by id and end with the page.
func TestNoReadScansATable(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	everyRead(t, s)
	require.NoError(t, s.Analyze(t.Context()))
	scan := regexp.MustCompile(`^SCAN (t|r|e|a|h|event|key|command|ticket|visit|offer|assignment|expert|tour|customer|site|device|duty|region)\b`)
	allowed := regexp.MustCompile(`FROM region t ORDER BY|FROM "user" t WHERE t.alive|ORDER BY t."id" LIMIT|GROUP BY t."shown"|min\(seq\)|INDEXED BY event_pending`)
	texts := sqlite.Statements(t, s)
	require.Greater(t, len(texts), 30)
	for _, text := range texts {
		for _, step := range sqlite.Plan(t, s, text) {
			require.False(t, scan.MatchString(step) && !allowed.MatchString(text), "%s\n%s", step, text)
		}
	}
}

// everyRead calls every read of the port once.
func everyRead(t *testing.T, s graph.Store) {
	ctx := t.Context()
	page := graph.Page{Limit: 10}
	span := muster.Window{Start: graphtest.Start, End: graphtest.Start.Add(time.Hour)}
	ticket := graphtest.Ticket(graphtest.Device(graphtest.Site("cus_1", 1), 1), 1)
	_, err := s.Commit(ctx, graphtest.Change("cmd_1", ticket, graphtest.Customer(1), graphtest.Expert(1)))
	require.NoError(t, err)
	var ids []string
	for _, spec := range graph.Schema {
		ids = append(ids, graphtest.Filled(t, spec.Kind).RecordID())
		_, err := s.Scan(ctx, spec.Kind, "", 10)
		require.NoError(t, err)
	}
	calls := []func() error{
		func() error { _, err := s.Setup(ctx); return err },
		func() error { _, err := s.Records(ctx, "cmd_none", ids...); return err },
		func() error { _, err := s.CustomerCase(ctx, "", "cus_00000001"); return err },
		func() error { _, err := s.ExpertCase(ctx, "", "exp_00000001", graphtest.Start); return err },
		func() error {
			_, err := s.TicketCase(ctx, "", graph.CaseRef{Ticket: ticket.ID, Experts: []muster.ExpertID{"exp_1"}, Span: span})
			return err
		},
		func() error { _, err := s.TicketCase(ctx, "", graph.CaseRef{Number: 1}); return err },
		func() error {
			_, err := s.Round(ctx, graph.RoundRef{Region: "reg_denver", Reach: []muster.RegionID{"reg_denver"}, Span: span, Limit: 5})
			return err
		},
		func() error { _, err := s.TicketCases(ctx, "", 10); return err },
		func() error { _, err := s.Wakes(ctx, ids...); return err },
		func() error { _, err := s.EventSpans(ctx, ids...); return err },
		func() error { _, err := s.Owners(ctx, "k"); return err },
		func() error { _, err := s.Pending(ctx, 10); return err },
		func() error { _, err := s.EventsAfter(ctx, 0, 10); return err },
		func() error { _, _, err := s.Bounds(ctx); return err },
		func() error { _, err := s.Cursor(ctx, "c"); return err },
		func() error { _, err := s.DueShards(ctx, muster.LaneMatching, graphtest.Start); return err },
		func() error { _, err := s.Backlog(ctx, graphtest.Start); return err },
		func() error { _, err := s.Users(ctx, muster.Scope{Everything: true}); return err },
	}
	for _, id := range ids { // those that are not there are not found
		_, _ = s.History(ctx, muster.Scope{Everything: true}, id)
	}
	for _, scope := range []muster.Scope{{Everything: true}, {Customer: "cus_1"}, {Expert: "exp_1"}} {
		for _, f := range []graph.TicketFilter{{}, {States: []string{"open"}}, {Expert: "exp_1"}, {Customer: "cus_1"}} {
			calls = append(calls, func() error { _, _, err := s.Tickets(ctx, scope, f, page); return err })
		}
		calls = append(calls,
			func() error { _, err := s.TicketCounts(ctx, scope); return err },
			func() error { _, _, err := s.Customers(ctx, scope, "an", page); return err },
			func() error {
				_, _, err := s.Experts(ctx, scope, graph.ExpertFilter{Skill: "skl_1", Text: "an"}, page)
				return err
			},
			func() error { _, err := s.Tours(ctx, scope, []muster.ExpertID{"exp_1"}, span); return err },
			func() error { _, err := s.Tours(ctx, scope, nil, span); return err },
		)
	}
	for _, call := range calls {
		require.NoError(t, call())
	}
	for _, ref := range []graph.CaseRef{{Visit: "vis_1"}, {Offer: "off_1"}} {
		_, err := s.TicketCase(ctx, "", ref)
		require.Equal(t, muster.CodeNotFound, muster.CodeOf(err))
	}
}
