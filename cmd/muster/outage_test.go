package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/servertest"
)

// both sees two lines in one output.
type both struct{ first, second *line }

func (b *both) Write(p []byte) (int, error) {
	if n, err := b.first.Write(p); err != nil {
		return n, err
	}
	return b.second.Write(p)
}

// serving is a server that runs until stop.
type serving struct {
	t    *testing.T
	base string
	ctx  context.Context
	stop func()
}

func serve(t *testing.T, graph, folder string) *serving {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	ctx, cancel := context.WithCancel(t.Context())
	ended, ready := make(chan int, 1), newLine("Muster serves")
	go func() {
		ended <- run(ctx, []string{"serve", "--addr", addr, "--graph", graph, "--journal", folder}, streams{strings.NewReader(""), io.Discard, ready})
	}()
	select {
	case <-ready.seen:
	case code := <-ended:
		cancel()
		require.FailNow(t, "serve has ended", "code %d: %s", code, ready.all.String())
	}
	return &serving{t, "http://" + addr, t.Context(), func() {
		cancel()
		require.Equal(t, exitFine, <-ended)
	}}
}

func (s *serving) as(who, method, path string, body any) (int, map[string]any) {
	s.t.Helper()
	b, err := json.Marshal(body)
	require.NoError(s.t, err)
	req, err := http.NewRequestWithContext(s.ctx, method, s.base+path, bytes.NewReader(b))
	require.NoError(s.t, err)
	req.Header.Set("Muster-Actor", who)
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", "k-"+who)
	}
	res, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	defer res.Body.Close()
	var answer map[string]any
	require.NoError(s.t, json.NewDecoder(res.Body).Decode(&answer))
	return res.StatusCode, answer
}

// TestVolumeAServerThatStartsWithoutTheGraphAcceptsSubmissions: from those who could act when the graph was last there.
// What they were promised is filed once when it is back.
func TestVolumeAServerThatStartsWithoutTheGraphAcceptsSubmissions(t *testing.T) {
	neo, err := servertest.StartBriefNeo4j("")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, neo.Stop()) })
	graph, folder := "bolt"+strings.TrimPrefix(neo.URL, "neo4j"), filepath.Join(t.TempDir(), "journal")
	answers(t, exitFine, "schema", "--graph", graph)
	answers(t, exitFine, "demo", "--experts", "20", "--tickets", "10", "--graph", graph)

	s := serve(t, graph, folder)
	code, list := s.as("usr_dana", http.MethodGet, "/v1/tickets?limit=1", nil)
	require.Equal(t, http.StatusOK, code)
	some := list["items"].([]any)[0].(map[string]any)
	wish := map[string]any{"customer": some["customer"], "site": some["site"], "title": "Nothing cools"}
	require.Eventually(t, func() bool { // numbers in stock
		_, ready := s.as("usr_dana", http.MethodGet, "/readyz", nil)
		text, err := json.Marshal(ready)
		return err == nil && strings.Contains(string(text), fmt.Sprintf("numbers for %d", numbersAhead))
	}, 20*time.Second, 50*time.Millisecond)
	s.stop()
	kept, err := os.ReadFile(filepath.Join(folder, "people.json"))
	require.NoError(t, err)
	require.NotContains(t, string(kept), "Dana", "nobody's name")
	require.NoError(t, neo.Kill())

	fresh := serve(t, graph, filepath.Join(t.TempDir(), "empty"))
	code, _ = fresh.as("usr_dana", http.MethodPost, "/v1/tickets", wish)
	require.Equal(t, http.StatusServiceUnavailable, code, "it knows nobody")
	defer fresh.stop()

	works, ended := newLine("Muster works"), make(chan int, 1)
	waits := &both{works, newLine("waiting for it")}
	working, stopWork := context.WithCancel(t.Context())
	go func() {
		ended <- run(working, []string{"work", "--graph", graph}, streams{strings.NewReader(""), io.Discard, waits})
	}()
	defer func() {
		stopWork()
		require.Equal(t, exitFine, <-ended)
	}()
	<-waits.second.seen

	s = serve(t, graph, folder)
	defer func() { s.stop() }()
	began := time.Now()
	code, accepted := s.as("usr_dana", http.MethodPost, "/v1/tickets", wish)
	took := time.Since(began)
	require.Equal(t, http.StatusAccepted, code, "%v", accepted)
	require.Less(t, took, 2*time.Second)
	t.Logf("accepted as %v after %s", accepted["ref"], took.Round(time.Millisecond))
	code, _ = s.as("usr_nobody", http.MethodPost, "/v1/tickets", wish)
	require.Equal(t, http.StatusServiceUnavailable, code, "who that is only the graph knows")
	s.stop() // and once more, with something in the journal
	s = serve(t, graph, folder)
	_, again := s.as("usr_dana", http.MethodPost, "/v1/tickets", wish)
	require.Equal(t, accepted, again)

	require.NoError(t, neo.Start())
	select {
	case <-works.seen:
	case <-time.After(time.Minute):
		require.Fail(t, "work has not begun", works.all.String())
	}
	require.Eventually(t, func() bool {
		code, _ := fresh.as("usr_dana", http.MethodGet, "/readyz", nil)
		return code == http.StatusOK
	}, time.Minute, 100*time.Millisecond, "it serves as soon as the graph is there")
	ref, _ := accepted["ref"].(string)
	require.Eventually(t, func() bool {
		code, ticket := s.as("usr_dana", http.MethodGet, "/v1/tickets/"+ref, nil)
		return code == http.StatusOK && ticket["ticket"].(map[string]any)["state"] != "accepted"
	}, time.Minute, 100*time.Millisecond)
	_, again = s.as("usr_dana", http.MethodPost, "/v1/tickets", wish)
	require.Equal(t, accepted, again)
	_, counted := s.as("usr_dana", http.MethodGet, "/v1/tickets?limit=100", nil)
	same := 0
	for _, i := range counted["items"].([]any) {
		if i.(map[string]any)["title"] == wish["title"] {
			same++
		}
	}
	require.Equal(t, 1, same, "filed once")
	_, history := s.as("usr_dana", http.MethodGet, "/v1/tickets/"+ref+"/history", nil)
	require.Contains(t, mustText(t, history), "Dana", "who submitted it, by name")
}

func mustText(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

// TestAServerListensBeforeItsGraphAnswers: one that knows nobody yet says that it isn't ready, and refuses at once what it
// can't do. Its graph takes connections and says nothing.
func TestAServerListensBeforeItsGraphAnswers(t *testing.T) {
	t.Parallel() // it waits
	hole, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, hole.Close()) }()
	began := time.Now()
	s := serve(t, "bolt://neo4j:secret@"+hole.Addr().String(), filepath.Join(t.TempDir(), "journal"))
	require.Less(t, time.Since(began), 4*lookFor)
	code, _ := s.as("", http.MethodGet, "/healthz", nil)
	require.Equal(t, http.StatusOK, code)
	code, ready := s.as("", http.MethodGet, "/readyz", nil)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, false, ready["ready"])
	s.stop()
}
