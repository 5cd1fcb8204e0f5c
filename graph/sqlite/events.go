package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// events reads events; tail follows the table's name.
func events(q query, tail string, args ...any) (out []muster.Event, err error) {
	const columns = "SELECT aggregate, rev, name, version, at, actor, command, body, coalesce(seq, 0) FROM event "
	err = q.each(columns+tail, args, func(rows *sql.Rows) error {
		var e muster.Event
		var at int64
		var actor string
		var body sql.NullString
		err := rows.Scan(&e.Aggregate, &e.Rev, &e.Name, &e.Version, &at, &actor, &e.Command, &body, &e.Seq)
		if err != nil {
			return err
		}
		e.At = graph.FromMicros(at)
		if body.Valid {
			e.Body = json.RawMessage(body.String)
		}
		if err := json.Unmarshal([]byte(actor), &e.Actor); err != nil {
			return fmt.Errorf("actor of %s/%d: %w", e.Aggregate, e.Rev, err)
		}
		out = append(out, e)
		return nil
	})
	return out, err
}

// Pending implements graph.EventLog.
func (s *Store) Pending(ctx context.Context, limit int) (out []muster.Event, err error) {
	err = s.view(ctx, func(q query) error {
		var roots []int64
		err := q.each("SELECT root FROM event INDEXED BY event_pending WHERE seq IS NULL ORDER BY nr"+limited, []any{limit},
			func(rows *sql.Rows) error {
				var root int64
				err := rows.Scan(&root)
				roots = append(roots, root)
				return err
			})
		if err != nil || len(roots) == 0 {
			return err
		}
		ids := list(roots)
		pending, err := events(q, "WHERE seq IS NULL AND root IN (SELECT value FROM json_each(?))", ids)
		if err != nil {
			return err
		}
		numbered := make(map[string]int64)
		err = q.each(`SELECT aggregate, max(rev) FROM event
			WHERE seq IS NOT NULL AND root IN (SELECT value FROM json_each(?)) GROUP BY root`, []any{ids}, func(rows *sql.Rows) error {
			var id string
			var rev int64
			err := rows.Scan(&id, &rev)
			numbered[id] = rev
			return err
		})
		out = graph.Relayable(pending, numbered)
		return err
	})
	return out, err
}

// Number implements graph.EventLog.
func (s *Store) Number(ctx context.Context, duty string, fence int64, first int64, events []muster.Event) error {
	return s.update(ctx, func(q query) error {
		held := int64(-1)
		err := q.each(`SELECT fence FROM duty WHERE "id" = ?`, []any{duty}, func(r *sql.Rows) error { return r.Scan(&held) })
		if err != nil {
			return err
		}
		if held != fence {
			return muster.E(muster.CodeConflict, fmt.Sprintf("%s was taken over", duty), "claim it again")
		}
		head, err := sequence(q, "event")
		if err != nil {
			return err
		}
		if first != head+1 {
			return muster.E(muster.CodeConflict, fmt.Sprintf("the next number is %d, not %d", head+1, first), "read the bounds again")
		}
		if err := give(q, first, events); err != nil {
			return err
		}
		_, err = q.exec("UPDATE sequence SET value = ? WHERE name = 'event'", head+int64(len(events)))
		return err
	})
}

// give writes the numbers first, first+1, ... to events that have none. (An UPDATE ... FROM would go through
// all events that wait.)
func give(q query, first int64, events []muster.Event) error {
	rows := make([]int64, len(events)) // of the table
	wanted := make(map[*table][][3]any)
	for i, e := range events {
		t := tableOf[muster.KindOf(e.Aggregate)]
		if t == nil || !t.root {
			return muster.E(muster.CodeInternal, fmt.Sprintf("an event of %q", e.Aggregate), "report this")
		}
		wanted[t] = append(wanted[t], [3]any{e.Aggregate, e.Rev, i})
	}
	for t, of := range wanted {
		text := `SELECT j.value ->> 2, e.nr FROM json_each(?) j CROSS JOIN ` + t.name + ` r ON r."id" = j.value ->> 0
			CROSS JOIN event e ON e.root = r.nr AND e.rev = j.value ->> 1`
		err := q.each(text, []any{list(of)}, func(r *sql.Rows) error {
			var i int
			var nr int64
			err := r.Scan(&i, &nr)
			rows[i] = nr
			return err
		})
		if err != nil {
			return err
		}
	}
	for i, nr := range rows {
		n, err := q.exec("UPDATE event SET seq = ? WHERE nr = ? AND seq IS NULL", first+int64(i), nr)
		if err != nil {
			return err
		}
		if n != 1 {
			return muster.E(muster.CodeConflict, fmt.Sprintf("%s/%d is not pending", events[i].Aggregate, events[i].Rev),
				"read what is pending again")
		}
	}
	return nil
}

// sequence is the last number that was given of a sequence.
func sequence(q query, name string) (n int64, err error) {
	err = q.each("SELECT value FROM sequence WHERE name = ?", []any{name}, func(r *sql.Rows) error { return r.Scan(&n) })
	return n, err
}

// EventsAfter implements graph.EventLog.
func (s *Store) EventsAfter(ctx context.Context, seq int64, limit int) (out []muster.Event, err error) {
	err = s.view(ctx, func(q query) error {
		out, err = events(q, "WHERE seq > ? ORDER BY seq"+limited, seq, limit)
		return err
	})
	return out, err
}

// Bounds implements graph.EventLog.
func (s *Store) Bounds(ctx context.Context) (floor, head int64, err error) {
	err = s.view(ctx, func(q query) error {
		if head, err = sequence(q, "event"); err != nil {
			return err
		}
		const text = "SELECT coalesce(min(seq), 0) FROM event WHERE seq IS NOT NULL"
		return q.each(text, nil, func(r *sql.Rows) error { return r.Scan(&floor) })
	})
	return floor, head, err
}

// Cursor implements graph.EventLog.
func (s *Store) Cursor(ctx context.Context, consumer string) (seq int64, err error) {
	err = s.view(ctx, func(q query) error {
		return q.each("SELECT seq FROM cursor WHERE consumer = ?", []any{consumer}, func(r *sql.Rows) error { return r.Scan(&seq) })
	})
	return seq, err
}

// Advance implements graph.EventLog.
func (s *Store) Advance(ctx context.Context, consumer string, seq int64) error {
	return s.update(ctx, func(q query) error {
		_, err := q.exec(`INSERT INTO cursor (consumer, seq) VALUES (?, ?)
			ON CONFLICT (consumer) DO UPDATE SET seq = max(seq, excluded.seq)`, consumer, seq)
		return err
	})
}
