package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// failure gives an error of the driver the code that callers act on. Errors that have one, and replays, pass.
func (s *Store) failure(ctx context.Context, err error) error {
	var coded *muster.Error
	var replayed *graph.Replayed
	if errors.As(err, &coded) || errors.As(err, &replayed) {
		return err
	}
	if cause := ctx.Err(); cause != nil {
		return cancelled(cause)
	}
	var e *sqlite.Error
	if !errors.As(err, &e) {
		if errors.Is(err, errClosed) || errors.Is(err, sql.ErrConnDone) {
			return muster.E(muster.CodeUnavailable, "the store at "+s.path+" is closed", "open it again").Because(err)
		}
		return muster.E(muster.CodeInternal, "the store at "+s.path+" failed", "report this").Because(err)
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL:
		return muster.E(muster.CodeUnavailable, "the store at "+s.path+" is locked by another process",
			"try again; if it lasts, look for a process that keeps a transaction open").Because(err)
	case lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_CANTOPEN, lib.SQLITE_AUTH:
		return unreachable(s.path, err)
	case lib.SQLITE_NOTADB:
		return muster.E(muster.CodeUnsuitable, s.path+" is not an SQLite database", "name another file").Because(err)
	case lib.SQLITE_CORRUPT:
		return muster.E(muster.CodeUnsuitable, s.path+" is damaged", "restore the file from a backup").Because(err)
	case lib.SQLITE_FULL:
		return muster.E(muster.CodeUnavailable, "the disk of "+s.path+" is full", "make room and try again").Because(err)
	case lib.SQLITE_IOERR, lib.SQLITE_NOMEM:
		return muster.E(muster.CodeUnavailable, "the store at "+s.path+" can't be read or written",
			"look at the disk and try again").Because(err)
	case lib.SQLITE_TOOBIG:
		return muster.E(muster.CodeTooLarge, "a value is too large for the store", "shorten it").Because(err)
	}
	return muster.E(muster.CodeInternal, "the store at "+s.path+" failed", "report this").Because(err)
}

// commitFailure is the error of a COMMIT: unless it was only kept waiting, nobody can tell whether the
// transaction is on the disk.
func (s *Store) commitFailure(err error) error {
	var e *sqlite.Error
	if errors.As(err, &e) && e.Code()&0xff == lib.SQLITE_BUSY {
		return s.failure(context.Background(), err)
	}
	return muster.E(muster.CodeUnknown, "the store at "+s.path+" failed while it wrote",
		"send the same command again under the same id").Because(err)
}

func cancelled(cause error) error {
	return muster.E(muster.CodeUnavailable, "the store's caller gave up", "try again with more time").Because(cause)
}

func unreachable(path string, cause error) error {
	return muster.E(muster.CodeUnavailable, fmt.Sprintf("can't open the store at %s for writing", path),
		"check that the path is a file in a folder that this user may write").Because(cause)
}
