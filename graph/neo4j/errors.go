package neo4j

import (
	"context"
	"errors"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"
	"github.com/neo4j/neo4j-go-driver/v5/neo4j/db"

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
	if cause := ctx.Err(); errors.Is(cause, context.DeadlineExceeded) || cause == nil && errors.Is(err, errSilent) {
		if cause == nil {
			cause = err
		}
		return muster.E(muster.CodeUnavailable, "the graph at "+s.where+" didn't answer in time",
			"check that Neo4j runs there and how busy it is, then try again").Because(cause)
	} else if cause != nil {
		return cancelled(cause)
	}
	var reply *db.Neo4jError
	if !errors.As(err, &reply) {
		if errors.Is(err, errUnlocked) {
			return muster.E(muster.CodeUnavailable, "too many contend for a key of the graph at "+s.where, "try again").Because(err)
		}
		if lost(err) {
			return muster.E(muster.CodeUnavailable, "the graph at "+s.where+" can't be reached",
				"check that Neo4j runs there and that nothing is in between").Because(err)
		}
		return muster.E(muster.CodeInternal, "the graph at "+s.where+" failed", "report this").Because(err)
	}
	switch {
	case strings.HasPrefix(reply.Code, "Neo.ClientError.Security."):
		return muster.E(muster.CodeUnavailable, "the graph at "+s.where+" refuses this user",
			"check user and password").Because(errors.New(reply.Code))
	case strings.HasPrefix(reply.Code, "Neo.ClientError.Database."):
		return muster.E(muster.CodeUnavailable, "the graph at "+s.where+" doesn't have this database",
			"check the path of the URL").Because(err)
	case strings.Contains(reply.Code, "OutOfMemory"):
		return muster.E(muster.CodeTooLarge, "the graph at "+s.where+" has too little memory for this change",
			"split it, or give Neo4j a larger heap").Because(err)
	case reply.Code == constraintViolated:
		return muster.E(muster.CodeInternal, "two records of the graph at "+s.where+" would share what only one may have",
			"report this").Because(err)
	case transient(err), strings.HasPrefix(reply.Code, "Neo.TransientError."),
		strings.HasPrefix(reply.Code, "Neo.ClientError.Transaction."), strings.HasPrefix(reply.Code, "Neo.DatabaseError."):
		return muster.E(muster.CodeUnavailable, "the graph at "+s.where+" could not carry this out", "try again").Because(err)
	}
	return muster.E(muster.CodeInternal, "the graph at "+s.where+" failed", "report this").Because(err)
}

// unknown is the error of a COMMIT: whatever the reply was, nobody can tell whether the transaction was carried out.
func (s *Store) unknown(err error) error {
	return muster.E(muster.CodeUnknown, "the graph at "+s.where+" was lost while it committed",
		"send the same command again under the same id").Because(err)
}

const (
	constraintViolated = "Neo.ClientError.Schema.ConstraintValidationFailed"
	gone               = "Neo.ClientError.Statement.EntityNotFound"
)

// transient tells whether the server broke a transaction off for a reason that passes: a deadlock, a lock that was not
// had in time, a change of leader, or somebody who created or deleted the same node first.
func transient(err error) bool {
	if errors.Is(err, errUnlocked) {
		return true
	}
	var reply *db.Neo4jError
	if !errors.As(err, &reply) {
		return false
	}
	switch reply.Code {
	case constraintViolated, gone, "Neo.ClientError.Transaction.LockClientStopped", "Neo.ClientError.Cluster.NotALeader":
		return true
	}
	return strings.HasPrefix(reply.Code, "Neo.TransientError.") && !strings.Contains(reply.Code, "OutOfMemory")
}

// lost tells whether a connection broke, fell silent or could not be had.
func lost(err error) bool {
	var broken *neo4j.ConnectivityError
	var misuse *neo4j.UsageError // of a driver that was closed
	return errors.As(err, &broken) || errors.As(err, &misuse) || errors.Is(err, errSilent)
}

// Away tells whether a call failed because the server could not be reached or was starting: it may be there soon. A
// server that refuses its user, or doesn't have the database, is not away.
func Away(err error) bool {
	var reply *db.Neo4jError
	starting := errors.As(err, &reply) && reply.Code == "Neo.TransientError.General.DatabaseUnavailable"
	return muster.CodeOf(err) == muster.CodeUnavailable && (lost(err) || starting || errors.Is(err, context.DeadlineExceeded))
}

func cancelled(cause error) error {
	return muster.E(muster.CodeUnavailable, "the store's caller gave up", "try again with more time").Because(cause)
}
