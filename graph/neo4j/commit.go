package neo4j

import (
	"context"
	"fmt"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// recordsPerTransaction is how many records one transaction writes, as far as changes allow: beyond it a transaction
// gets no faster, and its memory grows.
const recordsPerTransaction = 5_000

// Commit implements graph.Committer. A large batch is carried out in several transactions.
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
	records := make(map[muster.Record]*encoded)
	for _, c := range changes {
		if err := check(c); err != nil {
			return nil, err
		}
		for _, r := range c.Put {
			e, err := encode(r)
			if err != nil {
				return nil, err
			}
			records[r] = e
		}
	}
	outcomes := make([]graph.Outcome, 0, len(changes))
	for len(changes) > 0 {
		n := portion(changes)
		out, err := s.commit(ctx, changes[:n], records)
		if err != nil {
			if len(outcomes) > 0 && muster.CodeOf(err) != muster.CodeUnknown {
				return nil, s.unknown(err) // what came before is written
			}
			return nil, err
		}
		outcomes = append(outcomes, out...)
		changes = changes[n:]
	}
	return outcomes, nil
}

// check is Change.Check with what Neo4j's indexes ask for.
func check(c graph.Change) error {
	if err := c.Check(); err != nil {
		return err
	}
	for _, claims := range [][]muster.Claim{c.Claim, c.Release} {
		for _, k := range claims {
			if len(k.Key) > maxIndexed {
				return tooLong("key", string(k.Key))
			}
		}
	}
	if len(c.Command.ID) > maxIndexed {
		return tooLong("command", string(c.Command.ID))
	}
	return nil
}

// portion is how many changes the next transaction takes.
func portion(changes []graph.Change) int {
	records := 0
	for i, c := range changes {
		if records += len(c.Put) + 1; i > 0 && records > recordsPerTransaction {
			return i
		}
	}
	return len(changes)
}

// commit carries out changes in one transaction: lock and read, judge, write. A constraint violation means that a
// session created what this one had seen to be absent; alter tries again, and the guard fails.
func (s *Store) commit(ctx context.Context, changes []graph.Change, records map[muster.Record]*encoded) ([]graph.Outcome, error) {
	var outcomes []graph.Outcome
	locks := locksOf(changes)
	err := s.alter(ctx, func(tx transaction) error {
		st, err := s.lock(tx, locks)
		if err != nil {
			return err
		}
		outcomes = graph.Judge(&st.State, changes)
		w := graph.Merge(changes, outcomes)
		if len(w.Commands) == 0 {
			return errNothing
		}
		_, err = tx.run("commit_write", writing(w, st, locks, records, s.clock.Now()))
		return err
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}
