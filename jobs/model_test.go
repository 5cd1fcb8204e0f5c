package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/servertest"
)

func TestMain(m *testing.M) {
	// The client looks for a lost server once a second, and notices that it was closed when it looks again.
	servertest.Main(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

var quietly = slog.New(slog.DiscardHandler)

// monday is where test clocks start.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// fault is what happens to one call of the model.
type fault int

const (
	fine   fault = iota
	broken       // nothing is done, and the caller learns so
	lost         // it is done, but the caller learns nothing
	killed       // it is done, and the caller is no more
)

// crash is what a killed process panics with.
type crash struct{}

// model is the part of a store that jobs use, in maps, with faults between any two calls.
type model struct {
	clock muster.Clock
	// before is asked ahead of every call, without any lock: it may let others act in between.
	before func(call string) fault
	// missed are the events that an index scan under change does not see: of the first statement of
	// Pending, and of the second.
	missed func(statement int, e muster.Event) bool

	mu       sync.Mutex
	timers   map[string]*timer
	events   []muster.Event
	commands map[muster.CommandID]bool
	records  map[string]muster.Record
	cursors  map[string]int64
	floor    int64
	calls    map[string]int
}

type timer struct {
	graph.Wake
	lane muster.Lane
}

func newModel(clock muster.Clock) *model {
	return &model{
		clock: clock, timers: make(map[string]*timer), commands: make(map[muster.CommandID]bool),
		records: make(map[string]muster.Record),
		cursors: make(map[string]int64), calls: make(map[string]int), floor: 1,
	}
}

// do makes one call, with the fault that befalls it.
func (m *model) do(ctx context.Context, call string, work func() error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	f := fine
	if m.before != nil {
		f = m.before(call)
	}
	if f == broken {
		return muster.E(muster.CodeUnavailable, "injected", "none")
	}
	m.mu.Lock()
	m.calls[call]++
	err := work()
	m.mu.Unlock()
	switch f {
	case lost:
		return muster.E(muster.CodeUnknown, "injected", "none")
	case killed:
		panic(crash{})
	}
	return err
}

// bump adds an event of an aggregate, as a command elsewhere would.
func (m *model) bump(aggregate string, at time.Time) muster.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	rev := int64(1)
	for _, e := range m.events {
		if e.Aggregate == aggregate {
			rev = max(rev, e.Rev+1)
		}
	}
	e := muster.Event{
		Aggregate: aggregate, Rev: rev, Name: "ticket.changed", Version: 1, At: at,
		Actor: muster.System("test"), Body: json.RawMessage(fmt.Sprintf(`{"rev":%d}`, rev)),
	}
	m.events = append(m.events, e)
	return e
}

func (m *model) put(id string, lane muster.Lane, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.timers[id] = &timer{graph.Wake{ID: id, Kind: muster.KindOf(id), Rev: 1, At: at, Fence: 1}, lane}
}

func (m *model) timer(id string) graph.Wake {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.timers[id].Wake
}

func (m *model) Commit(ctx context.Context, changes ...graph.Change) (out []graph.Outcome, err error) {
	err = m.do(ctx, "Commit", func() error {
		for _, c := range changes {
			if err := c.Check(); err != nil {
				return err
			}
			o := graph.Outcome{Accepted: true}
			for _, g := range c.Expect {
				is := int64(0)
				if root, there := m.records[g.ID].(muster.Root); there {
					is = root.Revision()
				}
				if g.Absent && is > 0 || g.Rev > 0 && g.Rev != is {
					o = graph.Outcome{Failed: []graph.Failed{{Guard: g, Rev: is}}}
				}
			}
			if m.commands[c.Command.ID] {
				o = graph.Outcome{Accepted: true, Replayed: true}
			}
			out = append(out, o)
			if !o.Accepted || o.Replayed {
				continue
			}
			m.commands[c.Command.ID] = true
			m.events = append(m.events, c.Events...)
			for _, r := range c.Put {
				m.records[r.RecordID()] = r
				delete(m.timers, r.RecordID())
				t, timed := r.(muster.Timed)
				if name, at, open := t.Deadlines().Next(); timed && open {
					m.timers[r.RecordID()] = &timer{graph.Wake{ID: r.RecordID(), Kind: r.Kind(), Rev: 1, At: at, Fence: 1}, name.Lane()}
				}
			}
		}
		return nil
	})
	return out, err
}

func (m *model) Records(ctx context.Context, _ muster.CommandID, ids ...string) (map[string]muster.Record, error) {
	out := make(map[string]muster.Record)
	err := m.do(ctx, "Records", func() error {
		for _, id := range ids {
			if r, there := m.records[id]; there {
				out[id] = r
			}
		}
		return nil
	})
	return out, err
}

func (m *model) History(ctx context.Context, _ muster.Scope, aggregate string) (out []muster.Event, err error) {
	err = m.do(ctx, "History", func() error {
		for _, e := range m.events {
			if e.Aggregate == aggregate {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

func (m *model) Now(ctx context.Context) (at time.Time, err error) {
	err = m.do(ctx, "Now", func() error { at = m.clock.Now(); return nil })
	return at, err
}

func (m *model) DueShards(ctx context.Context, lane muster.Lane, now time.Time) (out []graph.DueShard, err error) {
	err = m.do(ctx, "DueShards", func() error {
		for id, t := range m.timers {
			if t.lane == lane && !t.At.After(now) {
				out = append(out, graph.DueShard{Shard: muster.ShardOf(id), Since: t.At})
			}
		}
		slices.SortFunc(out, func(a, b graph.DueShard) int { return cmp.Or(a.Shard-b.Shard, a.Since.Compare(b.Since)) })
		out = slices.CompactFunc(out, func(a, b graph.DueShard) bool { return a.Shard == b.Shard })
		return nil
	})
	return out, err
}

func (m *model) ClaimDue(ctx context.Context, lane muster.Lane, shard int, now, until time.Time, limit int) (out []graph.Wake, err error) {
	err = m.do(ctx, "ClaimDue", func() error {
		var due []*timer
		for id, t := range m.timers {
			if t.lane == lane && muster.ShardOf(id) == shard && !t.At.After(now) {
				due = append(due, t)
			}
		}
		slices.SortFunc(due, func(a, b *timer) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
		for _, t := range due[:min(limit, len(due))] {
			t.Fence++
			out = append(out, t.Wake)
			t.At = until
		}
		return nil
	})
	return out, err
}

func (m *model) Claim(ctx context.Context, id string, now, until time.Time) (w graph.Wake, ok bool, err error) {
	err = m.do(ctx, "Claim", func() error {
		t, there := m.timers[id]
		if !there || t.At.After(now) {
			return nil
		}
		t.Fence++
		w, ok = t.Wake, true
		t.At = until
		return nil
	})
	return w, ok, err
}

func (m *model) Settle(ctx context.Context, settled ...graph.Settled) (gone []string, err error) {
	err = m.do(ctx, "Settle", func() error {
		for _, s := range settled {
			t, there := m.timers[s.Wake.ID]
			if !there || t.Fence != s.Wake.Fence {
				gone = append(gone, s.Wake.ID)
				continue
			}
			t.At, t.Failures, t.Why = s.Next, s.Failures, s.Why
		}
		return nil
	})
	return gone, err
}

func (m *model) Backlog(context.Context, time.Time) (map[muster.Lane]graph.Backlog, error) {
	return map[muster.Lane]graph.Backlog{}, nil
}

func (m *model) Pending(ctx context.Context, limit int) (out []muster.Event, err error) {
	var aggregates []string
	err = m.do(ctx, "Pending", func() error {
		for _, e := range m.events {
			if e.Seq == 0 && len(aggregates) < limit && (m.missed == nil || !m.missed(1, e)) {
				aggregates = append(aggregates, e.Aggregate)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = m.do(ctx, "Pending again", func() error {
		numbered := make(map[string]int64)
		var pending []muster.Event
		for _, e := range m.events {
			switch {
			case e.Seq > 0:
				numbered[e.Aggregate] = max(numbered[e.Aggregate], e.Rev)
			case slices.Contains(aggregates, e.Aggregate) && (m.missed == nil || !m.missed(2, e)):
				pending = append(pending, e)
			}
		}
		out = graph.Relayable(pending, numbered)
		return nil
	})
	return out, err
}

func (m *model) Number(ctx context.Context, duty string, fence int64, first int64, events []muster.Event) error {
	return m.do(ctx, "Number", func() error {
		if t, there := m.timers[duty]; !there || t.Fence != fence {
			return muster.E(muster.CodeConflict, "the fence is gone", "none")
		}
		if first != m.head()+1 {
			return muster.E(muster.CodeConflict, "the head has moved", "none")
		}
		for i, e := range events {
			for n := range m.events {
				if h := &m.events[n]; h.Aggregate == e.Aggregate && h.Rev == e.Rev {
					if h.Seq != 0 {
						return muster.E(muster.CodeInternal, fmt.Sprintf("%s/%d has number %d already", e.Aggregate, e.Rev, h.Seq), "none")
					}
					h.Seq = first + int64(i)
				}
			}
		}
		return nil
	})
}

func (m *model) head() (head int64) {
	for _, e := range m.events {
		head = max(head, e.Seq)
	}
	return head
}

func (m *model) numbered() []muster.Event {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.DeleteFunc(slices.Clone(m.events), func(e muster.Event) bool { return e.Seq == 0 })
	slices.SortStableFunc(out, func(a, b muster.Event) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}

func (m *model) EventsAfter(ctx context.Context, seq int64, limit int) (out []muster.Event, err error) {
	err = m.do(ctx, "EventsAfter", func() error {
		for _, e := range m.events {
			if e.Seq > seq && e.Seq >= m.floor {
				out = append(out, e)
			}
		}
		slices.SortFunc(out, func(a, b muster.Event) int { return cmp.Compare(a.Seq, b.Seq) })
		out = out[:min(limit, len(out))]
		return nil
	})
	return out, err
}

func (m *model) Bounds(ctx context.Context) (floor, head int64, err error) {
	err = m.do(ctx, "Bounds", func() error {
		if head = m.head(); head > 0 {
			floor = m.floor
		}
		return nil
	})
	return floor, head, err
}

func (m *model) Cursor(ctx context.Context, consumer string) (seq int64, err error) {
	err = m.do(ctx, "Cursor", func() error { seq = m.cursors[consumer]; return nil })
	return seq, err
}

func (m *model) Advance(ctx context.Context, consumer string, seq int64) error {
	return m.do(ctx, "Advance", func() error { m.cursors[consumer] = max(m.cursors[consumer], seq); return nil })
}

func (m *model) count(call string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.calls[call]
}

func (m *model) lanes() map[string]graph.Wake {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := make(map[string]graph.Wake)
	for id := range maps.Keys(m.timers) {
		out[id] = m.timers[id].Wake
	}
	return out
}

func (m *model) Failing(context.Context, int) ([]graph.Wake, error) { return nil, nil }
