package importer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"sync/atomic"

	"github.com/sysopssquad/muster"
)

// A row may span maxRowLines lines of the file and hold maxRowBytes; what is longer is a quote that was
// never closed, and would otherwise swallow the rest of the file.
const (
	maxRowLines = 200
	maxRowBytes = 256 << 10
)

// source is an open file, decompressed, that counts what it took from the disk.
type source struct {
	io.Reader
	file *os.File
	read atomic.Int64
	size int64
}

// openSource opens a plain or gzipped file; which of them it is, its first two bytes say, not its name.
func openSource(path string) (*source, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, muster.Invalid("file", path, "name a CSV file that can be read").Because(err)
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = errors.New("it is a folder")
	}
	if err != nil {
		f.Close()
		return nil, muster.Invalid("file", path, "name a CSV file that can be read").Because(err)
	}
	s := &source{file: f, size: info.Size()}
	b := bufio.NewReaderSize(&counted{f, &s.read}, 64<<10)
	s.Reader = b
	if magic, _ := b.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			f.Close()
			return nil, muster.Invalid("file", path, "it starts like a gzip file and is none; fetch it again").Because(err)
		}
		s.Reader = z
	}
	return s, nil
}

// Close closes the file.
func (s *source) Close() error { return s.file.Close() }

type counted struct {
	r io.Reader
	n *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

// lines reads a text line by line, keeps those that are looked at again, and never holds more than
// maxRowBytes of one line.
type lines struct {
	in   *bufio.Reader
	back []line // to be read again, in order
	n    int    // of the last line that was read fresh
}

type line struct {
	n    int
	text []byte // with its line end
	cut  bool   // longer than maxRowBytes: the rest was skipped
}

func newLines(r io.Reader) *lines { return &lines{in: bufio.NewReaderSize(r, 64<<10)} }

// next gives the next line, io.EOF after the last.
func (l *lines) next() (line, error) {
	if len(l.back) > 0 {
		out := l.back[0]
		l.back = l.back[1:]
		return out, nil
	}
	var text []byte
	cut := false
	for {
		part, err := l.in.ReadSlice('\n')
		if len(text)+len(part) <= maxRowBytes {
			text = append(text, part...)
		} else {
			cut = true
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (len(text) == 0 && !cut || !errors.Is(err, io.EOF)):
			return line{}, err
		}
		l.n++
		return line{n: l.n, text: text, cut: cut}, nil
	}
}

// again puts lines back in front of those not yet read.
func (l *lines) again(ls []line) {
	l.back = append(append([]line(nil), ls...), l.back...)
}
