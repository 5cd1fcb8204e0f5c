package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"time"
)

// wire sends requests that are written out already, each on a connection that nobody else uses just then. It takes a
// quarter of what a http.Client does: whoever sends ten times what a server can carry from the same machine takes from it
// what it could work with.
type wire struct {
	host string
	mu   sync.Mutex
	idle []*line // the one that was used last is used next
}

type line struct {
	net.Conn
	in *bufio.Reader
}

// answerIn is how long an answer may take.
const answerIn = 10 * time.Second

// answer is what is looked at of one.
type answer struct {
	status int
	later  bool   // it has Retry-After
	text   string // of an error without that
}

// do sends a request. A connection that the server has closed meanwhile is not the request's fault: it goes over a new one.
func (w *wire) do(request []byte) (answer, error) {
	for {
		l, used, err := w.take()
		if err != nil {
			return answer{}, err
		}
		a, err := l.do(request)
		if err == nil {
			w.mu.Lock()
			w.idle = append(w.idle, l)
			w.mu.Unlock()
			return a, nil
		}
		_ = l.Close()
		if !used || !errors.Is(err, io.EOF) {
			return answer{}, err
		}
	}
}

func (w *wire) take() (l *line, used bool, err error) {
	w.mu.Lock()
	if n := len(w.idle); n > 0 {
		l, w.idle = w.idle[n-1], w.idle[:n-1]
		w.mu.Unlock()
		return l, true, nil
	}
	w.mu.Unlock()
	c, err := net.DialTimeout("tcp", w.host, answerIn)
	if err != nil {
		return nil, false, err
	}
	return &line{c, bufio.NewReaderSize(c, 2048)}, false, nil
}

func (l *line) do(request []byte) (a answer, err error) {
	if err := l.SetDeadline(time.Now().Add(answerIn)); err != nil {
		return a, err
	}
	if _, err := l.Write(request); err != nil {
		return a, fmt.Errorf("%w: %w", io.EOF, err)
	}
	if _, err := l.in.Peek(1); err != nil {
		return a, err
	}
	res, err := http.ReadResponse(l.in, nil)
	if err != nil {
		return a, err
	}
	a.status, a.later = res.StatusCode, res.Header.Get("Retry-After") != ""
	if a.status >= http.StatusBadRequest && !a.later {
		text, _ := io.ReadAll(res.Body)
		a.text = string(text)
	}
	_, err = io.Copy(io.Discard, res.Body)
	if err == nil {
		err = res.Body.Close()
	}
	return a, err
}

// close ends the connections.
func (w *wire) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, l := range w.idle {
		_ = l.Close()
	}
	w.idle = nil
}

// written is a request as it goes over the wire.
func (w *wire) written(method, path, headers string, body []byte) []byte {
	head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n", method, path, w.host, headers, len(body))
	return append([]byte(head), body...)
}
