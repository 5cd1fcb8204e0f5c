package graphtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Scan implements graph.Audit.
func (m *Model) Scan(ctx context.Context, kind muster.Kind, after string, limit int) ([]muster.Record, error) {
	if _, ok := graph.SpecOf(kind); !ok {
		return nil, muster.Invalid("kind", string(kind), "name a kind of record")
	}
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	out := all(m, func(r muster.Record) bool { return r.Kind() == kind && r.RecordID() > after })
	return out[:min(len(out), limit)], nil
}

// TicketCases implements graph.Audit.
func (m *Model) TicketCases(ctx context.Context, after string, limit int) (out []graph.TicketCase, err error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	for _, t := range all(m, func(t *muster.Ticket) bool { return string(t.ID) > after }) {
		if len(out) < limit {
			out = append(out, m.parts(t))
		}
	}
	return out, nil
}

// Wakes implements graph.Audit.
func (m *Model) Wakes(ctx context.Context, ids ...string) (map[string]graph.Wake, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	out := map[string]graph.Wake{}
	for _, id := range ids {
		if s, ok := m.state[id]; ok && s.armed {
			out[id] = m.wake(id)
		}
	}
	return out, nil
}

// EventSpans implements graph.Audit.
func (m *Model) EventSpans(ctx context.Context, ids ...string) (map[string]graph.EventSpan, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	out := map[string]graph.EventSpan{}
	by := map[string]bool{}
	for _, e := range m.events {
		if slices.Contains(ids, e.Aggregate) {
			s := out[e.Aggregate]
			key := e.Aggregate + " " + string(e.Command)
			if !by[key] {
				s.Commands++
			}
			by[key] = true
			s.Low, s.High, s.Count = min(cmp.Or(s.Low, e.Rev), e.Rev), max(s.High, e.Rev), s.Count+1
			if e.Seq == 0 && (s.Since.IsZero() || e.At.Before(s.Since)) {
				s.Since = e.At
			}
			out[e.Aggregate] = s
		}
	}
	return out, nil
}

// Commands implements graph.Audit.
func (m *Model) Commands(ctx context.Context, after muster.CommandID, limit int) ([]muster.Outcome, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	var out []muster.Outcome
	for _, id := range slices.Sorted(maps.Keys(m.commands)) {
		if id > after && len(out) < limit {
			out = append(out, m.commands[id])
		}
	}
	return out, nil
}

// Cursors implements graph.Audit.
func (m *Model) Cursors(ctx context.Context) (map[string]int64, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	return maps.Clone(m.cursors), nil
}

// Owners implements graph.Audit.
func (m *Model) Owners(ctx context.Context, keys ...muster.Key) (map[muster.Key]string, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	out := map[muster.Key]string{}
	for _, k := range keys {
		if owner, ok := m.owners[k]; ok {
			out[k] = owner
		}
	}
	return out, nil
}

// Migrate implements graph.Admin.
func (m *Model) Migrate(context.Context) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.version > graph.SchemaVersion {
		return muster.E(muster.CodeNewerSchema, "the store is newer", "use the newer Muster")
	}
	return m.lossy(func() error {
		m.version = graph.SchemaVersion
		return nil
	})
}

// Version implements graph.Admin.
func (m *Model) Version(context.Context) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.version, nil
}

// Reserve implements graph.Admin.
func (m *Model) Reserve(ctx context.Context, n int) (first int64, err error) {
	if n < 1 {
		return 0, muster.Invalid("n", strconv.Itoa(n), "reserve at least one number")
	}
	err = m.write(ctx, func() error {
		first = m.numbers + 1
		m.numbers += int64(n)
		return nil
	})
	return first, err
}

// Analyze implements graph.Admin.
func (m *Model) Analyze(context.Context) error { return nil }

// Prune implements graph.Admin.
func (m *Model) Prune(ctx context.Context, before time.Time, limit int) (int, error) {
	return m.prune(ctx, before, limit, func(muster.Outcome) bool { return true })
}

// PruneJobs implements graph.Admin.
func (m *Model) PruneJobs(ctx context.Context, before time.Time, limit int) (int, error) {
	return m.prune(ctx, before, limit, func(o muster.Outcome) bool { return o.Actor.Job() })
}

func (m *Model) prune(ctx context.Context, before time.Time, limit int, which func(muster.Outcome) bool) (n int, err error) {
	err = m.write(ctx, func() error {
		old := slices.SortedFunc(maps.Values(m.commands), func(a, b muster.Outcome) int {
			return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID))
		})
		old = slices.DeleteFunc(old, func(o muster.Outcome) bool { return !o.At.Before(before) || !which(o) })
		old = old[:min(len(old), limit)]
		for _, o := range old {
			delete(m.commands, o.ID)
		}
		n = len(old)
		return nil
	})
	return n, err
}

// Close implements graph.Admin.
func (m *Model) Close(context.Context) error { return nil }

// Faults gives the suite its hold on the model's connection.
func (m *Model) Faults() Faults {
	arm := func(f fault) func() {
		return func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.fault = f
		}
	}
	return Faults{LoseReply: arm(loseReply), LoseRequest: arm(loseRequest)}
}

// Hide takes an event away until restore.
func (m *Model) Hide(aggregate string, rev int64) (restore func()) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.events, func(e muster.Event) bool { return e.Aggregate == aggregate && e.Rev == rev })
	hidden := m.events[i]
	m.events = slices.Delete(m.events, i, i+1)
	return func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.events = slices.Insert(m.events, i, hidden)
	}
}

// SetVersion pretends that the schema is of another version.
func (m *Model) SetVersion(v int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.version = v
}
