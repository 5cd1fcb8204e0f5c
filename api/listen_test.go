package api

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestListenRefuses(t *testing.T) {
	for addr, says := range map[string]string{
		"0.0.0.0:0": "loopback only", ":8080": "loopback only", "192.168.1.7:8080": "loopback only", "[::]:80": "loopback only",
		"example.com:80": "loopback only", "127.0.0.1": "give host:port", "127.0.0.1:http": "a port is a number", "127.0.0.1:70000": "a port is a number",
	} {
		_, err := Listen(addr)
		var e *muster.Error
		require.True(t, errors.As(err, &e), "%s: %v", addr, err)
		require.Equal(t, muster.CodeInvalid, e.Code)
		require.Equal(t, addr, e.Value)
		require.Contains(t, e.Hint, says, addr)
	}
	for _, addr := range []string{"127.0.0.1:0", "localhost:0"} {
		l, err := Listen(addr)
		require.NoError(t, err)
		require.NoError(t, l.Close())
	}
}

func TestListenNamesWhoHoldsThePort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	_, err = Listen(l.Addr().String())
	require.Equal(t, muster.CodeTaken, muster.CodeOf(err))
	require.Contains(t, err.Error(), l.Addr().String()+" is in use")
	require.Contains(t, err.Error(), "--addr")
	if _, e := os.Stat("/proc/net/tcp"); e == nil {
		require.Contains(t, err.Error(), fmt.Sprintf("by process %d (", os.Getpid()))
		require.Contains(t, err.Error(), "api.test")
	}
}

// TestServeLetsRequestsFinish: what is under way when the process is told to stop gets its answer.
func TestServeLetsRequestsFinish(t *testing.T) {
	l, err := Listen("127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	entered, release := make(chan struct{}), make(chan struct{})
	served := make(chan error, 1)
	go func() {
		served <- Serve(ctx, l, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-release
			_, _ = io.WriteString(w, "done")
		}), slog.New(slog.DiscardHandler))
	}()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	answer := make(chan string, 1)
	go func() {
		res, err := client.Get("http://" + l.Addr().String())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer res.Body.Close()
		b, _ := io.ReadAll(res.Body)
		answer <- string(b)
	}()
	<-entered
	stop()
	close(release)
	require.Equal(t, "done", <-answer)
	require.NoError(t, <-served)
}

// TestLimitsOfAConnection: a header or body without end is cut off while it comes in.
func TestLimitsOfAConnection(t *testing.T) {
	b := newBroadcast(t)
	res, err := b.client.Do(endless(t, b.addr))
	if err == nil { // the refusal may overtake the end of what is sent, or the connection be cut first
		defer res.Body.Close()
		require.Equal(t, http.StatusRequestEntityTooLarge, res.StatusCode)
	}
	req, err := http.NewRequest(http.MethodGet, "http://"+b.addr+"/healthz", nil)
	require.NoError(t, err)
	req.Header.Set("X-Filler", strings.Repeat("x", 2*maxHeader))
	res, err = b.client.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	require.Equal(t, http.StatusRequestHeaderFieldsTooLarge, res.StatusCode)
}

// endless is a request whose body says nothing of its length and has no end.
func endless(t *testing.T, addr string) *http.Request {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+"/v1/tickets", io.MultiReader(strings.NewReader(`{"title":"`), spaces{}))
	require.NoError(t, err)
	req.Header.Set(ActorHeader, string(dana))
	req.Header.Set("Content-Type", "application/json")
	return req
}

type spaces struct{}

func (spaces) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = ' '
	}
	return len(b), nil
}
