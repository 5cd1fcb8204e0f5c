package sqlite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// writeAll writes what a batch leaves: releases before claims, records, links, commands, events.
func writeAll(q query, st *state, w graph.Writes, values map[muster.Record][]any) error {
	if err := writeKeys(q, w); err != nil {
		return err
	}
	numbers, err := number(q, st, w.Records)
	if err != nil {
		return err
	}
	byKind := make(map[muster.Kind][]muster.Record)
	for _, r := range w.Records {
		byKind[r.Kind()] = append(byKind[r.Kind()], r)
	}
	for _, t := range tables {
		if records := byKind[t.spec.Kind]; len(records) > 0 {
			b := batch{t, st, numbers, values}
			if err := b.put(q, records); err != nil {
				return fmt.Errorf("%s: %w", t.spec.Kind, err)
			}
		}
	}
	if err := writeCommands(q, w.Commands); err != nil {
		return err
	}
	return writeEvents(q, w.Events, numbers)
}

// number gives every aggregate that is written its number, and reads the rows of parts: those of new
// aggregates can't exist yet.
func number(q query, st *state, records []muster.Record) (map[string]int64, error) {
	numbers := make(map[string]int64, len(records))
	var fresh, parts []string
	for _, r := range records {
		b, exists := st.before[r.RootID()]
		switch _, root := r.(muster.Root); {
		case !root && exists:
			parts = append(parts, r.RecordID())
		case root && exists:
			numbers[r.RecordID()] = b.n
		case root:
			fresh = append(fresh, r.RecordID())
		}
	}
	if len(fresh) > 0 {
		last, err := sequence(q, "aggregate")
		if err != nil {
			return nil, err
		}
		for i, id := range fresh {
			numbers[id] = last + int64(i) + 1
		}
		if _, err := q.exec("UPDATE sequence SET value = ? WHERE name = 'aggregate'", last+int64(len(fresh))); err != nil {
			return nil, err
		}
	}
	return numbers, st.read(q, parts)
}

// batch is the records of one kind that are written together.
type batch struct {
	*table
	st      *state
	numbers map[string]int64
	values  map[muster.Record][]any
}

// put inserts the records that are new and updates the others.
func (b batch) put(q query, records []muster.Record) error {
	var fresh [][]any
	changed := make(map[uint64][][]any) // by which of the watched columns change
	var order []uint64
	for _, r := range records {
		values := b.row(r)
		before, exists := b.st.before[r.RecordID()]
		if !exists {
			fresh = append(fresh, values)
			continue
		}
		var mask uint64
		for w, i := range b.watched {
			if before.watched[w] != values[i] {
				mask |= 1 << w
			}
		}
		if changed[mask] == nil {
			order = append(order, mask)
		}
		changed[mask] = append(changed[mask], values)
	}
	into := b.name + " (" + strings.Join(b.columns, ", ") + ")"
	if err := insert(q, into, "", fresh); err != nil {
		return err
	}
	for _, mask := range order {
		if err := insert(q, into, b.upsert(mask), changed[mask]); err != nil {
			return err
		}
	}
	if b.search != nil {
		if err := b.putWords(q, records); err != nil {
			return err
		}
	}
	for _, l := range b.links {
		if err := b.putLinks(q, l, records); err != nil {
			return err
		}
	}
	return nil
}

// row gives the values of all columns.
func (b batch) row(r muster.Record) []any {
	row := b.values[r]
	if root, ok := r.(muster.Root); ok {
		id := r.RecordID()
		row = append(row, b.numbers[id], root.Alive(), b.st.Roots[id].Fence)
	} else {
		var n any // nil: SQLite counts
		if before, exists := b.st.before[r.RecordID()]; exists {
			n = before.n
		}
		row = append(row, n, b.numbers[r.RootID()])
	}
	if timed, ok := r.(muster.Timed); ok {
		row = append(row, timing(timed)...)
	}
	return row
}

