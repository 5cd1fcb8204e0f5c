package importer

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
)

// row is one record of the file. Reason is why it can't be used, "" if it can; then fields are in the
// order of the mapping's columns.
type row struct {
	line   int
	fields record
	reason string
	raw    []byte
}

// rows reads records one by one. Whatever is wrong with one of them costs that record alone: after a
// broken quote reading goes on at the next line of the file.
type rows struct {
	lines  *lines
	feed   feed
	csv    *csv.Reader
	at     [columns]int // where each column of the mapping is, -1 for those it doesn't name
	width  int          // fields of the header
	buffer []line       // the lines of the row at hand
}

// feed hands one record at a time to the CSV reader, which asks for more only after it has used it up.
type feed struct{ rest []byte }

func (f *feed) Read(p []byte) (int, error) {
	if len(f.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

// newRows reads the header and finds the mapping's columns in it.
func newRows(r io.Reader, path string, m *Mapping) (*rows, error) {
	rs := &rows{lines: newLines(r)}
	rs.restart()
	first, err := rs.lines.next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			return nil, muster.Invalid("file", path, "it is empty; the first line must name the columns")
		}
		return nil, unreadable(path, err)
	}
	first.text = bytes.TrimPrefix(first.text, []byte("\xef\xbb\xbf"))
	header, reason := []string(nil), unclean(first.text)
	if reason == "" {
		header, reason = rs.parse(first.text)
	}
	if reason != "" {
		return nil, muster.Invalid(path+":1", string(first.text), "the first line must name the columns: "+reason)
	}
	rs.width = len(header)
	if names := m.named(); !slices.ContainsFunc(header, func(name string) bool { return slices.Contains(names, strings.TrimSpace(name)) }) {
		return nil, muster.Invalid(path+":1", strings.TrimSpace(string(first.text)),
			"the first line must name the columns, and this one names none of the mapping's. If a header is missing: put "+strings.Join(names, ",")+" in front, in the order of the file")
	}
	found := make(map[string]int, len(header))
	for i, name := range header {
		name = strings.TrimSpace(name)
		if _, twice := found[name]; twice {
			return nil, muster.Invalid(path+":1", name, "a column may be named only once")
		}
		found[strings.Clone(name)] = i
	}
	for c, name := range m.columnNames() {
		rs.at[c] = -1
		if name == "" {
			continue
		}
		i, ok := found[name]
		if !ok {
			return nil, muster.Invalid(path+":1", strings.Join(header, ","),
				fmt.Sprintf("there is no column %q, which the mapping's columns.%s names", name, column(c)))
		}
		rs.at[c] = i
	}
	return rs, nil
}

func (rs *rows) restart() {
	rs.csv = csv.NewReader(&rs.feed)
	rs.csv.FieldsPerRecord = -1
	rs.csv.ReuseRecord = true
}

// next gives the next record, io.EOF after the last. Blank lines are no records.
func (rs *rows) next() (row, error) {
	for {
		first, err := rs.lines.next()
		if err != nil {
			return row{}, err
		}
		if len(bytes.TrimRight(first.text, "\r\n")) > 0 {
			return rs.read(first)
		}
	}
}

// read takes as many lines as the record's quotes need. If they never close, or the text that they give is
// no record of this file, the first line alone is to blame, and the others are read anew.
func (rs *rows) read(first line) (row, error) {
	text, quotes, cut := first.text, bytes.Count(first.text, quote), first.cut
	rs.buffer = rs.buffer[:0]
	for quotes%2 == 1 && !cut {
		more, err := rs.lines.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return row{}, err
		}
		if err == nil {
			rs.buffer = append(rs.buffer, more)
		}
		if err != nil || more.cut || len(rs.buffer) >= maxRowLines || len(text)+len(more.text) > maxRowBytes {
			rs.lines.again(rs.buffer)
			return refused(first, "quote: it is opened here and never closed"), nil
		}
		if len(rs.buffer) == 1 {
			text = append([]byte(nil), text...)
		}
		text = append(text, more.text...)
		quotes += bytes.Count(more.text, quote)
	}
	if cut {
		return refused(first, fmt.Sprintf("length: the line is longer than %d bytes", maxRowBytes)), nil
	}
	fields, reason := []string(nil), unclean(text)
	if reason == "" {
		fields, reason = rs.parse(text)
	}
	if reason == "" && len(fields) != rs.width {
		reason = fmt.Sprintf("columns: it has %d and the header %d", len(fields), rs.width)
	}
	if reason != "" {
		rs.lines.again(rs.buffer)
		return refused(first, reason), nil
	}
	out := row{line: first.n, raw: text}
	for c, i := range rs.at {
		if i >= 0 {
			out.fields[c] = strings.TrimSpace(fields[i])
		}
	}
	return out, nil
}

var quote = []byte{'"'}

// parse reads one record, and says what is wrong where it is none.
func (rs *rows) parse(text []byte) ([]string, string) {
	rs.feed.rest = text
	fields, err := rs.csv.Read()
	if err == nil {
		return fields, ""
	}
	rs.restart()
	var p *csv.ParseError
	if errors.As(err, &p) {
		return nil, fmt.Sprintf("quote: broken at byte %d: %v", p.Column, p.Err)
	}
	return nil, fmt.Sprintf("quote: %v", err)
}

func unclean(text []byte) string {
	if i := bytes.IndexByte(text, 0); i >= 0 {
		return fmt.Sprintf("NUL: at byte %d", i+1)
	}
	if !utf8.Valid(text) {
		return "UTF-8: the row is not valid"
	}
	return ""
}

func refused(l line, reason string) row { return row{line: l.n, reason: reason, raw: l.text} }

func unreadable(path string, err error) error {
	return muster.Invalid("file", path, "it can't be read to its end; fetch it again").Because(err)
}
