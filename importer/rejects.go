package importer

import (
	"bufio"
	"encoding/csv"
	"os"
	"strconv"
	"strings"

	"github.com/sysopssquad/muster"
)

// maxRejectText is how much of a row is repeated in the rejects file.
const maxRejectText = 4 << 10

// rejectsFile is a CSV of line, id, reason and the row as it stands in the source. Without a path it keeps nothing.
type rejectsFile struct {
	f *os.File
	b *bufio.Writer
	w *csv.Writer
}

// openRejects begins the file anew: a repeated run meets the same rows again.
func openRejects(path, source string) (*rejectsFile, error) {
	if path == "" {
		return &rejectsFile{}, nil
	}
	if same(path, source) {
		return nil, muster.Invalid("rejects", path, "this is the file to be imported; name another")
	}
	f, err := os.Create(path)
	if err != nil {
		return nil, muster.Invalid("rejects", path, "name a file that can be written").Because(err)
	}
	r := &rejectsFile{f: f, b: bufio.NewWriter(f)}
	r.w = csv.NewWriter(r.b)
	return r, r.w.Write([]string{"line", "id", "reason", "row"})
}

func same(a, b string) bool {
	x, err1 := os.Stat(a)
	y, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(x, y)
}

func (r *rejectsFile) add(line int, id, reason string, raw []byte) error {
	if r.w == nil {
		return nil
	}
	text := strings.ToValidUTF8(string(raw[:min(len(raw), maxRejectText)]), "\uFFFD")
	text = strings.ReplaceAll(strings.TrimRight(text, "\r\n"), "\x00", "\u2400")
	return r.w.Write([]string{strconv.Itoa(line), id, reason, text})
}

// flush brings the rejects of a committed batch to the file.
func (r *rejectsFile) flush() error {
	if r.w == nil {
		return nil
	}
	r.w.Flush()
	if err := r.w.Error(); err != nil {
		return err
	}
	return r.b.Flush()
}

// Close writes what is left.
func (r *rejectsFile) Close() error {
	if r.w == nil {
		return nil
	}
	err := r.flush()
	if closed := r.f.Close(); err == nil {
		err = closed
	}
	return err
}
