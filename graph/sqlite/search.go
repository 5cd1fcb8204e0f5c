package sqlite

import (
	"context"
	"database/sql"
	"math"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// search is the index of the words of a kind's field: an FTS5 table whose rows have the number of the record. It keeps
// nothing but which word is in which row, so that to take a text out the text has to be given.
type search struct {
	plain   string
	name    string // quoted
	column  string // quoted: the field
	watched int    // position in table.watched of the field
}

// create gives the DDL. The tokenizer parts only at ASCII signs that are neither letters nor digits: what graph.Words
// has parted stays as it is.
func (s *search) create() string {
	return "CREATE VIRTUAL TABLE " + s.name + " USING fts5(" + s.column + ", content='', columnsize=0, detail=none, tokenize='ascii');\n"
}

// add makes the index where there is none yet, of what the table holds.
func (s *search) add(q query, t *table) error {
	if s == nil {
		return nil
	}
	there := false
	err := q.each("SELECT true FROM sqlite_schema WHERE name = ?", []any{s.plain}, func(r *sql.Rows) error { return r.Scan(&there) })
	if err != nil || there {
		return err
	}
	if _, err := q.on.conn.ExecContext(q.ctx, s.create()); err != nil {
		return err
	}
	return s.fill(q, t, 0, math.MaxInt64)
}

// fill indexes the records of a table from one number to another.
func (s *search) fill(q query, t *table, first, last int64) error {
	_, err := q.exec("INSERT INTO "+s.name+" (rowid, "+s.column+") SELECT nr, "+s.column+" FROM "+t.name+
		" WHERE nr BETWEEN ? AND ?", first, last)
	return err
}

// putWords brings the index of words to what the records are now. New ones are taken from the table: their numbers
// follow each other.
func (b batch) putWords(q query, records []muster.Record) error {
	s := b.search
	first, last := int64(math.MaxInt64), int64(0)
	for _, r := range records {
		n := b.numbers[r.RecordID()]
		before, exists := b.st.before[r.RecordID()]
		if !exists {
			first, last = min(first, n), max(last, n)
			continue
		}
		was, now := before.watched[s.watched], b.values[r][b.watched[s.watched]]
		if was == now {
			continue
		}
		if _, err := q.exec("INSERT INTO "+s.name+" ("+s.name+", rowid, "+s.column+") VALUES ('delete', ?, ?)", n, was); err != nil {
			return err
		}
		if err := s.fill(q, b.table, n, n); err != nil {
			return err
		}
	}
	if last == 0 {
		return nil
	}
	return s.fill(q, b.table, first, last)
}

// found is a page of the customers that a search finds. Those next by id are looked at first: what many have soon fills
// a page. Of what is left few have all of it, and the index gives them.
func (s *Store) found(ctx context.Context, search []string, p graph.Page) (out []*muster.Customer, next string, err error) {
	if err := p.CheckIDs(muster.KindCustomer); err != nil {
		return nil, "", err
	}
	var words filter
	words.words(search)
	rest := words.text() + ` ORDER BY t."id"` + limited
	err = s.view(ctx, func(q query) error {
		args := append([]any{p.After, graph.Near * p.Limit}, append(words.args, p.Limit)...)
		out, err = records[*muster.Customer](q, `(SELECT nr FROM customer WHERE "id" > ? AND alive ORDER BY "id"`+limited+`) p
			CROSS JOIN customer t ON t.nr = p.nr`+rest, args...)
		if err != nil || len(out) == p.Limit {
			return err
		}
		terms := graph.Terms(search)
		args = append([]any{`"` + strings.Join(terms, `"* "`) + `"*`, p.After}, append(words.args, p.Limit)...)
		out, err = records[*muster.Customer](q, `customer_words w CROSS JOIN customer t
			ON w."customer_words" MATCH ? AND t.nr = w.rowid AND t."id" > ? AND t.alive`+rest, args...)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return out, graph.NextID(p, out), nil
}
