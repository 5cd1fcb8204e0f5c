package sim_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/servertest"
	"github.com/sysopssquad/muster/sim"
)

// slice is how many tickets are simulated here; MUSTER_SIM_TICKETS sets another number.
const slice = 3_000

// sliceNeo4j is the same on Neo4j, with calls on one day only; MUSTER_SIM_NEO4J sets another number.
const sliceNeo4j = 50

func number(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// The two stores must not only both lose nothing: with one seed they show the same history.
func TestVolumeTheSameHistoryOnNeo4j(t *testing.T) {
	o := sim.Options{Seed: 200, Days: 1, After: 1, Tickets: number("MUSTER_SIM_NEO4J", sliceNeo4j), Faults: sim.Kinds()}
	onNeo4j, err := sim.Run(t.Context(), func(ctx context.Context, clock muster.Clock) (graph.Store, error) {
		return neo4j.Open(ctx, servertest.Neo4j(t), clock)
	}, o)
	require.NoError(t, err)
	require.Empty(t, onNeo4j.Breaches)
	require.Equal(t, run(t, o), onNeo4j)
}

// TestVolumeNothingIsLostUnderFaults is a slice of what muster simulate does with a million tickets.
func TestVolumeNothingIsLostUnderFaults(t *testing.T) {
	tickets := number("MUSTER_SIM_TICKETS", slice)
	c := sim.Campaign{
		Options: sim.Options{Seed: 100, Days: 2, Tickets: tickets, Faults: sim.Kinds()}, Open: memory,
		Chunk: tickets/2 + 1, Parallel: 2, Keep: filepath.Join(t.TempDir(), "reports"),
	}
	r, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Empty(t, r.Breaches)
	require.True(t, r.Clean())
	require.Equal(t, tickets, r.Tickets)
	require.Greater(t, r.ByState["resolved"], tickets*9/10)
	require.Greater(t, float64(r.Faulted), 0.05*float64(r.Calls), "of %d calls %d were struck", r.Calls, r.Faulted)
	for _, k := range sim.Kinds() {
		require.Positive(t, r.Faults[k], "fault %s never struck", k)
	}
	c.Open = nil // all is in the folder by now
	again, err := c.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, r, again)
}
