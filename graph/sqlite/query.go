package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
)

// pool hands out connections. A slot is nil until its connection is needed, and again after it broke.
type pool struct {
	db     *sql.DB
	slots  chan *session
	closed bool // written by who has all slots, read by who has one
}

var errClosed = errors.New("the store is closed")

func newPool(source string, size int) (*pool, error) {
	db, err := sql.Open("sqlite", source)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	p := &pool{db: db, slots: make(chan *session, size)}
	for range size {
		p.slots <- nil
	}
	return p, nil
}

// take waits for a connection; whoever takes one gives it back.
func (p *pool) take(ctx context.Context) (*session, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case s := <-p.slots:
		return p.opened(ctx, s)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pool) opened(ctx context.Context, s *session) (*session, error) {
	if s != nil {
		return s, nil
	}
	var conn *sql.Conn
	err := errClosed
	if !p.closed {
		conn, err = p.db.Conn(ctx)
	}
	if err != nil {
		p.slots <- nil
		return nil, err
	}
	return &session{conn: conn, prepared: make(map[string]*sql.Stmt)}, nil
}

func (p *pool) give(s *session) {
	if s.broken {
		s.close()
		s = nil
	}
	p.slots <- s
}

// close waits until every connection was given back, and closes them. It may be called again.
func (p *pool) close(ctx context.Context) error {
	taken := 0
	defer func() {
		for range taken {
			p.slots <- nil
		}
	}()
	for ; taken < cap(p.slots); taken++ {
		select {
		case s := <-p.slots:
			if s != nil {
				s.close()
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	p.closed = true
	return p.db.Close()
}

// session is a connection with the statements that were prepared on it. One goroutine uses it at a time.
type session struct {
	conn     *sql.Conn
	prepared map[string]*sql.Stmt
	broken   bool
}

func (s *session) close() {
	for _, st := range s.prepared {
		st.Close()
	}
	s.conn.Close()
}

// begin opens a transaction ("BEGIN", "BEGIN IMMEDIATE") and gives what runs statements in it.
func (s *session) begin(ctx context.Context, text string) (query, error) {
	_, err := query{ctx: context.Background(), on: s}.exec(text)
	return query{ctx: ctx, on: s}, err
}

// commit ends the transaction, whatever became of the context.
func (s *session) commit() error {
	_, err := query{ctx: context.Background(), on: s}.exec("COMMIT")
	if err != nil {
		s.rollback()
	}
	return err
}

// rollback ends the transaction if there is one. A connection that can't is given up.
func (s *session) rollback() {
	if _, err := (query{ctx: context.Background(), on: s}).exec("ROLLBACK"); err != nil {
		s.broken = true
	}
}

// query runs statements in a transaction. The context is asked before each statement and at each row, and not handed
// to the driver: that would start two goroutines for every statement, which take longer than most statements do.
type query struct {
	ctx  context.Context
	on   *session
	keep *keep // what is remembered by revision; nil: all is to be read
}

// limited ends a statement that gives a bounded number of rows. With a bare parameter as its limit SQLite would plan the
// statement anew at every run, for the value may change the plan: that takes longer than to run it.
const limited = " LIMIT 0 + ?"

func (q query) statement(text string) (*sql.Stmt, error) {
	if err := q.ctx.Err(); err != nil {
		return nil, err
	}
	if st, ok := q.on.prepared[text]; ok {
		return st, nil
	}
	st, err := q.on.conn.PrepareContext(q.ctx, text)
	if err != nil {
		return nil, err
	}
	q.on.prepared[text] = st
	return st, nil
}

// exec runs a statement and tells how many rows it changed.
func (q query) exec(text string, args ...any) (int64, error) {
	st, err := q.statement(text) //nolint:sqlclosecheck // the session closes what it has prepared
	if err != nil {
		return 0, err
	}
	r, err := st.ExecContext(context.Background(), args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// each calls scan for every row.
func (q query) each(text string, args []any, scan func(*sql.Rows) error) error {
	st, err := q.statement(text) //nolint:sqlclosecheck // the session closes what it has prepared
	if err != nil {
		return err
	}
	rows, err := st.QueryContext(context.Background(), args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := q.ctx.Err(); err != nil {
			return err
		}
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// list is a parameter that holds many values: json_each makes rows of it.
func list[V ~string | int64 | [3]any](values []V) string {
	if values == nil {
		return "[]"
	}
	b, err := json.Marshal(values)
	if err != nil {
		panic("sqlite: a list without a JSON form: " + err.Error())
	}
	return string(b)
}
