package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite"
)

// The settings that Muster opens its file with.
const pragmas = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(60000)&_pragma=foreign_keys(1)&_txlock=immediate"

// table is the work on one table: an upsert, and the rows to do it with.
type table struct {
	upsert string
	rows   [][]any
}

func probeSQLite(ctx context.Context, before, after string) (writer, int, error) {
	tables, n, err := changedRows(ctx, before, after)
	if err != nil {
		return nil, 0, err
	}
	return func(ctx context.Context, batches, sessions int) (time.Duration, error) {
		dir, err := os.MkdirTemp("", "probe")
		if err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
		file := filepath.Join(dir, "probe.db")
		if err := copyDB(ctx, before, file); err != nil {
			return 0, err
		}
		dbs := make([]*sql.DB, sessions)
		for i := range dbs {
			if dbs[i], err = sql.Open("sqlite", "file:"+file+pragmas); err != nil {
				return 0, err
			}
			dbs[i].SetMaxOpenConns(1)
			defer dbs[i].Close()
			if err := dbs[i].PingContext(ctx); err != nil {
				return 0, err
			}
		}
		began := time.Now()
		err = inSessions(batches, sessions, func(s, n int) error { return writeRows(ctx, dbs[s], tables, n, batches) })
		return time.Since(began), err
	}, n, nil
}

func writeRows(ctx context.Context, db *sql.DB, tables []table, n, batches int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	for _, t := range tables {
		rows := share(t.rows, n, batches)
		if len(rows) == 0 {
			continue
		}
		if err := writeTable(ctx, tx, t.upsert, rows); err != nil {
			return fmt.Errorf("%s: %w", t.upsert, err)
		}
	}
	return tx.Commit()
}

func writeTable(ctx context.Context, tx *sql.Tx, upsert string, rows [][]any) error {
	st, err := tx.PrepareContext(ctx, upsert)
	if err != nil {
		return err
	}
	defer st.Close()
	for _, r := range rows {
		if _, err := st.ExecContext(ctx, r...); err != nil {
			return err
		}
	}
	return nil
}

// copyDB copies a database with what is in its log.
func copyDB(ctx context.Context, from, to string) error {
	db, err := sql.Open("sqlite", "file:"+from)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(ctx, "VACUUM INTO ?", to)
	return err
}

// changedRows finds what is new or changed in every table.
func changedRows(ctx context.Context, before, after string) ([]table, int, error) {
	db, err := sql.Open("sqlite", "file:"+after)
	if err != nil {
		return nil, 0, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1) // ATTACH belongs to a connection
	if _, err := db.ExecContext(ctx, "ATTACH ? AS old", before); err != nil {
		return nil, 0, err
	}
	names, err := column[string](ctx, db, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		return nil, 0, err
	}
	var tables []table
	total := 0
	for _, name := range names {
		cols, err := column[string](ctx, db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", name)
		if err != nil {
			return nil, 0, err
		}
		keys, err := column[string](ctx, db, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", name)
		if err != nil {
			return nil, 0, err
		}
		rows, err := rowsOf(ctx, db, fmt.Sprintf("SELECT * FROM main.%q EXCEPT SELECT * FROM old.%q", name, name), len(cols))
		if err != nil {
			return nil, 0, err
		}
		if len(rows) > 0 {
			tables = append(tables, table{upsert(name, cols, keys), rows})
			total += len(rows)
		}
	}
	words, err := changedWords(ctx, db)
	return append(tables, words...), total, err
}

// changedWords finds what is new in the indexes of words, which keep no rows to compare: an index T_C has the words of
// column C of table T, by its column nr.
func changedWords(ctx context.Context, db *sql.DB) (tables []table, err error) {
	names, err := column[string](ctx, db, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'virtual'")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		of, col, _ := strings.Cut(name, "_")
		rows, err := rowsOf(ctx, db, fmt.Sprintf("SELECT nr, %[2]q FROM main.%[1]q EXCEPT SELECT nr, %[2]q FROM old.%[1]q", of, col), 2)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table{fmt.Sprintf("INSERT INTO %q (rowid, %q) VALUES (?, ?)", name, col), rows})
	}
	return tables, nil
}

// upsert writes the statement that inserts a row or sets what is there.
func upsert(name string, cols, keys []string) string {
	quoted := make([]string, len(cols))
	var set []string
	for i, c := range cols {
		quoted[i] = fmt.Sprintf("%q", c)
		set = append(set, fmt.Sprintf("%q=excluded.%q", c, c))
	}
	s := fmt.Sprintf("INSERT INTO %q (%s) VALUES (?%s)", name, strings.Join(quoted, ","), strings.Repeat(",?", len(cols)-1))
	if len(keys) > 0 {
		for i := range keys {
			keys[i] = fmt.Sprintf("%q", keys[i])
		}
		s += fmt.Sprintf(" ON CONFLICT(%s) DO UPDATE SET %s", strings.Join(keys, ","), strings.Join(set, ","))
	}
	return s
}

func column[T any](ctx context.Context, db *sql.DB, query string, args ...any) (out []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v T
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

func rowsOf(ctx context.Context, db *sql.DB, query string, width int) (out [][]any, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row, at := make([]any, width), make([]any, width)
		for i := range row {
			at[i] = &row[i]
		}
		if err := rows.Scan(at...); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
