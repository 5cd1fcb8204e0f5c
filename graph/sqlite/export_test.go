package sqlite

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster/graph/graphtest"
)

// Do runs a statement behind the store's back.
func Do(t testing.TB, s *Store, text string, args ...any) {
	t.Helper()
	require.NoError(t, s.alter(context.Background(), func(q query) error {
		_, err := q.exec(text, args...)
		return err
	}))
}

// Lossy makes a store lose the replies of its commits, or the commits themselves, when it is told to.
func Lossy(s *Store) graphtest.Faults {
	lose := func(instead func(*session) error) func() {
		return func() {
			s.seal = func(on *session) error {
				s.seal = commitSession
				return errors.Join(instead(on), errors.New("the disk is gone"))
			}
		}
	}
	return graphtest.Faults{
		LoseReply:   lose(commitSession),
		LoseRequest: lose(func(on *session) error { return on.end("ROLLBACK") }),
	}
}

// Path is where a store's file is.
func Path(s *Store) string { return s.path }

// Impatient makes stores that are opened later wait for other processes no longer than d.
func Impatient(t testing.TB, d time.Duration) {
	before := patience
	patience = d
	t.Cleanup(func() { patience = before })
}

// ReadOnly makes stores that are opened later open their files as somebody who may not write them.
func ReadOnly(t testing.TB) {
	before := mode
	mode = "ro"
	t.Cleanup(func() { mode = before })
}

// HoldWriter begins a write that lasts until free.
func HoldWriter(t testing.TB, s *Store) (free func()) {
	begun, end, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.alter(context.Background(), func(query) error {
			close(begun)
			<-end
			return nil
		})
	}()
	<-begun
	return func() {
		close(end)
		require.NoError(t, <-done)
	}
}

// AwaitQueue returns when n commits wait for the writer.
func AwaitQueue(s *Store, n int) {
	for {
		s.queue.mu.Lock()
		waiting := len(s.queue.waiting)
		s.queue.mu.Unlock()
		if waiting == n {
			return
		}
		runtime.Gosched()
	}
}

// Commits counts the transactions that a store commits.
func Commits(s *Store) *int {
	n := new(int)
	s.seal = func(on *session) error {
		*n++
		return commitSession(on)
	}
	return n
}

// Statements lists the queries that a store has prepared on its readers.
func Statements(t testing.TB, s *Store) (texts []string) {
	for range cap(s.reader.slots) {
		on := <-s.reader.slots
		if on != nil {
			for text := range on.prepared {
				if strings.HasPrefix(text, "SELECT") || strings.HasPrefix(text, "WITH") {
					texts = append(texts, text)
				}
			}
		}
		s.reader.slots <- on
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// Plan is what SQLite does for a query.
func Plan(t testing.TB, s *Store, text string) (steps []string) {
	args := make([]any, strings.Count(text, "?"))
	require.NoError(t, s.look(context.Background(), func(q query) error {
		rows, err := q.on.conn.QueryContext(q.ctx, "EXPLAIN QUERY PLAN "+text, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			steps = append(steps, detail)
		}
		return rows.Err()
	}))
	return steps
}
