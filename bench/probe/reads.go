package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"time"
)

// reading reads one ticket with all its columns by id.
type reading func(id string) error

// timeReads prints the median in milliseconds of reading tickets by id, one after the other.
func timeReads(file string, with func(each func(reading) error) error) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	ids := strings.Fields(string(b))
	var took []time.Duration
	err = with(func(read reading) error {
		for _, id := range ids {
			began := time.Now()
			if err := read(id); err != nil {
				return err
			}
			took = append(took, time.Since(began))
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.Sort(took)
	return json.NewEncoder(os.Stdout).Encode(map[string]float64{"median": float64(took[len(took)/2].Microseconds()) / 1000})
}

func readSQLite(ctx context.Context, file string, do func(reading) error) error {
	db, err := sql.Open("sqlite", "file:"+file+pragmas)
	if err != nil {
		return err
	}
	defer db.Close()
	st, err := db.PrepareContext(ctx, "SELECT * FROM ticket WHERE id = ?")
	if err != nil {
		return err
	}
	defer st.Close()
	return do(func(id string) error {
		rows, err := st.QueryContext(ctx, id)
		if err != nil {
			return err
		}
		defer rows.Close()
		cols, err := rows.Columns()
		if err != nil {
			return err
		}
		row, at := make([]any, len(cols)), make([]any, len(cols))
		for i := range row {
			at[i] = &row[i]
		}
		for rows.Next() {
			if err := rows.Scan(at...); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

func readNeo4j(ctx context.Context, url string, do func(reading) error) error {
	d, err := connect(ctx, url)
	if err != nil {
		return err
	}
	defer d.Close(ctx)
	return do(func(id string) error {
		return each(ctx, d, "MATCH (n:Entity {id: $id}) RETURN n", map[string]any{"id": id}, nothing)
	})
}
