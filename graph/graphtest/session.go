package graphtest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

const minute = time.Minute

// session is a store in a test, with what most tests do to it.
type session struct {
	*testing.T
	graph.Store
	ctx context.Context
}

func open(t *testing.T, o Options) session { return session{t, o.Open(t), t.Context()} }

// must commits changes that have to be accepted.
func (s session) must(changes ...graph.Change) []graph.Outcome {
	s.Helper()
	out := s.try(changes...)
	for i, o := range out {
		require.NoError(s, o.Err(), "change %d, %s", i, changes[i].Command.ID)
		require.False(s, o.Replayed, "change %d, %s", i, changes[i].Command.ID)
	}
	return out
}

// try commits changes that may be refused.
func (s session) try(changes ...graph.Change) []graph.Outcome {
	s.Helper()
	out, err := s.Commit(s.ctx, changes...)
	require.NoError(s, err)
	require.Len(s, out, len(changes))
	return out
}

// record loads a record that must exist.
func (s session) record(id string) muster.Record {
	s.Helper()
	found, err := s.Records(s.ctx, "", id)
	require.NoError(s, err)
	require.Contains(s, found, id)
	return found[id]
}

// exist tells which of the ids there are.
func (s session) exist(ids ...string) (found []string) {
	s.Helper()
	m, err := s.Records(s.ctx, "", ids...)
	require.NoError(s, err)
	for _, id := range ids {
		if m[id] != nil {
			found = append(found, id)
		}
	}
	return found
}

// wake reads an aggregate's stored timer.
func (s session) wake(id string) graph.Wake {
	s.Helper()
	w, err := s.Wakes(s.ctx, id)
	require.NoError(s, err)
	require.Contains(s, w, id)
	return w[id]
}

// code asserts the code of an error.
func code(t testing.TB, want muster.Code, err error) {
	t.Helper()
	require.Error(t, err)
	require.Equal(t, want, muster.CodeOf(err), "%v", err)
}

// with gives a copy of a record that edit has changed.
func with[T any](r *T, edit func(*T)) *T {
	c := *r
	edit(&c)
	return &c
}

// named gives a customer its next revision under another name.
func named(c *muster.Customer, name string) *muster.Customer {
	return with(c, func(c *muster.Customer) { c.Rev++; c.Name = name })
}

// idsOf lists the ids of records.
func idsOf[P muster.Record](records []P) (ids []string) {
	for _, r := range records {
		ids = append(ids, r.RecordID())
	}
	return ids
}

func itoa[N ~int | ~int64](n N) string { return strconv.FormatInt(int64(n), 10) }
