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

// Prune implements graph.Admin.
func (s *Store) Prune(ctx context.Context, before time.Time, limit int) (forgotten int, err error) {
	err = s.update(ctx, func(tx transaction) error {
		records, err := tx.run("prune", parameters{"before": before.UnixMicro(), "limit": limit, "tag": s.tag()})
		if err != nil {
			return err
		}
		forgotten = int(whole64(records[0].Values[0]))
		return nil
	})
	if err != nil {
		return 0, err
	}
	return forgotten, nil
}
