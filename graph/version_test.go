package graph_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/graph"
)

func TestVersionedLooksAgain(t *testing.T) {
	var v graph.Versioned
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	require.False(t, v.Fresh(now))
	v.See(now)
	require.True(t, v.Fresh(now))
	require.True(t, v.Fresh(now.Add(4*time.Second)))
	require.False(t, v.Fresh(now.Add(5*time.Second)))
	require.False(t, v.Fresh(now.Add(-time.Minute)), "the clock went back")
	v.Forget()
	require.False(t, v.Fresh(now))
}
