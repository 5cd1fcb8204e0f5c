package api

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestStrictRefusesWhatDecodersReadDifferently(t *testing.T) {
	for _, c := range []struct {
		name, body, field, says string
	}{
		{"a key twice", `{"title":"a","title":"b"}`, "title", "given twice"},
		{"a key twice, deep", `{"needs":[{"skill":"skl_a","level":1},{"level":2,"skill":"skl_b","level":3}]}`, "needs[1].level", "given twice"},
		{"a key twice, escaped", `{"a":1,"\u0061":2}`, "a", "given twice"},
		{"bytes that are no UTF-8", "{\"title\":\"caf\xe9\"}", "body", "is not UTF-8"},
		{"an overlong slash", "{\"title\":\"\xc0\xaf\"}", "body", "is not UTF-8"},
		{"half a pair, high", `{"title":"\ud83d"}`, "title", "surrogate"},
		{"half a pair, high then a letter", `{"title":"\ud83dx"}`, "title", "surrogate"},
		{"half a pair, high then another escape", `{"title":"\ud83d\n"}`, "title", "surrogate"},
		{"half a pair, low", `{"title":"\ude00"}`, "title", "surrogate"},
		{"half a pair in a key", `{"\ud83d":1}`, "\ufffd", "surrogate"},
		{"a number beyond float64", `{"lat":1e999}`, "lat", "out of range"},
		{"something after the end", `{"title":"a"} {"title":"b"}`, "body", "not JSON at offset"},
		{"a comma too many", `{"title":"a",}`, "body", "not JSON at offset"},
		{"cut off", `{"title":"a`, "body", "not JSON at offset"},
		{"a comment", `{/* */}`, "body", "not JSON at offset"},
		{"NaN", `{"lat":NaN}`, "body", "not JSON at offset"},
		{"only spaces", `   `, "body", "not JSON at offset"},
		{"a byte order mark", "\ufeff{}", "body", "not JSON at offset"},
		{"too deep", strings.Repeat("[", maxDepth+1) + strings.Repeat("]", maxDepth+1), "", "nested deeper"},
		{"far too deep", strings.Repeat("[", 400_000), "body", "not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := strict([]byte(c.body))
			var e *muster.Error
			require.True(t, errors.As(err, &e), "%v", err)
			require.Equal(t, codeMalformed, e.Code)
			require.Contains(t, e.Message, c.says)
			require.NotEmpty(t, e.Hint)
			if c.field != "" {
				require.Equal(t, c.field, e.Field)
			}
		})
	}
}

func TestStrictLetsThroughWhatIsOneThing(t *testing.T) {
	for _, body := range []string{
		`{}`, `[]`, `null`, `"x"`, ` 12 `, `{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}`,
		`{"title":"\ud83d\ude00 \\ud83d \u00e9 😀"}`, `{"":{"":1}}`, `{"n":[-0.0,1e308,123456789012345678901]}`,
		"{\"title\":\"\ufffd \\ufffd\"}", strings.Repeat("[", maxDepth) + strings.Repeat("]", maxDepth),
	} {
		require.NoError(t, strict([]byte(body)), body)
	}
}

// FuzzStrict holds the check to its promise: what it lets through every decoder reads alike, and it neither
// panics nor refuses what a canonical encoder wrote.
func FuzzStrict(f *testing.F) {
	for _, s := range []string{
		`{"a":1,"a":2}`, `{"a":[{"b":"\ud83d\ude00"},1e3,null,true]}`, `{"a":"\ud83d"}`, "\xff", `[[[]]]`, `{"a":{"b":1},"c":{"b":1}}`, `{"":0,"":0}`, `1 2`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if err := strict(body); err != nil {
			var e *muster.Error
			require.True(t, errors.As(err, &e), "%v", err)
			return
		}
		require.True(t, utf8.Valid(body))
		var v any
		require.NoError(t, json.Unmarshal(body, &v))
		// Written by Go's encoder the value has each key once: if one had been dropped it would be shorter.
		require.Equal(t, members(body), members(canonical(t, v)))
		require.NoError(t, strict(canonical(t, v)))
	})
}

func canonical(t *testing.T, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return b
}

// members counts the members of all objects in valid JSON: every colon outside a string is one.
func members(b []byte) (n int) {
	inside := false
	for i := 0; i < len(b); i++ {
		switch {
		case inside && b[i] == '\\':
			i++
		case b[i] == '"':
			inside = !inside
		case !inside && b[i] == ':':
			n++
		}
	}
	return n
}
