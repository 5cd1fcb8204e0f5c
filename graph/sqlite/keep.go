package sqlite

import (
	"database/sql"
	"maps"
	"slices"
	"sync"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// keep remembers aggregates by revision, so that what decisions read again and again is neither read nor decoded again. A
// commit can't alter an aggregate, or a part of one, without a new revision (graph.Change.Check), and each read asks the
// store for the revision in its own transaction: what is kept is never older than what is there. Whoever asks gets a copy
// of their own.
type keep struct {
	mu         sync.Mutex
	young, old map[string]*aggregate // by id; once young is full, what is in old and wasn't asked for goes
}

// How much is kept: twice so many aggregates, none with more parts than partsKept.
const (
	kept      = 6_000
	partsKept = 200
)

// aggregate is what is known of one at a revision.
type aggregate struct {
	rev   int64
	root  *memory
	parts map[string]*memory   // by id
	whole map[muster.Kind]bool // kinds of which all parts are known
	fresh bool                 // it has no parts but those
	many  bool                 // it has more parts than are kept: none is
}

// memory is a record, as it was decoded or as the values that are to be decoded when somebody asks.
type memory struct {
	table  *table
	once   sync.Once
	values []any
	record muster.Record
	err    error
}

func remembered(t *table, r muster.Record) *memory { return &memory{table: t, record: r} }

// own gives a copy.
func (m *memory) own() (muster.Record, error) {
	m.once.Do(func() {
		if m.record == nil {
			m.record, m.err = m.table.spec.Decode(m.values)
			m.values = nil
		}
	})
	if m.err != nil {
		return nil, m.err
	}
	return graph.Clone(m.record), nil
}

// find gives an aggregate, nil if it isn't kept. The caller holds mu.
func (k *keep) find(id string) *aggregate {
	if a := k.young[id]; a != nil {
		return a
	}
	a := k.old[id]
	if a != nil {
		delete(k.old, id)
		k.set(id, a)
	}
	return a
}

func (k *keep) set(id string, a *aggregate) {
	if k.young == nil || len(k.young) >= kept {
		k.old, k.young = k.young, make(map[string]*aggregate, kept)
	}
	k.young[id] = a
}

// at gives an aggregate at a revision, a new one if that isn't kept; nil if a later one is: the caller's transaction has
// seen an earlier state. The caller holds mu.
func (k *keep) at(id string, rev int64) *aggregate {
	a := k.find(id)
	if a == nil || a.rev < rev {
		a = &aggregate{rev: rev}
		k.set(id, a)
	}
	if a.rev > rev {
		return nil
	}
	return a
}

// root gives an aggregate's root at a revision, nil if it isn't known.
func (k *keep) root(id string, rev int64) *memory {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a := k.find(id); a != nil && a.rev == rev {
		return a.root
	}
	return nil
}

// knows tells whether there is any revision of an aggregate's root.
func (k *keep) knows(id string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.find(id)
	return a != nil && a.root != nil
}

// part gives one part of an aggregate at a revision, nil if it isn't known.
func (k *keep) part(root string, rev int64, id string) *memory {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a := k.find(root); a != nil && a.rev == rev {
		return a.parts[id]
	}
	return nil
}

// parts gives all parts of a kind of an aggregate at a revision, in no order; ok is false if they aren't known.
func (k *keep) parts(root string, rev int64, kind muster.Kind) (out []*memory, ok bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.find(root)
	if a == nil || a.rev != rev || !a.whole[kind] && !a.fresh {
		return nil, false
	}
	for _, m := range a.parts {
		if m.table.spec.Kind == kind {
			out = append(out, m)
		}
	}
	return out, true
}

func (k *keep) learnRoot(id string, rev int64, m *memory) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if a := k.at(id, rev); a != nil && a.root == nil {
		a.root = m
	}
}

// learnParts takes in parts of an aggregate at a revision; whole tells that these are all of their kind.
func (k *keep) learnParts(root string, rev int64, kind muster.Kind, found []muster.Record, whole bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	a := k.at(root, rev)
	if a == nil {
		return
	}
	for _, r := range found {
		a.put(r.RecordID(), remembered(tableOf[kind], r))
	}
	if !whole || a.many {
		return
	}
	if a.whole == nil {
		a.whole = make(map[muster.Kind]bool)
	}
	a.whole[kind] = true
}

func (a *aggregate) put(id string, m *memory) {
	if a.many {
		return
	}
	if a.parts == nil {
		a.parts = make(map[string]*memory)
	}
	a.parts[id] = m
	if len(a.parts) > partsKept {
		a.parts, a.whole, a.fresh, a.many = nil, nil, false, true
	}
}

