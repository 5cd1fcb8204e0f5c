package graph_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

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

func TestSearchFindsWordsByTheirStartInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.StringMatching(`[A-Za-zäöü0-9]{1,6}`), 1, 5).Draw(t, "words")
		i := rapid.IntRange(0, len(words)-1).Draw(t, "word")
		part := []rune(words[i])
		part = part[:rapid.IntRange(1, len(part)).Draw(t, "letters")]
		j := rapid.IntRange(0, len(words)-1).Draw(t, "another")
		text := strings.ToUpper(string(part)) + " - " + words[j]
		require.True(t, graph.Found(graph.Search(text), graph.Words(strings.Join(words, ", "))), text)
	})
}

func TestSearch(t *testing.T) {
	for text, want := range map[string][]string{
		"": nil, "% _": nil, "Müller zoë": {" müller", " zoë"}, "an ann ANNA ben": {" anna", " ben"}, "a@b": {" a", " b"},
	} {
		require.Equal(t, want, graph.Search(text), "%q", text)
	}
	for text, found := range map[string]bool{
		"": true, "müller": true, "zo mü": true, "lüd zo": true, "üller": false, "zoë nobody": false,
	} {
		require.Equal(t, found, graph.Found(graph.Search(text), graph.Words("Zoë Müller-Lüdenscheidt")), "%q", text)
	}
	long := strings.Repeat("ü", 300)
	require.Equal(t, []string{"a", long[:200]}, graph.Terms(graph.Search(long+" a")))
}
