package sqlite_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// TestNothingScansATable calls all of the port and asks SQLite how it does what was asked of it. Only the lists
// of few things, and searches for text, may go through a table; those go by id and end with the page.
func TestNothingScansATable(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	everyRead(t.Context(), t, s)
	everyRead(graph.Anew(t.Context()), t, s) // what isn't remembered is read by other statements
	everyWrite(t, s)
	var changes []graph.Change
	for n := 10; n < 300; n++ { // a table of one row is best gone through
		tour := graphtest.Tour(graphtest.Expert(n), graphtest.Start)
		ticket, v, a, tour := graphtest.Assigned(graphtest.Ticket(graphtest.Device(graphtest.Site(graphtest.Customer(n).ID, n), n), n), tour)
		ticket.Rev, tour.Rev = 1, 1
		changes = append(changes, graphtest.Change(fmt.Sprintf("cmd_n%d", n), graphtest.Customer(n), graphtest.Expert(n), ticket, v, a, tour,
			graphtest.Duty(fmt.Sprint(n)), graphtest.Message(ticket.ID, ticket.Customer, n)))
	}
	_, err := s.Commit(t.Context(), changes...)
	require.NoError(t, err)
	require.NoError(t, s.Analyze(t.Context()))
	scan := regexp.MustCompile(`^SCAN (t|r|e|a|h|v|o|k|c|event|key|command|ticket|visit|offer|assignment|expert|tour|customer|site|device|duty|region|message)\b`)
	allowed := regexp.MustCompile(`FROM region t ORDER BY|FROM "user" t WHERE t.alive|ORDER BY t."id" LIMIT|GROUP BY t."shown"|min\(seq\)|INDEXED BY event_pending`)
	failing := regexp.MustCompile(`USING INDEX \w+_failed$`) // it holds what fails, and nothing else
	texts := sqlite.Statements(s)
	require.Greater(t, len(texts), 60)
	for _, text := range texts {
		require.NotContains(t, text, "LIMIT ?", "SQLite would plan it anew at every run")
		for _, step := range sqlite.Plan(t, s, text) {
			require.False(t, scan.MatchString(step) && !allowed.MatchString(text) && !failing.MatchString(step), "%s\n%s", step, text)
		}
	}
}

// everyWrite calls every write of the port once.
func everyWrite(t *testing.T, s graph.Store) {
	ctx, now := t.Context(), graphtest.Start
	expert, duty := graphtest.Expert(2), graphtest.Duty("relay")
	first := graphtest.Change("cmd_w1", expert, duty)
	first.Claim = []muster.Claim{{Key: "k", Owner: "asg_1"}}
	again := *expert
	again.Rev, again.Skills = 2, nil
	second := graphtest.Change("cmd_w2", &again)
	second.Release = first.Claim
	for _, c := range []graph.Change{first, second} {
		out, err := s.Commit(ctx, c)
		require.NoError(t, err)
		require.True(t, out[0].Accepted)
	}
	w, ok, err := s.Claim(ctx, string(duty.ID), now, now.Add(time.Minute))
	require.NoError(t, err)
	require.True(t, ok)
	for _, lane := range muster.Lanes() {
		_, err = s.ClaimDue(ctx, lane, muster.ShardOf(string(duty.ID)), now.Add(time.Hour), now.Add(2*time.Hour), 10)
		require.NoError(t, err)
	}
	_, err = s.Settle(ctx, graph.Settled{Wake: w, Next: now.Add(time.Hour)})
	require.NoError(t, err)
	w, ok, err = s.Claim(ctx, string(duty.ID), now.Add(3*time.Hour), now.Add(4*time.Hour))
	require.NoError(t, err)
	require.True(t, ok)
	events, err := s.Pending(ctx, 10)
	require.NoError(t, err)
	require.NoError(t, s.Number(ctx, w.ID, w.Fence, 1, events))
	require.NoError(t, s.Advance(ctx, "c", 1))
	_, err = s.Reserve(ctx, 1)
	require.NoError(t, err)
	_, err = s.Prune(ctx, now.Add(time.Hour), 1)
	require.NoError(t, err)
	_, err = s.PruneJobs(ctx, now.Add(time.Hour), 1)
	require.NoError(t, err)
}

// everyRead calls every read of the port once.
func everyRead(ctx context.Context, t *testing.T, s graph.Store) {
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
		func() error {
			_, err := s.OpenTickets(ctx, "cus_00000001", []muster.SiteID{"sit_00000001"}, 1)
			return err
		},
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
		func() error { _, err := s.Peers(ctx, "", 10); return err },
		func() error { _, err := s.Messages(ctx, muster.Scope{Everything: true}, nil, 10); return err },
		func() error {
			_, err := s.Messages(ctx, muster.Scope{Customer: "cus_1"}, []muster.TicketID{"tic_1"}, 10)
			return err
		},
		func() error { _, err := s.TicketCases(ctx, "", 10); return err },
		func() error { _, err := s.Wakes(ctx, ids...); return err },
		func() error { _, err := s.EventSpans(ctx, ids...); return err },
		func() error { _, err := s.Owners(ctx, "k"); return err },
		func() error { _, err := s.Commands(ctx, "cmd_0", 10); return err },
		func() error { _, err := s.Pending(ctx, 10); return err },
		func() error { _, err := s.EventsAfter(ctx, 0, 10); return err },
		func() error { _, _, err := s.Bounds(ctx); return err },
		func() error { _, err := s.Cursor(ctx, "c"); return err },
		func() error { _, err := s.Cursors(ctx); return err },
		func() error { _, err := s.DueShards(ctx, muster.LaneMatching, graphtest.Start); return err },
		func() error { _, err := s.Backlog(ctx, graphtest.Start); return err },
		func() error { _, err := s.Failing(ctx, 10); return err },
		func() error { _, err := s.Users(ctx, muster.Scope{Everything: true}); return err },
	}
	for _, id := range ids { // those that are not there are not found
		_, _ = s.History(ctx, muster.Scope{Everything: true}, id)
	}
	for _, scope := range []muster.Scope{{Everything: true}, {Customer: "cus_1"}, {Expert: "exp_1"}} {
		for _, f := range []graph.TicketFilter{{}, {States: []string{"open"}}, {Expert: "exp_1"}, {Customer: "cus_1"}, {Region: "reg_denver"},
			{Exceptions: graph.ExceptionFilter{Any: true}}, {Region: "reg_denver", Exceptions: graph.ExceptionFilter{Kind: muster.ExceptionLate}},
		} {
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
