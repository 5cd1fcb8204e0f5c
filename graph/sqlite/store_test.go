package sqlite_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/graphtest"
	"github.com/sysopssquad/muster/graph/sqlite"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(victimPath); path != "" {
		victim(path)
	}
	goleak.VerifyTestMain(m)
}

func TestOpenMakesFoldersAndTakesAnyName(t *testing.T) {
	for _, name := range []string{"a/b/muster.db", "with space.db", "quest?ion.db", "ha#sh.db", "per%20cent.db", "amp&er=sand.db", "ünï.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := openAt(t, path)
		_, err := s.Commit(t.Context(), graphtest.Change("cmd_1", graphtest.Customer(1)))
		require.NoError(t, err)
		require.FileExists(t, path)
		s = reopen(t, s).(*sqlite.Store)
		found, err := s.Records(t.Context(), "", "cus_00000001")
		require.NoError(t, err)
		require.Len(t, found, 1, name)
	}
}

func TestOpenRefusesWhatItCannotUse(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("not a database, but some text that is long enough for a header"), 0o600))
	newer := filepath.Join(dir, "newer.db")
	s := openAt(t, newer)
	setVersion(t, s, graph.SchemaVersion+1)
	require.NoError(t, s.Close(t.Context()))
	for name, c := range map[string]struct {
		path string
		code muster.Code
	}{
		"a folder":              {dir, muster.CodeUnavailable},
		"a file as a folder":    {filepath.Join(file, "muster.db"), muster.CodeUnavailable},
		"a folder of no files":  {"/proc/muster/muster.db", muster.CodeUnavailable},
		"no database":           {file, muster.CodeUnsuitable},
		"one of a newer Muster": {newer, muster.CodeNewerSchema},
	} {
		_, err := sqlite.Open(t.Context(), c.path, muster.SystemClock{})
		require.Equal(t, c.code, muster.CodeOf(err), "%s: %v", name, err)
		require.ErrorContains(t, err, c.path, name)
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(content), "not a database", "it is left as it was")
}

func TestAReadOnlyFileIsRefusedAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	require.NoError(t, openAt(t, path).Close(t.Context()))
	sqlite.ReadOnly(t)
	_, err := sqlite.Open(t.Context(), path, muster.SystemClock{})
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
	require.ErrorContains(t, err, "for writing")
}

func TestMigrateRefusesAnotherProgramsDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "other.db")
	s, err := sqlite.Open(t.Context(), path, muster.SystemClock{})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close(context.Background()) })
	sqlite.Do(t, s, "CREATE TABLE bookmarks (something TEXT)")
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(s.Migrate(t.Context())))
	v, err := s.Version(t.Context())
	require.NoError(t, err)
	require.Zero(t, v, "nothing is half done")
}

// A newer Muster brings the schema up to date while this one has the store open: reads and timers stop too.
func TestAStoreThatIsOpenNoticesANewerSchema(t *testing.T) {
	clock := muster.NewFakeClock(graphtest.Start)
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "muster.db"), clock)
	require.NoError(t, err)
	t.Cleanup(func() { s.Close(context.Background()) })
	require.NoError(t, s.Migrate(t.Context()))
	_, err = s.Setup(t.Context())
	require.NoError(t, err)
	setVersion(t, s, graph.SchemaVersion+1)
	_, err = s.Reserve(t.Context(), 1)
	require.Equal(t, muster.CodeNewerSchema, muster.CodeOf(err), "%v", err)
	clock.Advance(5 * time.Second)
	_, err = s.Setup(t.Context())
	require.Equal(t, muster.CodeNewerSchema, muster.CodeOf(err), "%v", err)
}

func TestTheIndexOfWordsFollowsTheCustomers(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	ann, bo := graphtest.Customer(1), graphtest.Customer(2)
	ann.Name, bo.Name = "Ann Lee", "Bo Lee"
	_, err := s.Commit(t.Context(), graphtest.Change("cmd_1", ann, bo, graphtest.Expert(1)))
	require.NoError(t, err)
	require.Equal(t, 2, sqlite.Indexed(t, s, "lee"))
	next := *ann
	next.Rev, next.Name = 2, "Ann Ruiz"
	same := *bo
	same.Rev = 2
	_, err = s.Commit(t.Context(), graphtest.Change("cmd_2", &next, &same))
	require.NoError(t, err)
	require.Equal(t, 1, sqlite.Indexed(t, s, "lee"))
	require.Equal(t, 1, sqlite.Indexed(t, s, "ann"))
	require.Equal(t, 1, sqlite.Indexed(t, s, "ruiz"))
}

