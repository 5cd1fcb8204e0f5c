package api

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// watchedListener gives connections that note what time they had left for reading when an answer was written.
type watchedListener struct {
	net.Listener
	mu   sync.Mutex
	left []time.Time
}

type watchedConn struct {
	net.Conn
	of   *watchedListener
	mu   sync.Mutex
	read time.Time
}

func (l *watchedListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &watchedConn{Conn: c, of: l}, err
}

func (c *watchedConn) SetReadDeadline(at time.Time) error {
	c.mu.Lock()
	c.read = at
	c.mu.Unlock()
	return c.Conn.SetReadDeadline(at)
}

func (c *watchedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	at := c.read
	c.mu.Unlock()
	c.of.mu.Lock()
	c.of.left = append(c.of.left, at)
	c.of.mu.Unlock()
	return c.Conn.Write(b)
}

// A body that stops coming is answered, and its connection ended: nothing waits for the rest.
func TestABodyThatStopsComingEndsItsConnection(t *testing.T) {
	r := newRig(t)
	server := httptest.NewUnstartedServer(r.handle)
	server.Config.ReadTimeout = 50 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err = conn.Write([]byte("POST /v1/tickets HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"title\""))
	require.NoError(t, err)
	said, err := io.ReadAll(conn) // until the server ends it
	require.NoError(t, err)
	require.Contains(t, string(said), "408")
}

// Once a request has been read no deadline for reading is left: net/http takes one that passes while the request is carried
// out for a caller who has gone, ends that request and, at once, all that come on the same connection after it. A customer
// behind such a connection could submit nothing, not even into the journal.
func TestNoDeadlineForReadingOutlivesTheReading(t *testing.T) {
	r := newRig(t)
	inner, err := Listen("127.0.0.1:0")
	require.NoError(t, err)
	l := &watchedListener{Listener: inner}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- Serve(ctx, l, r.handle, slog.New(slog.DiscardHandler)) }()
	client := &http.Client{Transport: &http.Transport{}}
	for _, c := range []struct{ method, path, body string }{
		{http.MethodPost, "/v1/tickets", `{"customer":"cus_ruth","site":"sit_ruth","title":"Warm"}`},
		{http.MethodGet, "/v1/tickets", ""},
		{http.MethodPost, "/v1/tickets", `{`},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+inner.Addr().String()+c.path, bytes.NewReader([]byte(c.body)))
		require.NoError(t, err)
		req.Header.Set(ActorHeader, string(dana))
		req.Header.Set("Content-Type", "application/json")
		res, err := client.Do(req)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
	}
	client.CloseIdleConnections()
	stop()
	require.NoError(t, <-served)
	require.Len(t, l.left, 3)
	for _, at := range l.left {
		require.Zero(t, at)
	}
}
