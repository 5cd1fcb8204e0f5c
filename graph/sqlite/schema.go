package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// The tables that belong to the store, beside those of the kinds.
const ownTables = `
CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE sequence (name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO sequence (name, value) VALUES ('aggregate', 0), ('event', 0), ('ticket', 0);
CREATE TABLE cursor (consumer TEXT NOT NULL PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE key (key TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE command (
	nr INTEGER NOT NULL PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, actor TEXT NOT NULL,
	fingerprint TEXT NOT NULL, at INTEGER NOT NULL, result TEXT
) STRICT;
CREATE INDEX command_at ON command (at);
CREATE TABLE event (
	nr INTEGER NOT NULL PRIMARY KEY, root INTEGER NOT NULL, aggregate TEXT NOT NULL, rev INTEGER NOT NULL,
	name TEXT NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,
	command TEXT NOT NULL, body TEXT, seq INTEGER, UNIQUE (root, rev)
) STRICT;
CREATE INDEX event_pending ON event (nr) WHERE seq IS NULL;
CREATE UNIQUE INDEX event_seq ON event (seq) WHERE seq IS NOT NULL;
`

// ofJobs says in SQL what muster.Actor.Job does.
var ofJobs = fmt.Sprintf(`actor ->> 'role' = '%s' AND actor ->> 'id' <> '%s'`, muster.RoleSystem, muster.System(muster.Intake).ID)

// jobsIndex finds them by their time; an index of a part of the table, because people's are kept for longer.
var jobsIndex = "CREATE INDEX IF NOT EXISTS command_jobs ON command (at) WHERE " + ofJobs + ";\n"

// schema is the DDL of all tables.
func schema() string {
	var b strings.Builder
	b.WriteString(ownTables)
	b.WriteString(jobsIndex)
	for _, t := range tables {
		t.create(&b)
	}
	return b.String()
}

// create writes the DDL of a kind: its fields, what the store keeps beside them (a number; for roots alive
// and fence, for parts the root's number, for timed ones shard, lane, next_at, failures and the last failure), its indexes
// and its link tables.
func (t *table) create(b *strings.Builder) {
	columns := []string{"nr INTEGER NOT NULL PRIMARY KEY"}
	for _, f := range t.spec.Fields {
		c := quoted(f.Name) + " " + columnType(f.Type)
		if f.Name == "id" {
			c += " NOT NULL UNIQUE"
		}
		columns = append(columns, c)
	}
	if t.root {
		columns = append(columns, "alive INTEGER NOT NULL", "fence INTEGER NOT NULL")
	} else {
		columns = append(columns, "root INTEGER NOT NULL")
	}
	if t.spec.Timed {
		columns = append(columns, "shard INTEGER NOT NULL", "lane INTEGER", "next_at INTEGER", "failures INTEGER NOT NULL", "failure TEXT")
	}
	fmt.Fprintf(b, "CREATE TABLE %s (\n\t%s\n) STRICT;\n", t.name, strings.Join(columns, ",\n\t"))
	t.createIndexes(b)
	if !t.root {
		t.index(b, false, "root", "root")
	}
	if t.spec.Timed {
		t.createDue(b)
	}
	if t.search != nil {
		b.WriteString(t.search.create())
	}
	for _, l := range t.links {
		fmt.Fprintf(b, "CREATE TABLE %s (src INTEGER NOT NULL, dst TEXT NOT NULL", l.name)
		for _, p := range l.edge.Props {
			fmt.Fprintf(b, ", %s INTEGER", quoted(p))
		}
		fmt.Fprintf(b, ", PRIMARY KEY (src, dst)) STRICT, WITHOUT ROWID;\n")
		fmt.Fprintf(b, "CREATE INDEX %s ON %s (dst, src);\n", quoted(l.plain+"_dst"), l.name)
	}
}

// createIndexes writes the DDL of the indexes of the schema.
func (t *table) createIndexes(b *strings.Builder) {
	for _, x := range t.indexes() {
		names := make([]string, len(x.Fields))
		for i, f := range x.Fields {
			names[i] = quoted(f)
		}
		t.index(b, x.Unique, strings.Join(x.Fields, "_"), strings.Join(names, ", "))
	}
}

func (t *table) index(b *strings.Builder, unique bool, name, on string) {
	word := "INDEX"
	if unique {
		word = "UNIQUE INDEX"
	}
	fmt.Fprintf(b, "CREATE %s IF NOT EXISTS %s ON %s (%s);\n", word, quoted(string(t.spec.Kind)+"_"+name), t.name, on)
}

func columnType(t graph.Type) string {
	switch t {
	case graph.Int, graph.Bool, graph.Time:
		return "INTEGER"
	case graph.Real:
		return "REAL"
	default:
		return "TEXT"
	}
}