// wrote takes in what a commit has written, which had these revisions before it. Parts that weren't written are as they
// were. The caller has the writer, so that commits come in order.
func (k *keep) wrote(before map[string]int64, records []muster.Record, values map[muster.Record][]any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	revs := make(map[string]int64)
	for _, r := range records { // roots come first
		t := tableOf[r.Kind()]
		m := &memory{table: t, values: values[r][:len(t.spec.Fields)]}
		root, ok := r.(muster.Root)
		if !ok {
			if a := k.find(r.RootID()); a != nil && a.rev == revs[r.RootID()] {
				a.put(r.RecordID(), m)
			}
			continue
		}
		id := r.RecordID()
		now := &aggregate{rev: root.Revision(), root: m}
		revs[id] = now.rev
		had := k.find(id)
		switch rev, existed := before[id]; {
		case had != nil && had.rev >= now.rev: // somebody has read it already
			continue
		case existed && had != nil && had.rev == rev:
			now.parts, now.whole, now.fresh, now.many = had.parts, had.whole, had.fresh, had.many
		case !existed:
			now.fresh = true
		}
		k.set(id, now)
	}
}

// clear forgets everything.
func (k *keep) clear() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.young, k.old = nil, nil
}

// copies gives a copy of each record.
func copies[P muster.Record](memories []*memory) ([]P, error) {
	out := make([]P, len(memories))
	for i, m := range memories {
		r, err := m.own()
		if err != nil {
			return nil, err
		}
		out[i] = r.(P)
	}
	return out, nil
}

// roots loads aggregates' roots; tail follows "SELECT ... FROM", with the table as t. It asks for revisions first, and reads
// what isn't kept.
func roots[P muster.Root](q query, tail string, args ...any) ([]P, error) {
	if q.keep == nil {
		return records[P](q, tail, args...)
	}
	t := tableFor[P]()
	var ids []string
	var revs []int64
	err := q.each(`SELECT t."id", t."rev" FROM `+tail, args, func(rows *sql.Rows) error {
		var id string
		var rev int64
		err := rows.Scan(&id, &rev)
		ids, revs = append(ids, id), append(revs, rev)
		return err
	})
	if err != nil {
		return nil, err
	}
	memories := make([]*memory, len(ids))
	missing := make(map[string]int)
	for i, id := range ids {
		if memories[i] = q.keep.root(id, revs[i]); memories[i] == nil {
			missing[id] = i
		}
	}
	if len(missing) > 0 {
		found, err := byID[P](q, slices.Collect(maps.Keys(missing)))
		if err != nil {
			return nil, err
		}
		for _, r := range found {
			i := missing[r.RecordID()]
			memories[i] = remembered(t, r)
			q.keep.learnRoot(ids[i], revs[i], memories[i])
		}
		for i, m := range memories {
			if m == nil { // it was asked for twice
				memories[i] = memories[missing[ids[i]]]
			}
		}
	}
	return copies[P](memories)
}

// rootsByID loads the aggregates' roots of a kind that exist, by id.
func rootsByID[P muster.Root, S ~string](q query, ids []S) ([]P, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	t := tableFor[P]()
	if len(ids) > 1 {
		return roots[P](q, "json_each(?) j CROSS JOIN "+t.name+` t ON t."id" = j.value`, list(distinct(ids)))
	}
	if q.keep != nil && !q.keep.knows(string(ids[0])) { // no need to ask for the revision
		found, err := byID[P](q, ids)
		if err != nil || len(found) == 0 {
			return nil, err
		}
		m := remembered(t, found[0])
		q.keep.learnRoot(string(ids[0]), found[0].Revision(), m)
		return copies[P]([]*memory{m})
	}
	return roots[P](q, t.name+` t WHERE t."id" = ?`, string(ids[0]))
}

// partsAt loads the parts of a kind of aggregates whose roots were read in the same transaction, ordered by less.
func partsAt[P muster.Record, R muster.Root](q query, of []R, order func(a, b P) int) ([]P, error) {
	t := tableFor[P]()
	var memories []*memory
	missing := make(map[string]int64)
	var ids []string
	for _, r := range of {
		id := r.RecordID()
		if q.keep != nil {
			if found, ok := q.keep.parts(id, r.Revision(), t.spec.Kind); ok {
				memories = append(memories, found...)
				continue
			}
		}
		missing[id] = r.Revision()
		ids = append(ids, id)
	}
	out, err := copies[P](memories)
	if err != nil {
		return nil, err
	}
	if len(ids) > 0 {
		var none R
		found, err := parts[P](q, none.Kind(), ids)
		if err != nil {
			return nil, err
		}
		if q.keep != nil {
			byRoot := make(map[string][]muster.Record, len(ids))
			for _, r := range found {
				byRoot[r.RootID()] = append(byRoot[r.RootID()], graph.Clone(r))
			}
			for id, rev := range missing {
				q.keep.learnParts(id, rev, t.spec.Kind, byRoot[id], true)
			}
		}
		out = append(out, found...)
	}
	slices.SortFunc(out, order)
	return out, nil
}
