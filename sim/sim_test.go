package sim_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/servertest"
	"github.com/sysopssquad/muster/sim"
)

func TestMain(m *testing.M) { servertest.Main(m) }

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
	for seed := range int64(3) {
		r := run(t, sim.Options{Seed: seed + 1, Days: 1, Tickets: 60})
		require.Empty(t, r.Breaches)
		require.Zero(t, r.Faulted)
		require.Equal(t, 60, r.Tickets)
		require.Greater(t, r.ByState[string(muster.Resolved)], 50, "seed %d", seed+1)
	}
}

// The same seed must give the same history, or what went wrong once can't be looked at again.
func TestLongTheSameSeedGivesTheSameReport(t *testing.T) {
	o := sim.Options{Seed: 7, Days: 1, Tickets: 60, Faults: sim.Kinds()}
	require.Equal(t, run(t, o), run(t, o))
}

// forgetful acknowledges the end of the work on every tenth call, and keeps nothing of it.
type forgetful struct{ graph.Store }

func (f forgetful) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	if t, ok := changes[0].Put[0].(*muster.Ticket); ok && len(changes) == 1 && strings.Contains(t.Title, "5 ") && t.State == muster.Completed {
		return []graph.Outcome{{Accepted: true, Result: changes[0].Result}}, nil
	}
	return f.Store.Commit(ctx, changes...)
}

// blind lets everybody take what only some can, as a store would that mixed up its experts.
type blind struct{ graph.Store }

func (b blind) Round(ctx context.Context, ref graph.RoundRef) (graph.Round, error) {
	r, err := b.Store.Round(ctx, ref)
	for i := range r.Experts {
		r.Experts[i].Skills = r.Experts[0].Skills
	}
	return r, err
}

// timeless is a store that takes nothing of what timers of tickets mean, all of them or one.
type timeless struct {
	graph.Store
	timer muster.TimerName
	code  muster.Code
}

func (f timeless) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	id := string(changes[0].Command.ID)
	if strings.HasPrefix(id, "due/") && strings.HasSuffix(id, "/"+string(f.timer)) {
		return nil, muster.E(f.code, "planted", "never")
	}
	return f.Store.Commit(ctx, changes...)
}

func TestLongWhatIsPlantedIsFound(t *testing.T) {
	small := sim.Options{Seed: 3, Days: 1, After: 1, Tickets: 24}
	t.Run("a lost commit, in a history that shrinks to one call", func(t *testing.T) {
		o := small
		o.Plant = func(s graph.Store) graph.Store { return forgetful{s} }
		least, r, err := sim.Shrink(t.Context(), memory, o, 20, nil)
		require.NoError(t, err)
		require.Positive(t, r.Lost)
		require.Len(t, least.Calls, 1)
	})
	t.Run("experts who can't", func(t *testing.T) {
		o := small
		o.Plant = func(s graph.Store) graph.Store { return blind{s} }
		require.Positive(t, run(t, o).WrongExpert)
	})
	for timer, code := range map[muster.TimerName]muster.Code{
		muster.TimerResolve: muster.CodeInternal, muster.TimerQueue: muster.CodeUnavailable, muster.TimerSLA: muster.CodeConflict,
		muster.TimerDepart: muster.CodeConflict, muster.TimerException: muster.CodeInternal, muster.TimerVisit: muster.CodeConflict,
	} {
		t.Run("a timer without effect, "+string(timer), func(t *testing.T) {
			o := sim.Options{Seed: 3, Days: 1, After: 1, Tickets: 40}
			o.Plant = func(s graph.Store) graph.Store { return timeless{s, timer, code} }
			require.NotEmpty(t, run(t, o).Breaches)
		})
	}
}
