package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// timed are the kinds that have timers.
var timed = slices.DeleteFunc(slices.Clone(tables), func(t *table) bool { return !t.spec.Timed })

// lanes are kept as numbers, which makes the index of what is due a third smaller.
var lanes = map[muster.Lane]int64{muster.LanePromises: 1, muster.LaneMatching: 2, muster.LaneHousekeeping: 3}

// Now implements graph.Timers.
func (s *Store) Now(context.Context) (time.Time, error) { return s.clock.Now(), nil }

// dueShards finds the shards of a table with something due. Tickets may be due in any number, so it is a look into the
// index for each shard, not a scan of what is due; of other kinds there are few, and a scan is a hundred times faster.
func dueShards(t *table) string {
	if t.spec.Kind != muster.KindTicket {
		return "SELECT shard, MIN(next_at) FROM " + t.name + " WHERE lane = ? AND next_at <= ? GROUP BY shard"
	}
	return fmt.Sprintf(`WITH s (n) AS (VALUES %s), due (n, since) AS (
			SELECT n, (SELECT next_at FROM %s WHERE lane = ? AND shard = n AND next_at <= ? ORDER BY next_at LIMIT 1) FROM s)
		SELECT n, since FROM due WHERE since IS NOT NULL`, allShards, t.name)
}

// allShards is (0), (1) and so on: counting in SQL takes as long as looking.
var allShards = func() string {
	all := make([]string, muster.Shards)
	for n := range all {
		all[n] = fmt.Sprintf("(%d)", n)
	}
	return strings.Join(all, ", ")
}()

