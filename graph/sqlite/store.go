// Package sqlite keeps the graph in one SQLite file: one writer connection, a pool of readers, every
// accepted change on the disk before it is acknowledged (WAL, synchronous=FULL). Its tables are
// generated from graph.Schema: a table a kind, a link table for each many-valued edge.
package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"

	_ "modernc.org/sqlite" // the driver
)

// Memory is the path of a store that lives as long as it is open.
const Memory = ":memory:"

const readers = 8 // connections that read beside the writer

// How much of the file connections keep in memory, in KiB.
const (
	writerCache = 64 << 10
	readerCache = 16 << 10
)

// patience is how long a write waits for another process before it gives CodeUnavailable.
var patience = 5 * time.Second

var mode = "rwc" // how files are opened: read, written, created

// Store is a graph.Store on one SQLite file. It is safe for concurrent use.
type Store struct {
	path   string
	clock  muster.Clock
	writer *pool // of one; a store in memory has no other
	reader *pool
	queue  queue
	keep   keep
	schema graph.Versioned
	seal   func(*session) error // commits a write; tests make it fail
}

var _ graph.Store = (*Store)(nil)

// Open opens or creates the file at path with the folders above it, or a store in memory (Memory). The clock
// is what Now tells. A new file has no schema until Migrate; one of a newer Muster is refused with
// CodeNewerSchema, one that is no database with CodeUnsuitable, one that can't be opened for
// writing with CodeUnavailable.
func Open(ctx context.Context, path string, clock muster.Clock) (*Store, error) {
	return open(ctx, path, clock, path == Memory)
}

// OpenScratch opens or creates a file that nobody else opens, and that nobody needs once the process has ended, such as
// a simulation's: nothing waits for the disk, and one connection reads and writes, so that no write empties what another
// keeps of the file in memory.
func OpenScratch(ctx context.Context, path string, clock muster.Clock) (*Store, error) {
	return open(ctx, path, clock, true)
}

func open(ctx context.Context, path string, clock muster.Clock, alone bool) (*Store, error) {
	s := &Store{path: path, clock: clock, seal: (*session).commit}
	if path != Memory {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, unreachable(path, err)
		}
		if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
			return nil, unreachable(path, err)
		}
		s.path = abs
	}
	var err error
	if s.writer, err = newPool(source(s.path, writerCache, alone), 1); err != nil {
		return nil, unreachable(path, err)
	}
	s.reader = s.writer
	if !alone {
		if s.reader, err = newPool(source(s.path, readerCache, false), readers); err != nil {
			return nil, unreachable(path, err)
		}
	}
	if err := s.probe(ctx); err != nil {
		s.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return s, nil
}

// probe begins a write and takes it back, which finds out at once what can't be read or written.
func (s *Store) probe(ctx context.Context) error {
	on, err := s.writer.take(ctx)
	if err != nil {
		return s.failure(ctx, err)
	}
	defer s.writer.give(on)
	q, err := on.begin(ctx, "BEGIN IMMEDIATE")
	if err != nil {
		return s.failure(ctx, err)
	}
	defer on.rollback()
	found, err := version(q)
	if err == nil {
		_, err = q.exec("PRAGMA user_version = 0") // it is 0: this only has to be allowed
	}
	if err != nil {
		return s.failure(ctx, err)
	}
	if found > graph.SchemaVersion {
		return graph.CheckVersion("the store at "+s.path, found)
	}
	return nil
}

// source is the driver's name of a database, with what every connection sets.
func source(path string, cache int, alone bool) string {
	synchronous := "FULL"
	if alone {
		synchronous = "OFF"
	}
	q := url.Values{"_pragma": {
		fmt.Sprintf("busy_timeout(%d)", patience.Milliseconds()), "journal_mode(WAL)", "synchronous(" + synchronous + ")", "foreign_keys(1)",
		"temp_store(MEMORY)", fmt.Sprintf("cache_size(-%d)", cache), "wal_autocheckpoint(16000)", "journal_size_limit(67108864)",
	}}
	if alone && path != Memory {
		q.Add("_pragma", "locking_mode(EXCLUSIVE)")
	}
	if path == Memory {
		return "file::memory:?" + q.Encode()
	}
	q.Set("mode", mode)
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Close waits for the work under way and closes the file.
func (s *Store) Close(ctx context.Context) error {
	err := s.writer.close(ctx)
	if s.reader != s.writer {
		if e := s.reader.close(ctx); err == nil {
			err = e
		}
	}
	if err != nil {
		return s.failure(ctx, err)
	}
	return nil
}

// view runs a read in one transaction: all its statements see one state.
func (s *Store) view(ctx context.Context, read func(q query) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.look(ctx, read)
}

func (s *Store) look(ctx context.Context, read func(q query) error) error {
	on, err := s.reader.take(ctx)
	if err != nil {
		return s.failure(ctx, err)
	}
	defer s.reader.give(on)
	q, err := on.begin(ctx, "BEGIN")
	if err != nil {
		return s.failure(ctx, err)
	}
	defer on.rollback()
	if !graph.IsAnew(ctx) {
		q.keep = &s.keep
	}
	if err := read(q); err != nil {
		return s.failure(ctx, err)
	}
	return nil
}

// update runs a write in one transaction. It can be cancelled until it has the writer; from there on it
// is carried out, so that no write is ever left half done.
func (s *Store) update(ctx context.Context, write func(q query) error) error {
	return s.alter(ctx, func(q query) error {
		if err := s.unchanged(q); err != nil {
			return err
		}
		return write(q)
	})
}

// unchanged refuses to write to a store whose schema was brought to another version since it was opened.
func (s *Store) unchanged(q query) error {
	v := 0
	err := q.each("SELECT value FROM meta WHERE name = 'schema'", nil, func(r *sql.Rows) error { return r.Scan(&v) })
	if err != nil { // perhaps there is none
		if v, err = version(q); err != nil {
			return err
		}
	}
	return graph.CheckVersion("the store at "+s.path, v)
}

// alter is update for a store whose schema may be missing.
func (s *Store) alter(ctx context.Context, write func(q query) error) error {
	on, err := s.writer.take(ctx)
	if err != nil {
		return s.failure(ctx, err)
	}
	defer s.writer.give(on)
	return s.transact(on, write)
}

// transact runs a write in a transaction of a connection that was taken. A defect that panics in it must not
// leave the transaction open for who comes next.
func (s *Store) transact(on *session, write func(q query) error) error {
	ctx := context.Background()
	q, err := on.begin(ctx, "BEGIN IMMEDIATE")
	if err != nil {
		return s.failure(ctx, err)
	}
	on.broken = true
	err = write(q)
	on.broken = false
	if err != nil {
		on.rollback()
		return s.failure(ctx, err)
	}
	if err := s.seal(on); err != nil {
		return s.commitFailure(err)
	}
	return nil
}

// usable refuses to work on a store without a schema, or with another than this binary's.
func (s *Store) usable(ctx context.Context) error {
	now := s.clock.Now()
	if s.schema.Fresh(now) {
		return nil
	}
	v, err := s.Version(ctx)
	if err != nil {
		return err
	}
	if err := graph.CheckVersion("the store at "+s.path, v); err != nil {
		return err
	}
	s.schema.See(now)
	return nil
}

// quoted is a name as SQL wants it.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
