package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestAWrongClockIsForTestsAlone(t *testing.T) {
	t.Setenv("MUSTER_CLOCK_OFFSET", "24h")
	code, _, trouble := call(t, "up", "--addr", "127.0.0.1:0", "--data", t.TempDir())
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, "MUSTER_TESTING=1")
	t.Setenv("MUSTER_TESTING", "1")
	t.Setenv("MUSTER_CLOCK_OFFSET", "tomorrow")
	code, _, trouble = call(t, "up", "--addr", "127.0.0.1:0", "--data", t.TempDir())
	require.Equal(t, exitUsage, code)
	require.Contains(t, trouble, `"tomorrow"`)
}

func TestAProcessWithAWrongClockIsNotReadyAndSaysWhich(t *testing.T) {
	for offset, says := range map[string]string{"24h": "ahead of the store's by", "-24h": "behind the store's by"} {
		t.Run(offset, func(t *testing.T) {
			t.Setenv("MUSTER_TESTING", "1")
			t.Setenv("MUSTER_CLOCK_OFFSET", offset)
			l, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			addr := l.Addr().String()
			require.NoError(t, l.Close())
			ctx, stop := context.WithCancel(t.Context())
			ended, ready := make(chan int, 1), newLine("ready after")
			go func() {
				ended <- run(ctx, []string{"up", "--addr", addr, "--data", t.TempDir(), "--empty", "--still"}, streams{strings.NewReader(""), io.Discard, ready})
			}()
			<-ready.seen
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+"/readyz", nil)
			require.NoError(t, err)
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			body, err := io.ReadAll(res.Body)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			require.Equal(t, http.StatusServiceUnavailable, res.StatusCode)
			require.Contains(t, string(body), "this machine's clock is "+says+" 24h0m0s")
			stop()
			require.Equal(t, exitFine, <-ended)
		})
	}
}

// TestWhatPeopleAreToldGoesByTheStoresTime: by a clock that is a day ahead every message would be too late to be of use.
func TestWhatPeopleAreToldGoesByTheStoresTime(t *testing.T) {
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "muster.db"), muster.SystemClock{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close(context.Background())) })
	require.NoError(t, store.Migrate(t.Context()))
	n, err := newNode(t.Context(), store, "", shifted{by: 24 * time.Hour, start: time.Now()}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, n.close()) })
	told := n.tell()
	for wait := 0; ; wait++ { // nobody sends: when its memory is full it says when it has to be asked again, by its clock
		again, err := told.Take(t.Context(), graph.Wake{ID: "msg_" + strconv.Itoa(wait)})
		require.NoError(t, err)
		if !again.IsZero() {
			require.WithinDuration(t, time.Now(), again, time.Minute)
			return
		}
	}
}

// A command that decides by what time it is does nothing on a machine whose clock isn't the store's.
func TestCommandsOnAMachineWithAWrongClockDecideNothing(t *testing.T) {
	t.Setenv("MUSTER_GRAPH", "sqlite:"+filepath.Join(t.TempDir(), "m.db"))
	answers(t, exitFine, "demo", "--experts", "20", "--tickets", "30", "--seed", "3")
	t.Setenv("MUSTER_TESTING", "1")
	t.Setenv("MUSTER_CLOCK_OFFSET", "-24h")
	for _, args := range [][]string{
		{"assign"}, {"sick", "exp_1"}, {"why", "T-1"}, {"fsck"}, {"journal", "replay", t.TempDir()},
	} {
		code, _, trouble := call(t, args...)
		require.NotContains(t, []int{exitFine, exitFindings, exitUsage}, code, "%v", args)
		require.Contains(t, trouble, "this machine's clock is behind the store's by 24h0m0s", "%v", args)
	}
}
