package graph_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

func TestPosition(t *testing.T) {
	positions := rapid.Custom(func(t *rapid.T) graph.Position {
		return graph.Position{
			Rank: rapid.IntRange(0, 3).Draw(t, "rank"), Due: rapid.Int64Range(-2, 2).Draw(t, "due"),
			ID: "tic_" + rapid.StringMatching(`[a-c.]{1,3}`).Draw(t, "id"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := positions.Draw(t, "a"), positions.Draw(t, "b")
		back, ok, err := graph.ParsePosition(a.Cursor())
		require.NoError(t, err)
		require.True(t, ok)
		require.Equal(t, a, back)
		require.Equal(t, a != b, a.Before(b) || b.Before(a))
		require.False(t, a.Before(b) && b.Before(a))
	})
	_, ok, err := graph.ParsePosition("")
	require.NoError(t, err)
	require.False(t, ok)
	for _, cursor := range []string{"junk", "!", graph.Position{ID: "cus_1"}.Cursor()} {
		_, _, err := graph.ParsePosition(cursor)
		require.Equal(t, muster.CodeInvalid, muster.CodeOf(err), cursor)
	}
}

func TestShown(t *testing.T) {
	all, err := graph.TicketFilter{}.Shown()
	require.NoError(t, err)
	open, err := graph.TicketFilter{States: []string{"open"}}.Shown()
	require.NoError(t, err)
	require.Len(t, all, len(open)+2)
	for _, s := range muster.TicketStates() {
		require.Contains(t, all, string(s))
		require.Equal(t, !s.Terminal(), slices.Contains(open, string(s)), "%s", s)
	}
	for _, v := range muster.VisitStates() {
		require.Contains(t, open, string(v))
	}
	some, err := graph.TicketFilter{States: []string{"queued", "resolved", "queued"}}.Shown()
	require.NoError(t, err)
	require.Equal(t, []string{"queued", "resolved"}, some)
	_, err = graph.TicketFilter{States: []string{"lost"}}.Shown()
	require.ErrorContains(t, err, "lost")
}

func TestListing(t *testing.T) {
	page, all := graph.Page{Limit: 2}, muster.Scope{Everything: true}
	l, err := graph.TicketFilter{States: []string{"queued"}}.Listing(all, page)
	require.NoError(t, err)
	require.Equal(t, graph.Listing{Shown: []string{"queued"}, Limit: 2}, l)
	tickets := []*muster.Ticket{{ID: "tic_a"}, {ID: "tic_b", Priority: muster.PriorityHigh}}
	require.Empty(t, l.Next(nil))
	require.Empty(t, l.Next(tickets[:1]))
	page.After = l.Next(tickets)
	l, err = graph.TicketFilter{}.Listing(all, page)
	require.NoError(t, err)
	require.True(t, l.More)
	require.Equal(t, graph.PositionOf(tickets[1]), l.After)
	for name, refused := range map[string]func() (graph.Listing, error){
		"no scope": func() (graph.Listing, error) { return graph.TicketFilter{}.Listing(muster.Scope{}, page) },
		"no limit": func() (graph.Listing, error) { return graph.TicketFilter{}.Listing(all, graph.Page{}) },
		"not a cursor": func() (graph.Listing, error) {
			return graph.TicketFilter{}.Listing(all, graph.Page{Limit: 1, After: "x"})
		},
		"not a state": func() (graph.Listing, error) { return graph.TicketFilter{States: []string{"x"}}.Listing(all, page) },
	} {
		_, err := refused()
		require.Error(t, err, name)
	}
}

func TestNextID(t *testing.T) {
	tours := []*muster.Tour{{ID: "tou_a"}, {ID: "tou_b"}}
	require.Equal(t, "tou_b", graph.NextID(graph.Page{Limit: 2}, tours))
	require.Empty(t, graph.NextID(graph.Page{Limit: 3}, tours))
	require.NoError(t, graph.Page{Limit: 1, After: "tou_b"}.CheckIDs(muster.KindTour))
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(graph.Page{Limit: 1, After: "tou_b"}.CheckIDs(muster.KindExpert)))
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(graph.Page{After: "tou_b"}.CheckIDs(muster.KindTour)))
}

func TestCheckVersion(t *testing.T) {
	for version, want := range map[int]muster.Code{
		0: muster.CodeUnsuitable, graph.SchemaVersion - 1: muster.CodeUnsuitable, graph.SchemaVersion: "", graph.SchemaVersion + 1: muster.CodeNewerSchema,
	} {
		err := graph.CheckVersion("the store here", version)
		require.Equal(t, want, muster.CodeOf(err), "%d", version)
		if err != nil {
			require.ErrorContains(t, err, "the store here")
		}
	}
}
