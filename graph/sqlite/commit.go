package sqlite

import (
	"context"
	"fmt"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Commit implements graph.Committer. Records are encoded before the writer is asked for, so that several
// callers do that side by side.
func (s *Store) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	if len(changes) > graph.MaxBatch {
		return nil, muster.E(muster.CodeTooLarge, fmt.Sprintf("a commit of %d changes", len(changes)),
			fmt.Sprintf("at most %d; split it", graph.MaxBatch))
	}
	if err := ctx.Err(); err != nil {
		return nil, cancelled(err)
	}
	if err := s.usable(ctx); err != nil {
		return nil, err
	}
	if len(changes) == 0 {
		return nil, nil
	}
	r := &request{changes: changes, done: make(chan struct{})}
	for _, c := range changes {
		if err := c.Check(); err != nil {
			return nil, err
		}
		e, err := encode(c)
		if err != nil {
			return nil, err
		}
		r.rows = append(r.rows, e)
	}
	s.serve(ctx, r)
	return r.outcomes, r.err
}

// write carries out the changes of a batch of requests in one transaction and deals out the outcomes.
func (s *Store) write(on *session, batch []*request) error {
	changes, rows := batch[0].changes, batch[0].rows
	for _, r := range batch[1:] {
		changes = append(changes[:len(changes):len(changes)], r.changes...)
		rows = append(rows[:len(rows):len(rows)], r.rows...)
	}
	var outcomes []graph.Outcome
	var writes graph.Writes
	var values map[muster.Record][]any
	before := make(map[string]int64)
	err := s.transact(on, func(q query) error {
		if err := s.unchanged(q); err != nil {
			return err
		}
		st, err := readState(q, changes)
		if err != nil {
			return err
		}
		for id, r := range st.Roots {
			before[id] = r.Rev
		}
		outcomes = graph.Judge(&st.State, changes)
		writes = graph.Merge(changes, outcomes)
		values = valuesOf(rows)
		return writeAll(q, st, writes, values)
	})
	if err != nil {
		return err
	}
	s.keep.wrote(before, writes.Records, values)
	for _, r := range batch {
		r.outcomes, outcomes = outcomes[:len(r.changes):len(r.changes)], outcomes[len(r.changes):]
	}
	return nil
}

func unknown(err error) bool { return muster.CodeOf(err) == muster.CodeUnknown }
