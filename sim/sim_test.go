package sim_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func memory(ctx context.Context, clock muster.Clock) (graph.Store, error) {
	return sqlite.Open(ctx, sqlite.Memory, clock)
}

func run(t *testing.T, o sim.Options) sim.Report {
	t.Helper()
	r, err := sim.Run(t.Context(), memory, o)
	require.NoError(t, err)
	return r
}

func TestLongALifeWithoutFaultsLosesNothing(t *testing.T) {
	r := run(t, sim.Options{Seed: 1, Days: 1, Tickets: 60})
	require.Empty(t, r.Breaches)
	require.Zero(t, r.Faulted)
	require.Equal(t, 60, r.Tickets)
	require.Greater(t, r.ByState[string(muster.Resolved)], 50)
}

// The same seed must give the same history, or what went wrong once can't be looked at again.
func TestLongTheSameSeedGivesTheSameReport(t *testing.T) {
	o := sim.Options{Seed: 7, Days: 1, Tickets: 60, Faults: sim.Kinds()}
	require.Equal(t, run(t, o), run(t, o))
}

// forgetful acknowledges every hundredth commit of tickets without making it.
type forgetful struct {
	graph.Store
	n int
}

func (f *forgetful) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	if f.n++; f.n%100 == 0 && len(changes) == 1 && muster.KindOf(changes[0].Put[0].RecordID()) == muster.KindTicket {
		return []graph.Outcome{{Accepted: true, Result: changes[0].Result}}, nil
	}
	return f.Store.Commit(ctx, changes...)
}

func TestLongALostCommitIsFound(t *testing.T) {
	r := run(t, sim.Options{Seed: 3, Days: 1, Tickets: 60, Plant: func(s graph.Store) graph.Store { return &forgetful{Store: s} }})
	require.Positive(t, r.Lost)
	require.False(t, r.Clean())
}
