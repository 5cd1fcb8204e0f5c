package graphtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Now implements graph.Timers.
func (m *Model) Now(context.Context) (time.Time, error) { return Start, nil }

// due lists what is due in a lane, oldest first.
func (m *Model) due(lane muster.Lane, now time.Time) (out []graph.Wake) {
	for id, s := range m.state {
		if s.armed && s.lane == lane && !s.at.After(now) {
			out = append(out, m.wake(id))
		}
	}
	slices.SortFunc(out, func(a, b graph.Wake) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return out
}

func (m *Model) wake(id string) graph.Wake {
	s := m.state[id]
	root, _ := m.records[id].(muster.Root)
	return graph.Wake{ID: id, Kind: root.Kind(), Rev: root.Revision(), At: s.at, Fence: s.fence, Failures: s.failures, Why: s.why}
}

// DueShards implements graph.Timers.
func (m *Model) DueShards(ctx context.Context, lane muster.Lane, now time.Time) (shards []graph.DueShard, err error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	for _, w := range m.due(lane, now) {
		shards = append(shards, graph.DueShard{Shard: muster.ShardOf(w.ID), Since: w.At})
	}
	slices.SortFunc(shards, func(a, b graph.DueShard) int { return cmp.Or(a.Shard-b.Shard, a.Since.Compare(b.Since)) })
	return slices.CompactFunc(shards, func(a, b graph.DueShard) bool { return a.Shard == b.Shard }), nil
}

// ClaimDue implements graph.Timers.
func (m *Model) ClaimDue(
	ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int,
) (out []graph.Wake, err error) {
	err = m.write(ctx, func() error {
		for _, w := range m.due(lane, now) {
			if muster.ShardOf(w.ID) == shard && len(out) < limit {
				out = append(out, m.claim(w, until))
			}
		}
		return nil
	})
	return out, err
}

func (m *Model) claim(w graph.Wake, until time.Time) graph.Wake {
	s := m.state[w.ID]
	s.fence++
	s.at = until
	w.Fence = s.fence
	return w
}

// Claim implements graph.Timers.
func (m *Model) Claim(ctx context.Context, id string, now, until time.Time) (w graph.Wake, ok bool, err error) {
	err = m.write(ctx, func() error {
		if s := m.state[id]; s != nil && s.armed && !s.at.After(now) {
			w, ok = m.claim(m.wake(id), until), true
		}
		return nil
	})
	return w, ok, err
}

// Settle implements graph.Timers.
func (m *Model) Settle(ctx context.Context, settled ...graph.Settled) (lost []string, err error) {
	err = m.write(ctx, func() error {
		for _, x := range settled {
			if x.Next.IsZero() {
				return muster.E(muster.CodeInternal, "a timer without a next moment", "")
			}
		}
		for _, x := range settled {
			s, ok := m.state[x.Wake.ID]
			if !ok || !s.armed || s.fence != x.Wake.Fence {
				lost = append(lost, x.Wake.ID)
				continue
			}
			s.at, s.failures, s.why = x.Next, x.Failures, ""
			if x.Failures > 0 {
				s.why = x.Why
			}
		}
		return nil
	})
	return lost, err
}

// Failing implements graph.Timers.
func (m *Model) Failing(ctx context.Context, limit int) (out []graph.Wake, err error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	for id, s := range m.state {
		if s.armed && s.failures > 0 {
			out = append(out, m.wake(id))
		}
	}
	slices.SortFunc(out, graph.MostFailures)
	return out[:min(len(out), limit)], nil
}

// Backlog implements graph.Timers.
func (m *Model) Backlog(ctx context.Context, now time.Time) (map[muster.Lane]graph.Backlog, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	out := map[muster.Lane]graph.Backlog{}
	for _, lane := range muster.Lanes() {
		due := m.due(lane, now)
		b := graph.Backlog{Due: len(due)}
		if len(due) > 0 {
			b.Oldest = now.Sub(due[0].At)
		}
		for s := range maps.Values(m.state) {
			if s.armed && s.lane == lane && s.failures > 0 {
				b.Failed++
			}
		}
		out[lane] = b
	}
	return out, nil
}
