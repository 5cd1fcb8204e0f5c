package importer

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestPlainText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                     "",
		"  It hums  ":                          "It hums",
		`Line one\nline two\r\nthree`:          "Line one\nline two\nthree",
		"a &gt; b &amp; c":                     "a > b & c",
		"<p>Warm</p><br>now":                   "Warm\n\nnow",
		"3 < 4 and 5 > 2":                      "3 < 4 and 5 > 2",
		"bell\x07 and\u200b zero":              "bell and zero",
		"a\r\nb\n\n\n\nc":                      "a\nb\n\nc",
		"Kühlschrank wärmt\u00a0nur":           "Kühlschrank wärmt nur",
		"C\\:x":                                "C\\:x",
		strings.Repeat("ü", maxBrand):          strings.Repeat("ü", maxBrand/2),
		strings.Repeat("x", maxBrand-1) + "ü!": strings.Repeat("x", maxBrand-1),
	} {
		require.Equal(t, want, plainText(in, maxBrand), "%q", in)
	}
}

func TestPlainTextStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.String().Draw(t, "in")
		limit := rapid.IntRange(0, 40).Draw(t, "limit")
		out := plainText(in, limit)
		require.LessOrEqual(t, len(out), limit)
		require.True(t, utf8.ValidString(out))
		require.Equal(t, strings.TrimSpace(out), out)
	})
}

func TestTail(t *testing.T) {
	require.Equal(t, "Christmas lights", tail("Other ~ Christmas lights"))
	require.Equal(t, "Lamp", tail("Lamp"))
	require.Equal(t, "", tail("Lamp ~ "))
}