// DueShards implements graph.Timers.
func (s *Store) DueShards(ctx context.Context, lane muster.Lane, now time.Time) (shards []graph.DueShard, err error) {
	err = s.view(ctx, func(q query) error {
		shards = nil
		for _, t := range timed {
			err := q.each(dueShards(t), []any{lanes[lane], now.UnixMicro()}, func(rows *sql.Rows) error {
				var n int
				var since int64
				err := rows.Scan(&n, &since)
				shards = append(shards, graph.DueShard{Shard: n, Since: graph.FromMicros(since)})
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(shards, func(a, b graph.DueShard) int { return cmp.Or(a.Shard-b.Shard, a.Since.Compare(b.Since)) })
	return slices.CompactFunc(shards, func(a, b graph.DueShard) bool { return a.Shard == b.Shard }), err
}

// ClaimDue implements graph.Timers.
func (s *Store) ClaimDue(
	ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int,
) (due []graph.Wake, err error) {
	err = s.update(ctx, func(q query) error {
		for _, t := range timed {
			found, err := wakes(q, t, "WHERE lane = ? AND shard = ? AND next_at <= ? ORDER BY next_at, \"id\""+limited,
				lanes[lane], shard, now.UnixMicro(), limit)
			if err != nil {
				return err
			}
			due = append(due, found...)
		}
		slices.SortFunc(due, func(a, b graph.Wake) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
		due = due[:min(len(due), limit)]
		return claim(q, due, until)
	})
	if err != nil {
		return nil, err
	}
	return due, nil
}

// Claim implements graph.Timers.
func (s *Store) Claim(ctx context.Context, id string, now, until time.Time) (w graph.Wake, ok bool, err error) {
	t := tableOf[muster.KindOf(id)]
	if t == nil || !t.spec.Timed {
		return w, false, nil
	}
	err = s.update(ctx, func(q query) error {
		due, err := wakes(q, t, `WHERE "id" = ? AND next_at <= ?`, id, now.UnixMicro())
		if err != nil || len(due) == 0 {
			return err
		}
		err = claim(q, due, until)
		w, ok = due[0], true
		return err
	})
	if err != nil {
		return graph.Wake{}, false, err
	}
	return w, ok, nil
}

// claim moves timers to until and gives each a new fence.
func claim(q query, due []graph.Wake, until time.Time) error {
	ids := make([]string, len(due))
	for i := range due {
		due[i].Fence++
		ids[i] = due[i].ID
	}
	return eachKind(ids, func(t *table, ids []string) error {
		_, err := q.exec("UPDATE "+t.name+` SET next_at = ?, fence = fence + 1 WHERE "id" IN (SELECT value FROM json_each(?))`,
			until.UnixMicro(), list(ids))
		return err
	})
}

// Settle implements graph.Timers.
func (s *Store) Settle(ctx context.Context, settled ...graph.Settled) (lost []string, err error) {
	err = s.update(ctx, func(q query) error {
		for _, x := range settled {
			t := tableOf[muster.KindOf(x.Wake.ID)]
			if t == nil || !t.spec.Timed || x.Next.IsZero() {
				return muster.E(muster.CodeInternal, fmt.Sprintf("timer of %q settled to %v", x.Wake.ID, x.Next), "report this")
			}
			n, err := q.exec("UPDATE "+t.name+` SET next_at = ?1, failures = ?2, failure = CASE WHEN ?2 > 0 THEN ?3 END
				WHERE "id" = ?4 AND fence = ?5 AND next_at IS NOT NULL`,
				x.Next.UnixMicro(), x.Failures, x.Why, x.Wake.ID, x.Wake.Fence)
			if err != nil {
				return err
			}
			if n == 0 {
				lost = append(lost, x.Wake.ID)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return lost, nil
}

// Backlog implements graph.Timers.
func (s *Store) Backlog(ctx context.Context, now time.Time) (map[muster.Lane]graph.Backlog, error) {
	out := make(map[muster.Lane]graph.Backlog)
	err := s.view(ctx, func(q query) error {
		for _, t := range timed {
			for _, lane := range muster.Lanes() {
				b := out[lane]
				err := q.each(`SELECT count(*), coalesce(min(next_at), 0) FROM `+t.name+` WHERE lane = ? AND next_at <= ?`,
					[]any{lanes[lane], now.UnixMicro()}, func(rows *sql.Rows) error {
						var n int
						var oldest int64
						if err := rows.Scan(&n, &oldest); err != nil || n == 0 {
							return err
						}
						b.Due += n
						b.Oldest = max(b.Oldest, now.Sub(graph.FromMicros(oldest)))
						return nil
					})
				if err != nil {
					return err
				}
				err = q.each("SELECT count(*) FROM "+t.name+" WHERE lane = ? AND failures > 0", []any{lanes[lane]},
					func(rows *sql.Rows) error {
						var n int
						err := rows.Scan(&n)
						b.Failed += n
						return err
					})
				if err != nil {
					return err
				}
				out[lane] = b
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Failing implements graph.Timers.
func (s *Store) Failing(ctx context.Context, limit int) (out []graph.Wake, err error) {
	err = s.view(ctx, func(q query) error {
		out = nil
		for _, t := range timed {
			some, err := wakes(q, t, `WHERE failures > 0 AND next_at IS NOT NULL ORDER BY failures DESC, "id"`+limited, limit)
			if err != nil {
				return err
			}
			out = append(out, some...)
		}
		return nil
	})
	slices.SortFunc(out, graph.MostFailures)
	return out[:min(len(out), limit)], err
}

// wakes reads timers of a kind; tail follows the table's name.
func wakes(q query, t *table, tail string, args ...any) (out []graph.Wake, err error) {
	text := `SELECT "id", "rev", next_at, fence, failures, CASE WHEN failures > 0 THEN coalesce(failure, '') ELSE '' END FROM ` + t.name + " " + tail
	err = q.each(text, args, func(rows *sql.Rows) error {
		w := graph.Wake{Kind: t.spec.Kind}
		var at int64
		if err := rows.Scan(&w.ID, &w.Rev, &at, &w.Fence, &w.Failures, &w.Why); err != nil {
			return err
		}
		w.At = graph.FromMicros(at)
		out = append(out, w)
		return nil
	})
	return out, err
}
