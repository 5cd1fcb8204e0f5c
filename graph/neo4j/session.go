package neo4j

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
)

type parameters map[string]any

// whole is how a statement gets its parameters: as one, $p. Neo4j keeps a plan for every combination of what kind and
// size its parameters are (a list of one, of up to ten, of up to a hundred, ...) and takes up to half a second to make
// one; into a map it doesn't look.
func (p parameters) whole() map[string]any { return map[string]any{"p": map[string]any(p)} }

// How often work is tried that the server broke off, and that found no connection. Waits double from the first.
const (
	tries          = 12
	triesToConnect = 4
	firstWait      = 2 * time.Millisecond
	longestWait    = 250 * time.Millisecond
)

// again runs work until it succeeds, fails for good, or was tried often enough.
func (s *Store) again(ctx context.Context, work func(ctx context.Context) error) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, patience)
		defer cancel()
	}
	wait := firstWait
	for try := 1; ; try++ {
		err := ctx.Err()
		if err == nil {
			err = work(ctx)
		}
		if err == nil {
			return nil
		}
		var coded *muster.Error
		hopeful := transient(err) && try < tries || lost(err) && try < triesToConnect
		if errors.As(err, &coded) || ctx.Err() != nil || !hopeful {
			return s.failure(ctx, err)
		}
		timer := time.NewTimer(wait/2 + rand.N(wait)) // jitter: those who deadlocked must not meet again
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
		wait = min(2*wait, longestWait)
	}
}

// transaction runs statements that are committed together.
type transaction struct {
	ctx     context.Context
	tx      neo4j.ExplicitTransaction
	silence time.Duration
}

// run executes a statement of the folder cypher.
func (t transaction) run(name string, p parameters) ([]*neo4j.Record, error) {
	return heard(t.ctx, t.silence, func(ctx context.Context) ([]*neo4j.Record, error) {
		result, err := t.tx.Run(ctx, statement(name), p.whole())
		if err != nil {
			return nil, err
		}
		return result.Collect(ctx)
	})
}

// errSilent is that a server didn't answer for as long as it may.
var errSilent = errors.New("no answer")

// heard gives one message so long to be answered.
func heard[T any](ctx context.Context, silence time.Duration, ask func(context.Context) (T, error)) (T, error) {
	asking, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	v, err := ask(asking)
	if err != nil && asking.Err() != nil && ctx.Err() == nil {
		err = fmt.Errorf("%w for %s: %w", errSilent, silence, err)
	}
	return v, err
}

// errNothing ends a transaction that has nothing to write; it is rolled back, and that is fine.
var errNothing = errors.New("nothing to write")

// update runs work in one transaction on the writer. It may run several times, so it must have no effects of its own
// until it succeeds. An error of COMMIT is CodeUnknown, whatever the server says: before that nothing is written.
func (s *Store) update(ctx context.Context, work func(tx transaction) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.alter(ctx, work)
}

// alter is update for a store whose schema may be missing.
func (s *Store) alter(ctx context.Context, work func(tx transaction) error) error {
	return s.again(ctx, func(ctx context.Context) error {
		session := s.driver.NewSession(ctx, neo4j.SessionConfig{AccessMode: neo4j.AccessModeWrite, DatabaseName: s.database})
		defer session.Close(context.WithoutCancel(ctx))
		tx, err := heard(ctx, s.silence, func(ctx context.Context) (neo4j.ExplicitTransaction, error) {
			return session.BeginTransaction(ctx, neo4j.WithTxTimeout(patience))
		})
		if err != nil {
			return err
		}
		if err := work(transaction{ctx, tx, s.silence}); err != nil {
			if errors.Is(err, errSilent) { // nor would it answer to that
				ctx, cancel := context.WithCancel(ctx)
				cancel()
				_ = tx.Close(ctx)
				return err
			}
			closeQuietly(ctx, tx)
			if errors.Is(err, errNothing) {
				return nil
			}
			return err
		}
		if err := ctx.Err(); err != nil {
			closeQuietly(ctx, tx)
			return err
		}
		if _, err := heard(ctx, s.silence, func(ctx context.Context) (struct{}, error) { return struct{}{}, tx.Commit(ctx) }); err != nil {
			return s.unknown(err)
		}
		return nil
	})
}

// closeQuietly rolls back; should that fail, the server does so when the connection ends.
func closeQuietly(ctx context.Context, tx neo4j.ExplicitTransaction) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), connect)
	defer cancel()
	_ = tx.Close(ctx)
}

// view runs one statement of the folder cypher and hands over its rows. Decisions read from the writer: it has every
// commit that was acknowledged. A row that was read while a commit was under way is read again, see reader.
func (s *Store) view(ctx context.Context, mode neo4j.AccessMode, name string, p parameters, rows func(*reader, []*neo4j.Record) error) error {
	if err := s.usable(ctx); err != nil {
		return err
	}
	return s.look(ctx, mode, name, p, rows)
}

// decision and list are the two ways to read.
const (
	decision = neo4j.AccessModeWrite
	list     = neo4j.AccessModeRead
)

// look is view for a store whose schema may be missing.
func (s *Store) look(ctx context.Context, mode neo4j.AccessMode, name string, p parameters, rows func(*reader, []*neo4j.Record) error) error {
	reading := 0
	return s.again(ctx, func(ctx context.Context) error {
		records, err := s.query(ctx, mode, name, p)
		if err != nil {
			return err
		}
		for {
			reading++
			r := &reader{lenient: reading > strictReadings}
			err := rows(r, records)
			if !r.torn {
				return err
			}
			if err := pause(ctx, reading); err != nil {
				return err
			}
			if records, err = s.query(ctx, mode, name, p); err != nil {
				return err
			}
		}
	})
}

// query runs one statement in a transaction of its own: one round trip.
func (s *Store) query(ctx context.Context, mode neo4j.AccessMode, name string, p parameters) ([]*neo4j.Record, error) {
	session := s.driver.NewSession(ctx, neo4j.SessionConfig{AccessMode: mode, DatabaseName: s.database})
	defer session.Close(context.WithoutCancel(ctx))
	silence := s.silence
	if mode == list { // may be long, and nobody waits for it but who asked
		silence = patience
	}
	return heard(ctx, silence, func(ctx context.Context) ([]*neo4j.Record, error) {
		result, err := session.Run(ctx, statement(name), p.whole(), neo4j.WithTxTimeout(patience))
		if err != nil {
			return nil, err
		}
		return result.Collect(ctx)
	})
}
