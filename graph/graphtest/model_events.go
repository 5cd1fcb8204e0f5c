package graphtest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// Pending implements graph.EventLog.
func (m *Model) Pending(ctx context.Context, limit int) (out []muster.Event, err error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	var aggregates []string
	for _, e := range m.events {
		if e.Seq == 0 && limit > 0 {
			aggregates = append(aggregates, e.Aggregate)
			limit--
		}
	}
	last := map[string]int64{} // the newest revision that has a number or was taken, without a gap
	for taken := true; taken; {
		taken = false
		for _, e := range m.events {
			if e.Rev != last[e.Aggregate]+1 || e.Seq == 0 && !slices.Contains(aggregates, e.Aggregate) {
				continue
			}
			if e.Seq == 0 {
				out = append(out, e)
			}
			last[e.Aggregate] = e.Rev
			taken = true
		}
	}
	at := func(e muster.Event) time.Time { // the latest of the pending events up to this one
		t := e.At
		for _, p := range out {
			if p.Aggregate == e.Aggregate && p.Rev < e.Rev && p.At.After(t) {
				t = p.At
			}
		}
		return t
	}
	slices.SortFunc(out, func(a, b muster.Event) int {
		return cmp.Or(at(a).Compare(at(b)), cmp.Compare(a.Aggregate, b.Aggregate), cmp.Compare(a.Rev, b.Rev))
	})
	return out, nil
}

// Number implements graph.EventLog.
func (m *Model) Number(ctx context.Context, duty string, fence int64, first int64, events []muster.Event) error {
	return m.write(ctx, func() error {
		if s, ok := m.state[duty]; !ok || s.fence != fence || first != m.head+1 {
			return muster.E(muster.CodeConflict, "not yours to number", "claim the duty, read the bounds")
		}
		positions := make([]int, len(events))
		for i, e := range events {
			positions[i] = slices.IndexFunc(m.events, func(x muster.Event) bool {
				return x.Aggregate == e.Aggregate && x.Rev == e.Rev && x.Seq == 0
			})
			if positions[i] < 0 || slices.Contains(positions[:i], positions[i]) {
				return muster.E(muster.CodeConflict, "not pending", "read what is pending")
			}
		}
		for _, p := range positions {
			m.head++
			m.events[p].Seq = m.head
		}
		return nil
	})
}

// EventsAfter implements graph.EventLog.
func (m *Model) EventsAfter(ctx context.Context, seq int64, limit int) (out []muster.Event, err error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	for _, e := range m.events {
		if e.Seq > seq {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b muster.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return out[:min(len(out), limit)], nil
}

// Bounds implements graph.EventLog.
func (m *Model) Bounds(ctx context.Context) (floor, head int64, err error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return 0, 0, err
	}
	defer leave()
	return min(1, m.head), m.head, nil
}

// Cursor implements graph.EventLog.
func (m *Model) Cursor(ctx context.Context, consumer string) (int64, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return 0, err
	}
	defer leave()
	return m.cursors[consumer], nil
}

// Advance implements graph.EventLog.
func (m *Model) Advance(ctx context.Context, consumer string, seq int64) error {
	return m.write(ctx, func() error {
		m.cursors[consumer] = max(m.cursors[consumer], seq)
		return nil
	})
}
