package neo4j

import (
	"context"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
)

// Reserve implements graph.Admin.
func (s *Store) Reserve(ctx context.Context, n int) (first int64, err error) {
	if n < 1 {
		return 0, muster.Invalid("n", strconv.Itoa(n), "reserve at least one number")
	}
	err = s.update(ctx, func(tx transaction) error {
		records, err := tx.run("reserve", parameters{"name": "ticket", "n": n, "tag": s.tag()})
		if err != nil {
			return err
		}
		first = whole64(records[0].Values[0]) - int64(n) + 1
		return nil
	})
	if err != nil {
		return 0, err
	}
	return first, nil
}

// Analyze implements graph.Admin: new samples of all indexes, and new plans for what is asked from then on.
func (s *Store) Analyze(ctx context.Context) error {
	if err := s.define(ctx, "CALL db.resampleOutdatedIndexes()", nil); err != nil {
		return err
	}
	return s.define(ctx, "CALL db.clearQueryCaches()", nil)
}

// Prune implements graph.Admin. It also forgets the keys that nobody has held since then, all of them, at most limit in
// one transaction.
func (s *Store) Prune(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	if forgotten, err = s.prune(ctx, "prune", before, limit); err != nil {
		return 0, err
	}
	for {
		if keys, err := s.prune(ctx, "prune_keys", before, limit); err != nil || keys == 0 || keys < limit {
			return forgotten, err
		}
	}
}

// PruneJobs implements graph.Admin.
func (s *Store) PruneJobs(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	return s.prune(ctx, "prune_jobs", before, limit)
}

// prune runs one of the statements that forget, and gives the number that it tells.
func (s *Store) prune(ctx context.Context, name string, before time.Time, limit int) (n int, err error) {
	err = s.update(ctx, func(tx transaction) error {
		records, err := tx.run(name, parameters{"before": before.UnixMicro(), "limit": limit, "tag": s.tag()})
		if err != nil {
			return err
		}
		n = int(whole64(records[0].Values[0]))
		return nil
	})
	return n, err
}