// Migrate implements graph.Admin.
func (s *Store) Migrate(ctx context.Context) error {
	s.keep.clear()
	return s.alter(ctx, func(q query) error {
		v, err := version(q)
		if err != nil {
			return err
		}
		switch {
		case v > graph.SchemaVersion:
			return graph.CheckVersion("the store at "+s.path, v)
		case v == graph.SchemaVersion:
			return nil
		case v > 0:
			return update(q)
		}
		others := 0
		err = q.each("SELECT count(*) FROM sqlite_schema", nil, func(r *sql.Rows) error { return r.Scan(&others) })
		if err != nil {
			return err
		}
		if others > 0 {
			return muster.E(muster.CodeUnsuitable, s.path+" is another program's database", "name another file")
		}
		if _, err := q.on.conn.ExecContext(q.ctx, schema()); err != nil {
			return err
		}
		_, err = q.on.conn.ExecContext(q.ctx, "INSERT INTO meta (name, value) VALUES ('schema', ?)", graph.SchemaVersion)
		return err
	})
}

// update adds the columns and indexes that have come since the store was made.
func update(q query) error {
	if _, err := q.on.conn.ExecContext(q.ctx, jobsIndex); err != nil {
		return err
	}
	for _, t := range tables {
		has := make(map[string]bool)
		err := q.each("SELECT name FROM pragma_table_info(?)", []any{string(t.spec.Kind)}, func(r *sql.Rows) error {
			var name string
			err := r.Scan(&name)
			has[name] = true
			return err
		})
		if err != nil {
			return err
		}
		switch {
		case !t.spec.Timed || has["failure"]:
		case has["next_at"]:
			if _, err := q.on.conn.ExecContext(q.ctx, "ALTER TABLE "+t.name+" ADD COLUMN failure TEXT"); err != nil {
				return err
			}
		case t.spec.Kind == muster.KindMessage: // before 4, when nothing had ever written one
			if err := remake(q, t); err != nil {
				return err
			}
			continue
		default:
			if err := makeTimed(q, t); err != nil {
				return err
			}
		}
		for _, f := range t.spec.Fields {
			if has[f.Name] {
				continue
			}
			text := fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s", t.name, quoted(f.Name), columnType(f.Type))
			if _, err := q.on.conn.ExecContext(q.ctx, text); err != nil {
				return err
			}
		}
		var indexes strings.Builder
		t.createIndexes(&indexes)
		if _, err := q.on.conn.ExecContext(q.ctx, indexes.String()); err != nil {
			return err
		}
		if err := t.search.add(q, t); err != nil {
			return err
		}
	}
	_, err := q.exec("UPDATE meta SET value = ? WHERE name = 'schema'", graph.SchemaVersion)
	return err
}

// makeTimed adds what the store keeps of timers to the table of a kind that has got them since. The shard follows with
// the next write of a record, before which it has no timer.
func makeTimed(q query, t *table) error {
	var b strings.Builder
	for _, c := range []string{"shard INTEGER NOT NULL DEFAULT 0", "lane INTEGER", "next_at INTEGER", "failures INTEGER NOT NULL DEFAULT 0", "failure TEXT"} {
		fmt.Fprintf(&b, "ALTER TABLE %s ADD COLUMN %s;\n", t.name, c)
	}
	t.createDue(&b)
	_, err := q.on.conn.ExecContext(q.ctx, b.String())
	return err
}

// createDue writes the DDL of the indexes of timers.
func (t *table) createDue(b *strings.Builder) {
	t.index(b, false, "due", "lane, shard, next_at) WHERE (next_at IS NOT NULL")
	t.index(b, false, "failed", "lane) WHERE (failures > 0")
}

// remake makes the table of a kind anew, empty.
func remake(q query, t *table) error {
	var b strings.Builder
	b.WriteString("DROP TABLE " + t.name + ";\n")
	t.create(&b)
	_, err := q.on.conn.ExecContext(q.ctx, b.String())
	return err
}

// Version implements graph.Admin.
func (s *Store) Version(ctx context.Context) (v int, err error) {
	err = s.look(ctx, func(q query) error {
		v, err = version(q)
		return err
	})
	return v, err
}

func version(q query) (v int, err error) {
	known := 0
	err = q.each("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'meta'", nil, func(r *sql.Rows) error {
		return r.Scan(&known)
	})
	if err != nil || known == 0 {
		return 0, err
	}
	err = q.each("SELECT value FROM meta WHERE name = 'schema'", nil, func(r *sql.Rows) error { return r.Scan(&v) })
	return v, err
}
