package main

import (
	"context"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestVolumeOverload sends ten times what it can carry to a process with everything in it, for 20 seconds.
func TestVolumeOverload(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	ctx, stop := context.WithCancel(t.Context())
	ended, ready := make(chan int, 1), newLine("ready after")
	go func() {
		ended <- run(ctx, []string{"up", "--addr", addr, "--data", t.TempDir(), "--still"}, streams{strings.NewReader(""), io.Discard, ready})
	}()
	<-ready.seen
	r := answers(t, exitFine, "bench", "overload", "http://"+addr, "--seconds", "20", "--step", "1s")
	require.GreaterOrEqual(t, r["share"], 0.9)
	require.Zero(t, r["failed"])
	require.Positive(t, r["refused"], "it was too much")
	require.GreaterOrEqual(t, r["intake_share"], r["reads_share"], "submissions go first")
	stop()
	require.Equal(t, exitFine, <-ended)
}
