package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Scan implements graph.Audit.
func (s *Store) Scan(ctx context.Context, kind muster.Kind, after string, limit int) (out []muster.Record, err error) {
	if kinds[kind] == nil {
		return nil, muster.Invalid("kind", string(kind), "name a kind of record")
	}
	err = s.view(ctx, decision, "scan", scanning(kind, after, limit), func(r *reader, records []*neo4j.Record) error {
		out = nil
		for _, rec := range records {
			found, err := r.record(rec.Values[0].(neo4j.Node))
			if err != nil {
				return err
			}
			out = append(out, found)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func scanning(kind muster.Kind, after string, limit int) parameters {
	first, end := rangeOf(kind)
	return parameters{"first": max(first, next(after)), "end": end, "limit": limit}
}

// TicketCases implements graph.Audit.
func (s *Store) TicketCases(ctx context.Context, after string, limit int) (out []graph.TicketCase, err error) {
	p := scanning(muster.KindTicket, after, limit)
	err = s.view(ctx, decision, "ticket_cases", p, func(r *reader, records []*neo4j.Record) error {
		out = nil
		for _, rec := range records {
			c, err := withParts(r, rec.AsMap())
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		slices.SortFunc(out, func(a, b graph.TicketCase) int { return cmp.Compare(a.Ticket.ID, b.Ticket.ID) })
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Wakes implements graph.Audit.
func (s *Store) Wakes(ctx context.Context, ids ...string) (out map[string]graph.Wake, err error) {
	err = s.view(ctx, decision, "wakes", parameters{"ids": ids}, func(_ *reader, records []*neo4j.Record) error {
		out = make(map[string]graph.Wake, len(records))
		for _, w := range wakes(records) {
			out[w.ID] = w
		}
		return nil
	})
	return out, err
}

// EventSpans implements graph.Audit.
func (s *Store) EventSpans(ctx context.Context, ids ...string) (out map[string]graph.EventSpan, err error) {
	err = s.view(ctx, decision, "event_spans", parameters{"ids": distinct(ids)}, func(_ *reader, records []*neo4j.Record) error {
		out = make(map[string]graph.EventSpan, len(records))
		for _, rec := range records {
			v := rec.Values
			span := graph.EventSpan{Low: whole64(v[1]), High: whole64(v[2]), Count: whole64(v[3]), Commands: whole64(v[4])}
			if since, ok := v[5].(int64); ok {
				span.Since = graph.FromMicros(since)
			}
			out[text(v[0])] = span
		}
		return nil
	})
	return out, err
}

// Commands implements graph.Audit.
func (s *Store) Commands(ctx context.Context, after muster.CommandID, limit int) (out []muster.Outcome, err error) {
	p := parameters{"after": string(after), "limit": limit}
	err = s.view(ctx, decision, "commands", p, func(_ *reader, records []*neo4j.Record) error {
		out = nil
		for _, rec := range records {
			n, ok := rec.Values[0].(neo4j.Node)
			if !ok {
				return fmt.Errorf("%T is no command", rec.Values[0])
			}
			o, err := outcome(n)
			if err != nil {
				return err
			}
			out = append(out, o)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Owners implements graph.Audit.
func (s *Store) Owners(ctx context.Context, keys ...muster.Key) (out map[muster.Key]string, err error) {
	err = s.view(ctx, decision, "owners", parameters{"keys": distinct(keys)}, func(_ *reader, records []*neo4j.Record) error {
		out = make(map[muster.Key]string, len(records))
		for _, rec := range records {
			out[muster.Key(text(rec.Values[0]))] = text(rec.Values[1])
		}
		return nil
	})
	return out, err
}

// Cursors implements graph.Audit.
func (s *Store) Cursors(ctx context.Context) (out map[string]int64, err error) {
	err = s.view(ctx, decision, "cursors", nil, func(_ *reader, records []*neo4j.Record) error {
		out = make(map[string]int64, len(records))
		for _, rec := range records {
			out[text(rec.Values[0])] = whole64(rec.Values[1])
		}
		return nil
	})
	return out, err
}
