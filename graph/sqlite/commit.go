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
	err := s.transact(on, func(q query) error {
		if err := s.unchanged(q); err != nil {
			return err
		}
		st, err := readState(q, changes)
		if err != nil {
			return err
		}
		outcomes = graph.Judge(&st.State, changes)
		return writeAll(q, st, graph.Merge(changes, outcomes), rows)
	})
	if err != nil {
		return err
	}
	for _, r := range batch {
		r.outcomes, outcomes = outcomes[:len(r.changes):len(r.changes)], outcomes[len(r.changes):]
	}
	return nil
}

func unknown(err error) bool { return muster.CodeOf(err) == muster.CodeUnknown }
