package sqlite

import (
	"context"
	"database/sql"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Scan implements graph.Audit.
func (s *Store) Scan(ctx context.Context, kind muster.Kind, after string, limit int) (out []muster.Record, err error) {
	t := tableOf[kind]
	if t == nil {
		return nil, muster.Invalid("kind", string(kind), "name a kind of record")
	}
	err = s.view(ctx, func(q query) error {
		out, err = read[muster.Record](q, t, t.name+` t WHERE t."id" > ? ORDER BY t."id"`+limited, after, limit)
		return err
	})
	return out, err
}

// TicketCases implements graph.Audit.
func (s *Store) TicketCases(ctx context.Context, after string, limit int) (out []graph.TicketCase, err error) {
	err = s.view(ctx, func(q query) error {
		tickets, err := records[*muster.Ticket](q, `ticket t WHERE t."id" > ? ORDER BY t."id"`+limited, after, limit)
		if err != nil {
			return err
		}
		out, err = withParts(q, tickets)
		return err
	})
	return out, err
}

// Wakes implements graph.Audit.
func (s *Store) Wakes(ctx context.Context, ids ...string) (map[string]graph.Wake, error) {
	out := make(map[string]graph.Wake, len(ids))
	err := s.view(ctx, func(q query) error {
		return eachKind(ids, func(t *table, ids []string) error {
			if !t.spec.Timed {
				return nil
			}
			found, err := wakes(q, t, `WHERE "id" IN (SELECT value FROM json_each(?)) AND next_at IS NOT NULL`, list(ids))
			for _, w := range found {
				out[w.ID] = w
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EventSpans implements graph.Audit.
func (s *Store) EventSpans(ctx context.Context, ids ...string) (map[string]graph.EventSpan, error) {
	out := make(map[string]graph.EventSpan, len(ids))
	err := s.view(ctx, func(q query) error {
		return eachKind(distinct(ids), func(t *table, ids []string) error {
			if !t.root {
				return nil
			}
			text := `SELECT r."id", min(e.rev), max(e.rev), count(*), count(DISTINCT e.command),
				min(CASE WHEN e.seq IS NULL THEN e.at END) FROM json_each(?) j CROSS JOIN ` + t.name +
				` r ON r."id" = j.value CROSS JOIN event e ON e.root = r.nr GROUP BY 1`
			return q.each(text, []any{list(ids)}, func(rows *sql.Rows) error {
				var id string
				var span graph.EventSpan
				var since sql.NullInt64
				err := rows.Scan(&id, &span.Low, &span.High, &span.Count, &span.Commands, &since)
				if since.Valid {
					span.Since = graph.FromMicros(since.Int64)
				}
				out[id] = span
				return err
			})
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Commands implements graph.Audit.
func (s *Store) Commands(ctx context.Context, after muster.CommandID, limit int) (out []muster.Outcome, err error) {
	err = s.view(ctx, func(q query) error {
		out = nil
		return outcomes(q, "command c WHERE c.id > ? ORDER BY c.id"+limited, []any{string(after), limit},
			func(o muster.Outcome) { out = append(out, o) })
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Owners implements graph.Audit.
func (s *Store) Owners(ctx context.Context, keys ...muster.Key) (map[muster.Key]string, error) {
	out := make(map[muster.Key]string, len(keys))
	err := s.view(ctx, func(q query) error { return readOwners(q, keys, out) })
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Cursors implements graph.Audit.
func (s *Store) Cursors(ctx context.Context) (map[string]int64, error) {
	out := make(map[string]int64)
	err := s.view(ctx, func(q query) error {
		return q.each("SELECT consumer, seq FROM cursor WHERE consumer >= ''", nil, func(rows *sql.Rows) error {
			var consumer string
			var seq int64
			err := rows.Scan(&consumer, &seq)
			out[consumer] = seq
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
