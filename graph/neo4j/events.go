package neo4j

import (
	"context"
	"fmt"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Pending implements graph.EventLog: two statements, one after the other.
func (s *Store) Pending(ctx context.Context, limit int) (out []muster.Event, err error) {
	var aggregates []any
	err = s.view(ctx, decision, "pending", parameters{"limit": limit}, func(_ *reader, records []*neo4j.Record) error {
		aggregates = listOf(records[0].Values[0])
		return nil
	})
	if err != nil || len(aggregates) == 0 {
		return nil, err
	}
	p := parameters{"aggregates": aggregates}
	err = s.view(ctx, decision, "pending_of", p, func(_ *reader, records []*neo4j.Record) error {
		var pending []muster.Event
		numbered := make(map[string]int64)
		for _, rec := range records {
			for _, v := range listOf(rec.Values[1]) {
				e, err := event(v)
				if err != nil {
					return err
				}
				pending = append(pending, e)
			}
			numbered[text(rec.Values[0])] = whole64(rec.Values[2])
		}
		out = graph.Relayable(pending, numbered)
		return nil
	})
	return out, err
}

// Number implements graph.EventLog.
func (s *Store) Number(ctx context.Context, duty string, fence int64, first int64, events []muster.Event) error {
	rows := make([]any, len(events))
	for i, e := range events {
		rows[i] = []any{e.Aggregate, e.Rev, first + int64(i)}
	}
	return s.update(ctx, func(tx transaction) error {
		records, err := tx.run("number_lock", parameters{"duty": duty, "tag": s.tag()})
		if err != nil {
			return err
		}
		head, held := whole64(records[0].Values[0]), records[0].Values[1]
		if held != fence {
			return muster.E(muster.CodeConflict, duty+" was taken over", "claim it again")
		}
		if first != head+1 {
			return muster.E(muster.CodeConflict, fmt.Sprintf("the next number is %d, not %d", head+1, first), "read the bounds again")
		}
		if len(rows) == 0 {
			return errNothing
		}
		records, err = tx.run("number", parameters{"head": head + int64(len(rows)), "events": rows})
		if err != nil {
			return err
		}
		if n := whole64(records[0].Values[0]); n != int64(len(rows)) {
			return muster.E(muster.CodeConflict, fmt.Sprintf("%d of %d events are pending", n, len(rows)), "read what is pending again")
		}
		return nil
	})
}

// EventsAfter implements graph.EventLog. Numbers have no gaps: one that is seen belongs to a commit that is being
// applied, and what it hides is read again. Only the first may stay, below the floor.
func (s *Store) EventsAfter(ctx context.Context, seq int64, limit int) (out []muster.Event, err error) {
	p := parameters{"seq": seq, "limit": limit}
	err = s.view(ctx, decision, "events_after", p, func(r *reader, records []*neo4j.Record) error {
		out = nil
		for _, rec := range records {
			e, err := event(rec.Values[0])
			if err != nil {
				return err
			}
			after := seq
			if n := len(out); n > 0 {
				after = out[n-1].Seq
			}
			if e.Seq != after+1 {
				r.mismatch()
				if len(out) > 0 {
					return nil
				}
			}
			out = append(out, e)
		}
		return nil
	})
	return out, err
}

// Bounds implements graph.EventLog.
func (s *Store) Bounds(ctx context.Context) (floor, head int64, err error) {
	err = s.view(ctx, decision, "bounds", nil, func(_ *reader, records []*neo4j.Record) error {
		floor, head = whole64(records[0].Values[0]), whole64(records[0].Values[1])
		return nil
	})
	return floor, head, err
}

// Cursor implements graph.EventLog.
func (s *Store) Cursor(ctx context.Context, consumer string) (seq int64, err error) {
	err = s.view(ctx, decision, "cursor", parameters{"consumer": consumer}, func(_ *reader, records []*neo4j.Record) error {
		seq = 0
		if len(records) > 0 {
			seq = whole64(records[0].Values[0])
		}
		return nil
	})
	return seq, err
}

// Advance implements graph.EventLog.
func (s *Store) Advance(ctx context.Context, consumer string, seq int64) error {
	return s.update(ctx, func(tx transaction) error {
		_, err := tx.run("advance", parameters{"consumer": consumer, "seq": seq, "tag": s.tag()})
		return err
	})
}
