package sqlite

import (
	"context"
	"database/sql"
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

// Forget makes a store look at its schema again, as if it had just been opened.
func Forget(s *Store) { s.schema.Forget() }

// Synced tells how far the writer waits for the disk: 2 is FULL, which syncs the log at every commit.
func Synced(t testing.TB, s *Store) (n int) {
	require.NoError(t, s.alter(context.Background(), func(q query) error {
		return q.each("PRAGMA synchronous", nil, func(r *sql.Rows) error { return r.Scan(&n) })
	}))
	return n
}

// Indexed tells how many customers the index of words has under one.
func Indexed(t testing.TB, s *Store, word string) (n int) {
	require.NoError(t, s.look(context.Background(), func(q query) error {
		return q.each("SELECT count(*) FROM customer_words WHERE customer_words MATCH ?", []any{word},
			func(r *sql.Rows) error { return r.Scan(&n) })
	}))
	return n
}

// Lossy makes a store lose the replies of its commits, or the commits themselves, when it is told to.
func Lossy(s *Store) graphtest.Faults {
	lose := func(instead func(*session) error) func() {
		return func() {
			s.seal = func(on *session) error {
				s.seal = (*session).commit
				return errors.Join(instead(on), errors.New("the disk is gone"))
			}
		}
	}
	return graphtest.Faults{
		LoseReply:   lose((*session).commit),
		LoseRequest: lose(func(on *session) error { on.rollback(); return nil }),
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

var errHeld = errors.New("held for a test")

// HoldWriter begins a write that lasts until free, and comes to nothing.
func HoldWriter(t testing.TB, s *Store) (free func()) {
	begun, end, done := make(chan struct{}), make(chan struct{}), make(chan error)
	go func() {
		done <- s.alter(context.Background(), func(query) error {
			close(begun)
			<-end
			return errHeld
		})
	}()
	<-begun
	return func() {
		close(end)
		require.ErrorIs(t, <-done, errHeld)
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
		return on.commit()
	}
	return n
}

// Statements lists all that a store has prepared but for its inserts.
func Statements(s *Store) (texts []string) {
	for _, p := range []*pool{s.reader, s.writer} {
		for range cap(p.slots) {
			on := <-p.slots
			if on != nil {
				for text := range on.prepared {
					if verb, _, more := strings.Cut(text, " "); more && verb != "INSERT" && verb != "PRAGMA" && verb != "BEGIN" {
						texts = append(texts, text)
					}
				}
			}
			p.slots <- on
		}
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
