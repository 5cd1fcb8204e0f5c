package neo4j

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Now implements graph.Timers. With the system's clock it is the server's, which all processes share.
func (s *Store) Now(ctx context.Context) (now time.Time, err error) {
	if _, system := s.clock.(muster.SystemClock); !system {
		return s.clock.Now(), nil
	}
	err = s.look(ctx, decision, "now", nil, func(_ *reader, records []*neo4j.Record) error {
		now = graph.FromMicros(whole64(records[0].Values[0]))
		return nil
	})
	return now, err
}

// DueShards implements graph.Timers.
func (s *Store) DueShards(ctx context.Context, lane muster.Lane, now time.Time) (shards []graph.DueShard, err error) {
	p := parameters{"lane": string(lane), "now": now.UnixMicro(), "shards": muster.Shards}
	err = s.view(ctx, decision, "due_shards", p, func(_ *reader, records []*neo4j.Record) error {
		shards = nil
		for _, rec := range records {
			shards = append(shards, graph.DueShard{Shard: int(whole64(rec.Values[0])), Since: graph.FromMicros(whole64(rec.Values[1]))})
		}
		return nil
	})
	slices.SortFunc(shards, func(a, b graph.DueShard) int { return a.Shard - b.Shard })
	return shards, err
}

// ClaimDue implements graph.Timers.
func (s *Store) ClaimDue(
	ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int,
) ([]graph.Wake, error) {
	return s.claim(ctx, "claim_due", parameters{
		"lane": string(lane), "shard": shard, "now": now.UnixMicro(), "until": until.UnixMicro(), "limit": limit,
	})
}

// Claim implements graph.Timers.
func (s *Store) Claim(ctx context.Context, id string, now, until time.Time) (w graph.Wake, ok bool, err error) {
	if k := kinds[muster.KindOf(id)]; k == nil || !k.Timed {
		return w, false, nil
	}
	due, err := s.claim(ctx, "claim", parameters{"id": id, "now": now.UnixMicro(), "until": until.UnixMicro()})
	if err != nil || len(due) == 0 {
		return w, false, err
	}
	return due[0], true, nil
}

func (s *Store) claim(ctx context.Context, name string, p parameters) (due []graph.Wake, err error) {
	err = s.update(ctx, func(tx transaction) error {
		p["tag"] = s.tag()
		records, err := tx.run(name, p)
		if err != nil {
			return err
		}
		due = wakes(records)
		if len(due) == 0 {
			return errNothing
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(due, func(a, b graph.Wake) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return due, nil
}

// wakes reads rows of id, rev, at, fence, failures and why.
func wakes(records []*neo4j.Record) (out []graph.Wake) {
	for _, rec := range records {
		v := rec.Values
		id := text(v[0])
		out = append(out, graph.Wake{
			ID: id, Kind: muster.KindOf(id), Rev: whole64(v[1]), At: graph.FromMicros(whole64(v[2])),
			Fence: whole64(v[3]), Failures: int(whole64(v[4])), Why: text(v[5]),
		})
	}
	return out
}

// Settle implements graph.Timers.
func (s *Store) Settle(ctx context.Context, settled ...graph.Settled) (lost []string, err error) {
	rows := make([]any, len(settled))
	for i, x := range settled {
		if k := kinds[muster.KindOf(x.Wake.ID)]; k == nil || !k.Timed || x.Next.IsZero() {
			return nil, muster.E(muster.CodeInternal, fmt.Sprintf("timer of %q settled to %v", x.Wake.ID, x.Next), "report this")
		}
		rows[i] = map[string]any{
			"i": i, "id": x.Wake.ID, "fence": x.Wake.Fence, "next": x.Next.UnixMicro(), "failures": x.Failures, "why": x.Why,
		}
	}
	slices.SortStableFunc(rows, func(a, b any) int {
		return cmp.Compare(a.(map[string]any)["id"].(string), b.(map[string]any)["id"].(string))
	})
	err = s.update(ctx, func(tx transaction) error {
		records, err := tx.run("settle", parameters{"settled": rows, "tag": s.tag()})
		if err != nil {
			return err
		}
		moved := make(map[int]bool, len(records))
		for _, rec := range records {
			moved[int(whole64(rec.Values[0]))] = true
		}
		lost = nil
		for i, x := range settled {
			if !moved[i] {
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

// Failing implements graph.Timers.
func (s *Store) Failing(ctx context.Context, limit int) (out []graph.Wake, err error) {
	err = s.view(ctx, decision, "failing", parameters{"limit": limit}, func(_ *reader, records []*neo4j.Record) error {
		out = wakes(records)
		return nil
	})
	slices.SortFunc(out, graph.MostFailures)
	return out, err
}

// Backlog implements graph.Timers.
func (s *Store) Backlog(ctx context.Context, now time.Time) (out map[muster.Lane]graph.Backlog, err error) {
	var lanes []string
	for _, lane := range muster.Lanes() {
		lanes = append(lanes, string(lane))
	}
	p := parameters{"lanes": lanes, "shards": muster.Shards, "now": now.UnixMicro()}
	err = s.view(ctx, decision, "backlog", p, func(_ *reader, records []*neo4j.Record) error {
		out = make(map[muster.Lane]graph.Backlog, len(records))
		for _, rec := range records {
			v := rec.Values
			b := graph.Backlog{Due: int(whole64(v[1])), Failed: int(whole64(v[3]))}
			if b.Due > 0 {
				b.Oldest = now.Sub(graph.FromMicros(whole64(v[2])))
			}
			out[muster.Lane(text(v[0]))] = b
		}
		return nil
	})
	return out, err
}
