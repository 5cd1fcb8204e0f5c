package graph

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words brings texts into the form that searches compare: lower case, a space before every run of
// letters and digits, all other signs left out.
func Words(texts ...string) string {
	var b strings.Builder
	for _, t := range texts {
		inside := false
		for _, r := range t {
			if r == utf8.RuneError || !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
				inside = false
				continue
			}
			if !inside {
				b.WriteByte(' ')
				inside = true
			}
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// Search gives what somebody looks for who enters a text: its words, each once and with a space before it. What is
// looked through is found if every one of them is the start of one of its words, in any order: if its Words contain
// each. A text without letters and digits is no search: it gives none, and everything is found.
func Search(text string) []string {
	words := strings.Fields(Words(text))
	slices.Sort(words)
	words = slices.Compact(words)
	var out []string
	for i, w := range words {
		if i+1 < len(words) && strings.HasPrefix(words[i+1], w) {
			continue // whatever has the longer one has it too
		}
		out = append(out, " "+w)
	}
	return out
}

// Found tells whether a search finds what has these Words.
func Found(search []string, words string) bool {
	return !slices.ContainsFunc(search, func(w string) bool { return !strings.Contains(words, w) })
}

// Near is how many records a search looks at, for each that a page has room for, before it asks the index: what many
// have is met soon, and of what few have the index needn't give many.
const Near = 20

// Terms gives the words of a search as full-text indexes take them: without the space, cut to a length that none of
// them cuts. What they find has to be compared again.
func Terms(search []string) []string {
	const longest = 100
	out := make([]string, len(search))
	for i, w := range search {
		letters := []rune(w[1:])
		out[i] = string(letters[:min(len(letters), longest)])
	}
	return out
}
