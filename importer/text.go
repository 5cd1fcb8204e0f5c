package importer

import (
	"html"
	"regexp"
	"strings"
	"unicode"
)

// Longest texts that are kept; the rest is cut at a whole letter.
const (
	maxBrand = 60
	maxTitle = 120
	maxText  = 16 << 10
)

// Sources print line breaks as a backslash and an n, write HTML entities, and leave a few tags behind.
var (
	printedBreaks = strings.NewReplacer(`\r\n`, "\n", `\n`, "\n", `\r`, "\n", `\N`, "\n", "\r\n", "\n", "\r", "\n")
	tags          = regexp.MustCompile(`(?i)</?(?:p|br|b|i|ul|li|div|span)\s*/?>`)
	gaps          = regexp.MustCompile(`\n\s*\n\s*\n+`)
)

// plainText makes readable text of what a source holds: entities become letters, printed line breaks real
// ones, and signs that can't be seen are dropped.
func plainText(s string, limit int) string {
	if s == "" {
		return ""
	}
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	if strings.ContainsAny(s, "\\\r") {
		s = printedBreaks.Replace(s)
	}
	if strings.ContainsRune(s, '<') {
		s = tags.ReplaceAllString(s, "\n")
	}
	if strings.ContainsRune(s, '\n') {
		s = gaps.ReplaceAllString(s, "\n\n")
	}
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || unicode.IsPrint(r) {
			return r
		}
		if unicode.IsSpace(r) {
			return ' '
		}
		return -1
	}, s)
	return cut(strings.TrimSpace(s), limit)
}

// cut shortens a text to at most limit bytes without halving a letter.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	for limit > 0 && s[limit]&0xC0 == 0x80 {
		limit--
	}
	return strings.TrimSpace(s[:limit])
}

// tail is what follows the last ~ of a partner's own category: "Other ~ Christmas lights" is Christmas lights.
func tail(s string) string {
	if i := strings.LastIndexByte(s, '~'); i >= 0 {
		s = s[i+1:]
	}
	return strings.TrimSpace(s)
}
