package sqlite

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// table is a kind as SQL knows it. Beside its fields every row has a number nr. Those of aggregates rise over
// all kinds in the order of arrival; parts, links and events refer to their aggregate by it, so that what is
// written together lies together in their indexes. (By id, which is random, a batch would touch a page of
// each index for each row: at 60,000 tickets that were 60 KB of log a ticket, and growing.)
type table struct {
	spec    graph.Spec
	name    string // quoted
	root    bool
	parent  string   // of parts: the field with the root's id
	columns []string // quoted: the fields, then what the store keeps
	selects string   // the fields, of alias t
	watched []int    // positions of the columns that indexes or links rest on
	links   []link
	search  *search // nil: nothing is searched
}

// link is a many-valued edge: rows of src (number), dst (id) and properties.
type link struct {
	edge    graph.Edge
	plain   string
	name    string // quoted
	watched int    // position in table.watched of the field that it follows from
}

var tables, tableOf = describe()

func describe() (all []*table, byKind map[muster.Kind]*table) {
	byKind = make(map[muster.Kind]*table, len(graph.Schema))
	for _, spec := range graph.Schema {
		t := newTable(spec)
		all = append(all, t)
		byKind[spec.Kind] = t
	}
	return all, byKind
}

// eachKind calls do for every kind among ids, with its ids; unknown kinds are left out.
func eachKind[S ~string](ids []S, do func(t *table, ids []string) error) error {
	byKind := make(map[muster.Kind][]string)
	for _, id := range ids {
		k := muster.KindOf(string(id))
		byKind[k] = append(byKind[k], string(id))
	}
	for _, t := range tables {
		if of := byKind[t.spec.Kind]; len(of) > 0 {
			if err := do(t, of); err != nil {
				return err
			}
		}
	}
	return nil
}

func newTable(spec graph.Spec) *table {
	t := &table{spec: spec, name: quoted(string(spec.Kind)), root: spec.Kind.IsRoot()}
	selects := make([]string, len(spec.Fields))
	position := make(map[string]int)
	for i, f := range spec.Fields {
		t.columns = append(t.columns, quoted(f.Name))
		position[f.Name] = i
		selects[i] = "t." + quoted(f.Name)
		if f.Derived {
			selects[i] = "NULL"
		}
	}
	t.selects = strings.Join(selects, ", ")
	t.columns = append(t.columns, "nr")
	if t.root {
		t.columns = append(t.columns, "alive", "fence")
	} else {
		t.parent = parentField(spec)
		t.columns = append(t.columns, "root")
	}
	if spec.Timed {
		at := len(t.columns)
		t.columns = append(t.columns, "shard", "lane", "next_at", "failures")
		t.watched = append(t.watched, at+1, at+2, at+3)
	}
	for _, x := range t.indexes() {
		for _, f := range x.Fields {
			t.watched = append(t.watched, position[f])
		}
	}
	for _, e := range spec.Edges {
		if e.Many {
			t.watched = append(t.watched, position[e.Field])
		}
	}
	if spec.Search != "" {
		t.watched = append(t.watched, position[spec.Search])
	}
	slices.Sort(t.watched)
	t.watched = slices.Compact(t.watched)
	for _, e := range spec.Edges {
		if e.Many {
			plain := string(spec.Kind) + "_" + strings.ToLower(e.Type)
			t.links = append(t.links, link{e, plain, quoted(plain), slices.Index(t.watched, position[e.Field])})
		}
	}
	if spec.Search != "" {
		plain := string(spec.Kind) + "_" + spec.Search
		t.search = &search{plain, quoted(plain), quoted(spec.Search), slices.Index(t.watched, position[spec.Search])}
	}
	return t
}

// parentField finds the field that RootID of a part gives.
func parentField(spec graph.Spec) string {
	for _, f := range spec.Fields {
		r := spec.New()
		if f.Type == graph.Text && !f.Derived && f.Set(r, "probe") == nil && r.RootID() == "probe" {
			return f.Name
		}
	}
	panic("sqlite: parts without a root: " + string(spec.Kind))
}

// indexes are those of the schema, cut to what is needed here: parts are found by root, open tickets by their
// shown states; and where an id only orders what is otherwise equal, sorting these few costs less than
// keeping a text of 20 bytes in every entry.
func (t *table) indexes() (out []graph.Index) {
	for _, x := range t.spec.Indexes {
		if n := len(x.Fields); n > 1 && x.Fields[n-1] == "id" {
			x.Fields = x.Fields[:n-1]
		}
		if len(x.Fields) == 1 && x.Fields[0] == t.parent || x.Fields[0] == "open" {
			continue
		}
		out = append(out, x)
	}
	return out
}

// load reads records that exist, by id.
func (t *table) load(q query, ids []string) ([]muster.Record, error) {
	return read[muster.Record](q, t, "json_each(?) j CROSS JOIN "+t.name+` t ON t."id" = j.value`, list(ids))
}

// records loads the records of a kind; tail follows "SELECT ... FROM", with the table as t.
func records[P muster.Record](q query, tail string, args ...any) ([]P, error) {
	return read[P](q, tableFor[P](), tail, args...)
}

// read is records for a kind that is only known at run time.
func read[P muster.Record](q query, t *table, tail string, args ...any) ([]P, error) {
	d := decoder[P]{table: t}
	into := make([]any, len(t.spec.Fields))
	err := q.each("SELECT "+t.selects+" FROM "+tail, args, func(rows *sql.Rows) error {
		values := make([]any, len(into))
		for i := range values {
			into[i] = &values[i]
		}
		err := rows.Scan(into...)
		d.add(values)
		return err
	})
	out, decodeErr := d.finish()
	if err != nil {
		return nil, err
	}
	return out, decodeErr
}

// byID loads the records of a kind that exist, by id. (SQLite follows the ids as they come; an ORDER BY would
// make it sort whole rows.)
func byID[P muster.Record, S ~string](q query, ids []S) ([]P, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	t := tableFor[P]()
	if len(ids) == 1 { // mostly so, and twice as fast
		return read[P](q, t, t.name+` t WHERE t."id" = ?`, string(ids[0]))
	}
	return read[P](q, t, "json_each(?) j CROSS JOIN "+t.name+` t ON t."id" = j.value`, list(distinct(ids)))
}

// distinct sorts ids and drops repetitions and empty ones.
func distinct[S ~string](ids []S) []S {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) > 0 && ids[0] == "" {
		ids = ids[1:]
	}
	return ids
}

// parts loads the parts of a kind of aggregates named by id, in no order.
func parts[P muster.Record, S ~string](q query, root muster.Kind, ids []S) ([]P, error) {
	t := tableFor[P]()
	if len(ids) == 1 {
		return read[P](q, t, tableOf[root].name+` r CROSS JOIN `+t.name+` t ON r."id" = ? AND t.root = r.nr`, string(ids[0]))
	}
	return read[P](q, t, "json_each(?) j CROSS JOIN "+tableOf[root].name+` r ON r."id" = j.value CROSS JOIN `+
		t.name+" t ON t.root = r.nr", list(ids))
}

// tableFor finds the table of a type of record.
func tableFor[P muster.Record]() *table {
	var none P
	return tableOf[none.Kind()] // a kind is known without a value
}
