package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
)

// noNull is the remedy for U+0000: it ends texts in programs that read ours, and no letter needs it.
const noNull = "leave out U+0000: no text has it"

// maxDepth is how deep a body may nest; ours need six.
const maxDepth = 32

// strict refuses bodies that two decoders could read differently or not at all: text that isn't UTF-8, a
// key twice in one object, half a surrogate pair, something after the end, a number beyond float64. Go's
// own decoder lets the first three pass and picks one reading in silence. U+0000 is refused with them.
func strict(body []byte) error {
	if !utf8.Valid(body) {
		at := invalidUTF8(body)
		return malformed("body", fmt.Sprintf("byte %#02x at offset %d", body[at], at), "is not UTF-8", "send the text as UTF-8")
	}
	var whole json.RawMessage
	if err := json.Unmarshal(body, &whole); err != nil {
		return syntax(body, err)
	}
	w := walk{body: body, in: json.NewDecoder(bytes.NewReader(body))}
	w.in.UseNumber()
	for w.in.More() || len(w.open) > 0 {
		token, err := w.in.Token()
		if err != nil {
			return syntax(body, err)
		}
		if err := w.step(token); err != nil {
			return err
		}
	}
	return nil
}

// level is one open object or list.
type level struct {
	keys  map[string]struct{} // nil in a list
	key   string              // of the member that is being read, "" before it
	named bool                // the key has been read
	index int
}

// walk goes through the tokens and knows where it is.
type walk struct {
	body []byte
	in   *json.Decoder
	open []level
	last int64 // where the token before ended
}

func (w *walk) step(token json.Token) error {
	raw := bytes.TrimLeft(w.body[w.last:w.in.InputOffset()], " \t\r\n,:")
	w.last = w.in.InputOffset()
	if d, ok := token.(json.Delim); ok && (d == '}' || d == ']') {
		w.open = w.open[:len(w.open)-1]
		w.done()
		return nil
	}
	if n := len(w.open); n > 0 && w.open[n-1].keys != nil && !w.open[n-1].named {
		return w.member(token.(string), raw) // the decoder gives strings for keys
	}
	switch t := token.(type) {
	case json.Delim:
		if len(w.open) == maxDepth {
			return malformed(w.path(), "", fmt.Sprintf("is nested deeper than %d", maxDepth), "no field needs that; flatten it")
		}
		l := level{}
		if t == '{' {
			l.keys = make(map[string]struct{})
		}
		w.open = append(w.open, l)
		return nil
	case string:
		if halved(raw) {
			return malformed(w.path(), string(raw), "has half a surrogate pair", "write the sign itself, or both halves")
		}
		if strings.ContainsRune(t, 0) {
			return muster.Invalid(w.path(), strconv.QuoteToASCII(t), noNull)
		}
	case json.Number:
		if _, err := strconv.ParseFloat(t.String(), 64); err != nil {
			return malformed(w.path(), t.String(), "is out of range", "send a number that fits a double")
		}
	}
	w.done()
	return nil
}

// member begins one of an object.
func (w *walk) member(key string, raw []byte) error {
	top := &w.open[len(w.open)-1]
	top.key, top.named = key, true
	if halved(raw) {
		return malformed(w.path(), string(raw), "has half a surrogate pair", "write the sign itself, or both halves")
	}
	if strings.ContainsRune(key, 0) {
		return muster.Invalid("body", strconv.QuoteToASCII(key), noNull)
	}
	if _, twice := top.keys[key]; twice {
		return malformed(w.path(), key, "is given twice", "give each key once")
	}
	top.keys[key] = struct{}{}
	return nil
}

// done ends a value: the next one is another member or item.
func (w *walk) done() {
	if n := len(w.open); n > 0 {
		w.open[n-1].named = false
		w.open[n-1].index++
	}
}

// path names the place in the words of validation: needs[0].level.
func (w *walk) path() string {
	var b strings.Builder
	for _, l := range w.open {
		switch {
		case l.keys == nil:
			b.WriteString("[" + strconv.Itoa(l.index) + "]")
		case l.named:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(l.key)
		}
	}
	if b.Len() == 0 {
		return "body"
	}
	return b.String()
}

// halved tells whether a JSON string escapes only one half of a surrogate pair. The string is valid JSON.
func halved(raw []byte) bool {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		i++
		if raw[i] != 'u' {
			continue
		}
		unit := hex4(raw[i+1 : i+5])
		i += 4
		switch {
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return true
		case unit >= 0xD800 && unit <= 0xDBFF:
			if i+6 >= len(raw) || raw[i+1] != '\\' || raw[i+2] != 'u' {
				return true
			}
			if low := hex4(raw[i+3 : i+7]); low < 0xDC00 || low > 0xDFFF {
				return true
			}
			i += 6
		}
	}
	return false
}

func hex4(b []byte) uint64 {
	n, _ := strconv.ParseUint(string(b), 16, 32) // checked by the syntax pass
	return n
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return 0
}

// syntax says where a body stops being JSON, and shows what stands there.
func syntax(body []byte, err error) error {
	at := len(body)
	var s *json.SyntaxError
	if errors.As(err, &s) {
		at = int(s.Offset)
	}
	near := body[max(0, at-20):min(len(body), at+20)]
	return malformed("body", strings.ToValidUTF8(string(near), ""),
		fmt.Sprintf("is not JSON at offset %d: %v", at, err), "send one JSON object and nothing after it")
}

func malformed(field, value, what, hint string) error {
	return &muster.Error{
		Code: codeMalformed, Message: field + " " + what, Hint: hint, Field: field, Value: shown(value),
	}
}
