package importer

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// narrow is a mapping of three columns for files of tests.
func narrow(t testing.TB) *Mapping {
	t.Helper()
	m, err := parseMapping("narrow.yaml", []byte("source: test\ncolumns: {id: id, category: kind, date: day}\n"+
		"skills: [{skill: lighting, name: Lamps}]\ncategories:\n  Lamp: {mode: carry_in, needs: [{skill: lighting, level: 1}]}\n"))
	require.NoError(t, err)
	return m
}

func readAll(t testing.TB, text string) []row {
	t.Helper()
	rs, err := newRows(strings.NewReader(text), "test.csv", narrow(t))
	require.NoError(t, err)
	var out []row
	for {
		r, err := rs.next()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err)
		out = append(out, r)
	}
}

// told is what a row says: its line, and its values or the reason against it.
func told(r row) string {
	if r.reason != "" {
		return fmt.Sprintf("%d %s", r.line, r.reason)
	}
	return fmt.Sprintf("%d %s|%s|%s", r.line, r.fields[colID], r.fields[colCategory], r.fields[colDate])
}

func TestRows(t *testing.T) {
	const header = "id,kind,day\n"
	long := strings.Repeat("x", maxRowBytes)
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"plain":                        {header + "1,Lamp,2024-01-02\n2, Lamp ,2024-01-03", []string{"2 1|Lamp|2024-01-02", "3 2|Lamp|2024-01-03"}},
		"a mark before the header":     {"\xef\xbb\xbf" + header + "1,Lamp,d\n", []string{"2 1|Lamp|d"}},
		"line ends of another system":  {"id,kind,day\r\n1,Lamp,d\r\n\r\n2,Lamp,d\r\n", []string{"2 1|Lamp|d", "4 2|Lamp|d"}},
		"a break inside quotes":        {header + "1,\"a\nb\",d\n2,c,d\n", []string{"2 1|a\nb|d", "4 2|c|d"}},
		"quotes inside quotes":         {header + "1,\"a \"\"b\"\"\",d\n", []string{`2 1|a "b"|d`}},
		"columns in another order":     {"day,x,id,kind\nd,?,1,Lamp\n", []string{"2 1|Lamp|d"}},
		"a quote in the middle":        {header + "1,a\"b,d\n2,c,d\n", []string{"2 quote: it is opened here and never closed", "3 2|c|d"}},
		"a quote that opens and stays": {header + "1,\"a,d\n2,c,d\n3,e,f\n", []string{"2 quote: it is opened here and never closed", "3 2|c|d", "4 3|e|f"}},
		"text after a closing quote":   {header + "1,\"a\"b\",d\n2,\"c\",d\n", []string{"2 quote: it is opened here and never closed", "3 2|c|d"}},
		"two broken quotes":            {header + "1,a\"b,d\n2,c,d\n3,e\"f,d\n4,g,d\n", []string{`2 quote: broken at byte 4: bare " in non-quoted-field`, "3 2|c|d", "4 quote: it is opened here and never closed", "5 4|g|d"}},
		"a quote that swallows rows":   {header + "1,\"a,d\n2,c,d\n3,\"e\",d\n4,g\",d\n", []string{"2 quote: broken at byte 1: extraneous or missing \" in quoted-field", "3 2|c|d", "4 3|e|d", "5 quote: it is opened here and never closed"}},
		"a NUL":                        {header + "1,a\x00b,d\n2,c,d\n", []string{"2 NUL: at byte 4", "3 2|c|d"}},
		"not UTF-8":                    {header + "1,a\xffb,d\n2,c,d\n", []string{"2 UTF-8: the row is not valid", "3 2|c|d"}},
		"too few columns":              {header + "1,Lamp\n2,c,d\n", []string{"2 columns: it has 2 and the header 3", "3 2|c|d"}},
		"too many columns":             {header + "1,Lamp,d,e\n2,c,d\n", []string{"2 columns: it has 4 and the header 3", "3 2|c|d"}},
		"a line without end":           {header + "1," + long + ",d\n2,c,d\n", []string{fmt.Sprintf("2 length: the line is longer than %d bytes", maxRowBytes), "3 2|c|d"}},
		"only a header":                {header, nil},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, r := range readAll(t, c.text) {
				got = append(got, told(r))
			}
			if name == "a quote that swallows rows" { // which byte the parser names is its own affair
				for i := range got {
					got[i] = dropByte(got[i])
				}
				for i := range c.want {
					c.want[i] = dropByte(c.want[i])
				}
			}
			require.Equal(t, c.want, got)
		})
	}
}

func dropByte(s string) string {
	if before, _, ok := strings.Cut(s, " at byte"); ok {
		return before
	}
	return s
}

// A quote that never closes must not make the reader hold the rest of the file.
func TestAQuoteNeverSwallowsTheFile(t *testing.T) {
	var b strings.Builder
	b.WriteString("id,kind,day\n1,\"a,d\n")
	for i := range 5 * maxRowLines {
		fmt.Fprintf(&b, "%d,c,d\n", i+2)
	}
	got := readAll(t, b.String())
	require.Len(t, got, 5*maxRowLines+1)
	require.Equal(t, "2 quote: it is opened here and never closed", told(got[0]))
	for _, r := range got[1:] {
		require.Empty(t, r.reason)
	}
}

func TestHeaderMustNameTheColumns(t *testing.T) {
	for text, complaint := range map[string]string{
		"":                         "it is empty",
		"id,kind\n1,2\n":           `no column "day"`,
		"id,kind,day,id\n1,2,3,4":  "named only once",
		"7,Lamp,Lamp\n8,Oven,d\n":  "a header is missing: put id,kind,day in front",
		"id,\"kind,day\n1,2,3\n":   "quote",
		"id,ki\xffnd,day\n1,2,3\n": "UTF-8",
		"id,kind,day\x00\n1,2,3\n": "NUL",
	} {
		_, err := newRows(strings.NewReader(text), "test.csv", narrow(t))
		require.ErrorContains(t, err, complaint, "%q", text)
	}
}

// FuzzRows feeds anything at all: no line may be lost, told of twice or out of order.
func FuzzRows(f *testing.F) {
	f.Add("1,Lamp,d\n2,\"a\nb\",d\n")
	f.Add("1,\"a,d\n2,c\"d,d\n\"\n3,\x00,d")
	f.Add("\"\"\"\n\"\n,,\n,,,\r\n\xff,1,\"2\"\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		got := readAll(t, "id,kind,day\n"+text)
		last := 1
		seen := make(map[int]bool)
		for _, r := range got {
			require.Greater(t, r.line, last)
			last = r.line
			for n := range strings.Count(strings.TrimSuffix(string(r.raw), "\n"), "\n") + 1 {
				seen[r.line+n] = true
			}
		}
		for i, l := range strings.SplitAfter(text, "\n") {
			if strings.Trim(l, "\r\n") != "" {
				require.True(t, seen[i+2], "line %d is told of by no row", i+2)
			}
		}
	})
}