func TestAnEmptyStoreSaysWhatToDo(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "empty.db"), muster.SystemClock{})
	require.NoError(t, err)
	t.Cleanup(func() { s.Close(context.Background()) })
	_, err = s.Setup(t.Context())
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
	require.ErrorContains(t, err, "muster schema")
	_, err = s.Commit(t.Context(), graphtest.Change("cmd_1", graphtest.Customer(1)))
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
	_, err = s.Reserve(t.Context(), 1)
	require.Equal(t, muster.CodeUnsuitable, muster.CodeOf(err))
	require.NoError(t, s.Migrate(t.Context()))
	_, err = s.Setup(t.Context())
	require.NoError(t, err)
}

func TestAClosedStoreSaysSo(t *testing.T) {
	for _, s := range []graph.Store{openFile(t), openMemory(t)} {
		require.NoError(t, s.Close(t.Context()))
		require.NoError(t, s.Close(t.Context()), "closing again is fine")
		_, err := s.Setup(t.Context())
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err))
		_, err = s.Commit(t.Context(), graphtest.Change("cmd_1", graphtest.Customer(1)))
		require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
	}
}

func TestTwoProcessesShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "muster.db")
	first, second := openAt(t, path), openAt(t, path)
	for n := range 20 {
		s := first
		if n%2 == 1 {
			s = second
		}
		out, err := s.Commit(t.Context(), graphtest.Change("cmd_"+string(rune('a'+n)), graphtest.Customer(n)))
		require.NoError(t, err)
		require.True(t, out[0].Accepted)
	}
	for _, s := range []graph.Store{first, second} {
		all, err := s.Scan(t.Context(), muster.KindCustomer, "", 100)
		require.NoError(t, err)
		require.Len(t, all, 20)
	}
}

func TestAWriterOfAnotherProcessMakesUnavailable(t *testing.T) {
	sqlite.Impatient(t, 20*time.Millisecond)
	path := filepath.Join(t.TempDir(), "muster.db")
	first, second := openAt(t, path), openAt(t, path)
	free := sqlite.HoldWriter(t, first)
	_, err := second.Commit(t.Context(), graphtest.Change("cmd_1", graphtest.Customer(1)))
	require.Equal(t, muster.CodeUnavailable, muster.CodeOf(err), "%v", err)
	_, err = second.Setup(t.Context())
	require.NoError(t, err, "readers go on")
	free()
	out, err := second.Commit(t.Context(), graphtest.Change("cmd_1", graphtest.Customer(1)))
	require.NoError(t, err)
	require.True(t, out[0].Accepted)
}

func TestWhoWaitsForTheWriterMayGiveUp(t *testing.T) {
	s := openFile(t).(*sqlite.Store)
	free := sqlite.HoldWriter(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := s.Commit(ctx, graphtest.Change("cmd_1", graphtest.Customer(1)))
		done <- err
	}()
	sqlite.AwaitQueue(s, 1)
	cancel()
	err := <-done
	require.True(t, errors.Is(err, context.Canceled), "%v", err)
	sqlite.AwaitQueue(s, 0)
	free()
	found, err := s.Records(t.Context(), "", "cus_00000001")
	require.NoError(t, err)
	require.Empty(t, found)
}

// A scratch file is a store like any other, and keeps what it was given when it is opened again.
func TestAScratchFileIsAStore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "scratch.db")
	s, err := sqlite.OpenScratch(t.Context(), path, muster.SystemClock{})
	require.NoError(t, err)
	require.NoError(t, s.Migrate(t.Context()))
	out, err := s.Commit(t.Context(), graphtest.Change("cmd_1", graphtest.Customer(1)))
	require.NoError(t, err)
	require.True(t, out[0].Accepted)
	require.NoError(t, s.Close(t.Context()))
	again, err := sqlite.OpenScratch(t.Context(), path, muster.SystemClock{})
	require.NoError(t, err)
	found, err := again.Records(t.Context(), "", "cus_00000001")
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.NoError(t, again.Close(t.Context()))
}
