package neo4j

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// recordsPerTransaction is how many records one transaction writes, as far as changes allow. Larger ones spend more than
// they save: at twice that, three side by side, a server with 1 GB of heap collects garbage a third of the time.
const recordsPerTransaction = 1_000

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
// session created what this one had seen to be absent, or that a command was carried out before; alter tries again, and
// the guard fails or the command is known.
func (s *Store) commit(ctx context.Context, changes []graph.Change, records map[muster.Record]*encoded) ([]graph.Outcome, error) {
	var outcomes []graph.Outcome
	careful := false
	err := s.alter(ctx, func(tx transaction) error {
		locks := locksOf(changes, careful)
		st, err := s.lock(tx, locks)
		if err != nil {
			return err
		}
		if outcomes, err = st.judge(tx, locks, changes, careful); err != nil {
			return err
		}
		w := graph.Merge(changes, outcomes)
		if len(w.Commands) == 0 {
			return errNothing
		}
		_, err = tx.run("commit_write", writing(w, st, locks, records, s.clock.Now()))
		careful = careful || transient(err)
		return err
	})
	if err != nil {
		return nil, err
	}
	return outcomes, nil
}

// judge decides on the changes. Hardly any was carried out before, so that the batch's commands are only looked for when
// something is refused, as the guards of a repetition are, or when a try has failed.
func (st *state) judge(tx transaction, l locks, changes []graph.Change, careful bool) ([]graph.Outcome, error) {
	if !careful {
		before := graph.State{Commands: maps.Clone(st.Commands), Roots: maps.Clone(st.Roots), Owners: maps.Clone(st.Owners)}
		outcomes := graph.Judge(&st.State, changes)
		if !slices.ContainsFunc(outcomes, func(o graph.Outcome) bool { return !o.Accepted }) {
			return outcomes, nil
		}
		st.State = before
	}
	if err := st.recall(tx, l); err != nil {
		return nil, err
	}
	return graph.Judge(&st.State, changes), nil
}
