package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

func TestWords(t *testing.T) {
	for text, want := range map[string]string{
		"": "", " \t-": "", "Ann": " ann", "Zoë Müller-Lüdenscheidt": " zoë müller lüdenscheidt",
		"z.m@Example.org": " z m example org", "+49 (221) 555": " 49 221 555", "冷蔵庫 A": " 冷蔵庫 a", "cafe\u0301": " cafe\u0301",
	} {
		require.Equal(t, want, graph.Words(text), "%q", text)
	}
	require.Equal(t, " ann lee a b", graph.Words("Ann Lee", "", "A@b"))
}

func TestWordsFindsEveryWordByItsStart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[A-Za-zäöü0-9]{1,6}`), 1, 5).Draw(t, "words")
		i := rapid.IntRange(0, len(words)-1).Draw(t, "word")
		part := []rune(words[i])
		part = part[:rapid.IntRange(1, len(part)).Draw(t, "letters")]
		require.True(t, strings.Contains(graph.Words(strings.Join(words, ", ")), graph.Words(strings.ToUpper(string(part)))))
	})
}

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
