package jobs

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/neo4j"
	"github.com/sysopssquad/muster/graph/sqlite"
	"github.com/sysopssquad/muster/servertest"
)

// TestOutcomesAreKnownAsLongAsPromised: of people's commands for 30 days, of jobs' for a day, to the hour at which they
// are looked at.
func TestOutcomesAreKnownAsLongAsPromised(t *testing.T) {
	for name, open := range map[string]func(muster.Clock) (graph.Store, error){
		"SQLite": func(c muster.Clock) (graph.Store, error) { return sqlite.Open(t.Context(), sqlite.Memory, c) },
		"Neo4j": func(c muster.Clock) (graph.Store, error) {
			url := servertest.Neo4j(t)
			servertest.WipeNeo4j(t)
			return neo4j.Open(t.Context(), url, c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			clock := muster.NewFakeClock(graphtest.Start)
			s, err := open(clock)
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close(context.Background())) })
			require.NoError(t, s.Migrate(t.Context()))
			actors := []muster.Actor{graphtest.Dispatcher, muster.System("timers"), muster.System("rounds"), muster.System(muster.Intake)}
			var changes []graph.Change
			for i, a := range actors {
				c := graphtest.Change("cmd-"+string(a.ID), graphtest.Customer(i))
				c.Command.Actor = a
				changes = append(changes, c)
			}
			_, err = s.Commit(t.Context(), changes...)
			require.NoError(t, err)
			r := New(Config{Store: s, Clock: clock, Log: slog.New(slog.DiscardHandler)})
			known := func(after time.Duration) (who []muster.UserID) {
				clock.Set(graphtest.Start.Add(after))
				require.NoError(t, r.prune(t.Context()))
				out, err := s.Commit(t.Context(), changes...)
				require.NoError(t, err)
				for i, o := range out {
					if o.Replayed {
						who = append(who, actors[i].ID)
					}
				}
				return who
			}
			const day = 24 * time.Hour
			require.Len(t, known(day), 4)
			require.Equal(t, []muster.UserID{"usr_dana", "usr_intake"}, known(day+time.Minute))
			require.Len(t, known(30*day), 2)
			require.Empty(t, known(30*day+time.Minute))
		})
	}
}
