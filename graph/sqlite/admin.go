package sqlite

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
	err = s.update(ctx, func(q query) error {
		last, err := sequence(q, "ticket")
		if err != nil {
			return err
		}
		first = last + 1
		_, err = q.exec("UPDATE sequence SET value = ? WHERE name = 'ticket'", last+int64(n))
		return err
	})
	return first, err
}

// Analyze implements graph.Admin.
func (s *Store) Analyze(ctx context.Context) error {
	return s.update(ctx, func(q query) error {
		if _, err := q.exec("PRAGMA analysis_limit = 1000"); err != nil { // rows of each index: enough for the planner
			return err
		}
		_, err := q.exec("ANALYZE")
		return err
	})
}

// Prune implements graph.Admin.
func (s *Store) Prune(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.prune(ctx, "", before, limit)
}

// PruneJobs implements graph.Admin.
func (s *Store) PruneJobs(ctx context.Context, before time.Time, limit int) (int, error) {
	return s.prune(ctx, ofJobs+" AND ", before, limit)
}

func (s *Store) prune(ctx context.Context, which string, before time.Time, limit int) (int, error) {
	var forgotten int64
	err := s.update(ctx, func(q query) (err error) {
		forgotten, err = q.exec("DELETE FROM command WHERE nr IN (SELECT nr FROM command WHERE "+which+"at < ? ORDER BY at"+limited+")",
			before.UnixMicro(), limit)
		return err
	})
	return int(forgotten), err
}
