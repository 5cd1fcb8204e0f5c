package graphtest

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Model is a graph.Store of maps: slow, small, and written without the shared rules (graph.Judge, graph.Merge),
// so that it can show them wrong. Its clock is Start's instant.
type Model struct {
	mu       sync.Mutex
	records  map[string]muster.Record
	state    map[string]*rootState
	owners   map[muster.Key]string
	commands map[muster.CommandID]muster.Outcome
	events   []muster.Event // in the order of arrival
	head     int64
	cursors  map[string]int64
	numbers  int64
	version  int
	fault    fault
}

// rootState is what the store keeps of an aggregate beside its record.
type rootState struct {
	fence    int64
	armed    bool // has a timer
	lane     muster.Lane
	at       time.Time
	failures int
	why      string
}

type fault int

const (
	noFault fault = iota
	loseReply
	loseRequest
)

var _ graph.Store = (*Model)(nil)

// NewModel makes an empty store, migrated.
func NewModel() *Model {
	return &Model{
		records: map[string]muster.Record{}, state: map[string]*rootState{}, owners: map[muster.Key]string{},
		commands: map[muster.CommandID]muster.Outcome{}, cursors: map[string]int64{}, version: graph.SchemaVersion,
	}
}

// Commit implements graph.Committer.
func (m *Model) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	if len(changes) > graph.MaxBatch {
		return nil, muster.E(muster.CodeTooLarge, "too many changes", "split the commit")
	}
	if err := ctx.Err(); err != nil {
		return nil, muster.E(muster.CodeUnavailable, "the caller gave up", "").Because(err)
	}
	for _, c := range changes {
		if err := c.Check(); err != nil {
			return nil, err
		}
		for _, r := range c.Put {
			spec, _ := graph.SpecOf(r.Kind())
			if err := spec.CheckText(spec.Encode(r)); err != nil {
				return nil, err
			}
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(); err != nil {
		return nil, err
	}
	out := make([]graph.Outcome, 0, len(changes))
	if err := m.lossy(func() error {
		for _, c := range changes {
			out = append(out, m.apply(c))
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return out, nil
}

// lossy does a write over a connection that may break before it or after. The model is locked.
func (m *Model) lossy(work func() error) error {
	f := m.fault
	m.fault = noFault
	broke := muster.E(muster.CodeUnknown, "the connection broke", "")
	if f == loseRequest {
		return broke
	}
	if err := work(); err != nil {
		return err
	}
	if f == loseReply {
		return broke
	}
	return nil
}

// write is lossy for those that need the model alone.
func (m *Model) write(ctx context.Context, work func() error) error {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return err
	}
	defer leave()
	return m.lossy(work)
}

func (m *Model) apply(c graph.Change) (o graph.Outcome) {
	if first, known := m.commands[c.Command.ID]; known {
		if first.Fingerprint != c.Command.Fingerprint {
			return graph.Outcome{Reused: true}
		}
		return graph.Outcome{Accepted: true, Replayed: true, Result: first.Result}
	}
	for _, g := range c.Expect {
		var rev, fence int64
		var alive bool
		root, exists := m.records[g.ID].(muster.Root)
		if exists {
			rev, alive, fence = root.Revision(), root.Alive(), m.state[g.ID].fence
		}
		holds := g.Rev > 0 && rev == g.Rev || g.Absent && !exists || g.Alive && alive || g.Fence > 0 && fence == g.Fence
		if !holds {
			o.Failed = append(o.Failed, graph.Failed{Guard: g, Rev: rev, Alive: alive, Fence: fence})
		}
	}
	free := map[muster.Key]bool{}
	for _, k := range c.Release {
		free[k.Key] = true
		if m.owners[k.Key] != k.Owner {
			o.Taken = append(o.Taken, graph.Taken{Claim: k, Owner: m.owners[k.Key]})
		}
	}
	for _, k := range c.Claim {
		if owner := m.owners[k.Key]; owner != "" && owner != k.Owner && !free[k.Key] {
			o.Taken = append(o.Taken, graph.Taken{Claim: k, Owner: owner})
		}
	}
	if o.Failed != nil || o.Taken != nil {
		return o
	}
	for _, k := range c.Release {
		delete(m.owners, k.Key)
	}
	for _, k := range c.Claim {
		m.owners[k.Key] = k.Owner
	}
	for _, r := range c.Put {
		m.put(r)
	}
	for _, e := range c.Events {
		e.Command = c.Command.ID
		m.events = append(m.events, e)
	}
	m.commands[c.Command.ID] = muster.Outcome{
		ID: c.Command.ID, Name: c.Command.Name, Actor: c.Command.Actor, Fingerprint: c.Command.Fingerprint, At: c.At, Result: c.Result,
	}
	return graph.Outcome{Accepted: true, Result: c.Result}
}

func (m *Model) put(r muster.Record) {
	m.records[r.RecordID()] = clone(r)
	root, ok := r.(muster.Root)
	if !ok {
		return
	}
	if m.state[root.RecordID()] == nil {
		m.state[root.RecordID()] = &rootState{}
	}
	s := m.state[root.RecordID()]
	*s = rootState{fence: s.fence + 1}
	timed, ok := r.(muster.Timed)
	if !ok || timed.Terminal() {
		return
	}
	name, at, _ := timed.Deadlines().Next()
	s.armed, s.at, s.lane = true, at, name.Lane()
}

// clone copies a record by way of its stored form.
func clone(r muster.Record) muster.Record {
	spec, _ := graph.SpecOf(r.Kind())
	c, err := spec.Decode(spec.Encode(r))
	if err != nil {
		panic("graphtest: " + err.Error()) // a defect of the schema table
	}
	return c
}

// all gives copies of the records of a kind that pass, by id.
func all[P muster.Record](m *Model, pass func(P) bool) (out []P) {
	for _, id := range slices.Sorted(maps.Keys(m.records)) {
		if p, ok := m.records[id].(P); ok && pass(p) {
			out = append(out, clone(p).(P))
		}
	}
	return out
}

func everything[P muster.Record](P) bool { return true }

// plain copies records out of their pointers.
func plain[T any](pointers []*T) (out []T) {
	for _, p := range pointers {
		out = append(out, *p)
	}
	return out
}

func get[P muster.Record, S ~string](m *Model, id S) (P, bool) {
	p, ok := m.records[string(id)].(P)
	if !ok {
		return p, false
	}
	return clone(p).(P), true
}

// enter locks the model for a read and answers for a command that was carried out.
func (m *Model) enter(ctx context.Context, cmd muster.CommandID) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, muster.E(muster.CodeUnavailable, "the caller gave up", "").Because(err)
	}
	m.mu.Lock()
	if err := m.usable(); err != nil {
		m.mu.Unlock()
		return nil, err
	}
	if o, known := m.commands[cmd]; known && cmd != "" {
		m.mu.Unlock()
		return nil, &graph.Replayed{Outcome: o}
	}
	return m.mu.Unlock, nil
}

// usable refuses to work under another schema. The model is locked.
func (m *Model) usable() error {
	return graph.CheckVersion("the model", m.version)
}
