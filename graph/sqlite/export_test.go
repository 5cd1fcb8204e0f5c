package sqlite

import (
	"context"
	"errors"
	"testing"

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
