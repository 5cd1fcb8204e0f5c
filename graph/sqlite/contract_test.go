package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestContractInAFile(t *testing.T)       { graphtest.Run(t, options(openFile)) }
func TestContractInMemory(t *testing.T)      { graphtest.Run(t, options(openMemory)) }
func TestLongHistoriesInAFile(t *testing.T)  { graphtest.Histories(t, options(openFile)) }
func TestLongHistoriesInMemory(t *testing.T) { graphtest.Histories(t, options(openMemory)) }

func options(open func(testing.TB) graph.Store) graphtest.Options {
	return graphtest.Options{
		Open:       open,
		Reopen:     reopen,
		Faulty:     faulty,
		Hide:       hide,
		SetVersion: setVersion,
		Older:      older,
		Histories:  40, // GRAPHTEST_HISTORIES for more
	}
}

func openFile(t testing.TB) graph.Store { return openAt(t, filepath.Join(t.TempDir(), "muster.db")) }

func openMemory(t testing.TB) graph.Store { return openAt(t, sqlite.Memory) }

// openAt opens a store that is migrated, and closes it at the end of the test.
func openAt(t testing.TB, path string) *sqlite.Store {
	s, err := sqlite.Open(context.Background(), path, muster.NewFakeClock(graphtest.Start))
	require.NoError(t, err)
	require.NoError(t, s.Migrate(context.Background()))
	t.Cleanup(func() { s.Close(context.Background()) })
	return s
}

// reopen closes a store and opens its file again. What is in memory alone would be lost: it stays open.
func reopen(t testing.TB, s graph.Store) graph.Store {
	path := sqlite.Path(s.(*sqlite.Store))
	if path == sqlite.Memory {
		return s
	}
	require.NoError(t, s.Close(context.Background()))
	return openAt(t, path)
}

func faulty(t testing.TB) (graph.Store, graphtest.Faults) {
	s := openAt(t, filepath.Join(t.TempDir(), "muster.db"))
	return s, sqlite.Lossy(s)
}

func hide(t testing.TB, s graph.Store, aggregate string, rev int64) func() {
	sqlite.Do(t, s.(*sqlite.Store), "CREATE TEMP TABLE hidden AS SELECT * FROM event WHERE aggregate = ? AND rev = ?", aggregate, rev)
	sqlite.Do(t, s.(*sqlite.Store), "DELETE FROM event WHERE aggregate = ? AND rev = ?", aggregate, rev)
	return func() { sqlite.Do(t, s.(*sqlite.Store), "INSERT INTO event SELECT * FROM hidden") }
}

func setVersion(t testing.TB, s graph.Store, version int) {
	sqlite.Do(t, s.(*sqlite.Store), "UPDATE meta SET value = ? WHERE name = 'schema'", version)
}

func older(t testing.TB, s graph.Store) {
	sqlite.Do(t, s.(*sqlite.Store), `ALTER TABLE ticket DROP COLUMN "no_expert"`)
	sqlite.Do(t, s.(*sqlite.Store), "ALTER TABLE ticket DROP COLUMN failure")
	sqlite.Do(t, s.(*sqlite.Store), "DROP TABLE customer_words")
	setVersion(t, s, 1)
	sqlite.Forget(s.(*sqlite.Store))
}