// upsert is the clause that updates rows that were there before. It leaves alone what never changes, and the
// indexed columns that are as they were: SQLite would rewrite their indexes' pages.
func (t *table) upsert(mask uint64) string {
	var set []string
	for i, c := range t.columns {
		w := slices.Index(t.watched, i)
		if w >= 0 && mask&(1<<w) == 0 || c == `"id"` || c == "nr" || c == "root" {
			continue
		}
		set = append(set, c+" = excluded."+c)
	}
	return " ON CONFLICT (nr) DO UPDATE SET " + strings.Join(set, ", ")
}

// timing gives shard, lane, next_at and failures of a record that is put: the earliest of its timers.
func timing(r muster.Timed) []any {
	shard := int64(muster.ShardOf(r.RecordID()))
	name, at, ok := r.Deadlines().Next()
	if !ok || r.Terminal() {
		return []any{shard, nil, nil, int64(0)}
	}
	return []any{shard, lanes[name.Lane()], at.UnixMicro(), int64(0)}
}

// putLinks writes the links of new records, and rewrites those of records whose field has changed.
func (b batch) putLinks(q query, l link, records []muster.Record) error {
	var stale []int64
	var rows [][]any
	for _, r := range records {
		n := b.numbers[r.RecordID()]
		if before, exists := b.st.before[r.RecordID()]; exists {
			if before.watched[l.watched] == b.values[r][b.watched[l.watched]] {
				continue
			}
			stale = append(stale, n)
		}
		for _, target := range l.edge.Targets(r) {
			row := []any{n, target.ID}
			for _, p := range l.edge.Props {
				row = append(row, target.Props[p])
			}
			rows = append(rows, row)
		}
	}
	if len(stale) > 0 {
		if _, err := q.exec("DELETE FROM "+l.name+" WHERE src IN (SELECT value FROM json_each(?))", list(stale)); err != nil {
			return err
		}
	}
	return insert(q, l.name, " ON CONFLICT (src, dst) DO NOTHING", rows)
}

func writeKeys(q query, w graph.Writes) error {
	if len(w.Released) > 0 {
		keys := make([]muster.Key, len(w.Released))
		for i, k := range w.Released {
			keys[i] = k.Key
		}
		if _, err := q.exec("DELETE FROM key WHERE key IN (SELECT value FROM json_each(?))", list(keys)); err != nil {
			return err
		}
	}
	rows := make([][]any, len(w.Claimed))
	for i, k := range w.Claimed {
		rows[i] = []any{string(k.Key), k.Owner}
	}
	return insert(q, "key (key, owner)", " ON CONFLICT (key) DO UPDATE SET owner = excluded.owner", rows)
}

func writeCommands(q query, commands []muster.Outcome) error {
	rows := make([][]any, len(commands))
	for i, o := range commands {
		rows[i] = []any{string(o.ID), o.Name, actorText(o.Actor), o.Fingerprint, o.At.UnixMicro(), rawText(o.Result)}
	}
	return insert(q, "command (id, name, actor, fingerprint, at, result)", "", rows)
}

func writeEvents(q query, events []muster.Event, numbers map[string]int64) error {
	rows := make([][]any, len(events))
	for i, e := range events {
		rows[i] = []any{
			numbers[e.Aggregate], e.Aggregate, e.Rev, e.Name, int64(e.Version), e.At.UnixMicro(),
			actorText(e.Actor), string(e.Command), rawText(e.Body),
		}
	}
	return insert(q, "event (root, aggregate, rev, name, version, at, actor, command, body)", "", rows)
}

// How many rows one statement inserts. Few sizes keep the statements prepared.
var insertSizes = []int{32, 8, 1}

// insert writes rows of equal length, several with each statement. A failure gives up the transaction, so
// SQLite need not keep what would undo a single statement (OR FAIL).
func insert(q query, into, tail string, rows [][]any) error {
	for _, size := range insertSizes {
		if len(rows) < size {
			continue
		}
		one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(rows[0])), ",") + ")"
		text := "INSERT OR FAIL INTO " + into + " VALUES " + strings.TrimSuffix(strings.Repeat(one+",", size), ",") + tail
		args := make([]any, 0, size*len(rows[0]))
		for len(rows) >= size {
			args = args[:0]
			for _, r := range rows[:size] {
				args = append(args, r...)
			}
			if _, err := q.exec(text, args...); err != nil {
				return err
			}
			rows = rows[size:]
		}
	}
	return nil
}
