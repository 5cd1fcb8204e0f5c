// Package dispatch holds the commands: everything that changes a ticket, a tour, an expert, a customer or
// a policy goes through here. Each command loads what it needs, decides in a pure function and commits one
// graph.Change that names the revisions it was decided on (see decide.go). What may follow on what is data
// in lifecycle.go; who fits and at what cost is for package matcher to say.
package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Store is what commands need of the graph.
type Store interface {
	graph.Committer
	graph.Decisions
	// Reserve takes n ticket numbers and returns the first.
	Reserve(ctx context.Context, n int) (int64, error)
	// Tickets pages through tickets: for what is long past, where a list that lags behind does.
	Tickets(ctx context.Context, s muster.Scope, f graph.TicketFilter, p graph.Page) ([]*muster.Ticket, string, error)
	// Experts pages through experts by id: whom a change of the skill tree concerns.
	Experts(ctx context.Context, s muster.Scope, f graph.ExpertFilter, p graph.Page) ([]*muster.Expert, string, error)
	// History lists an aggregate's events by revision: what it was before.
	History(ctx context.Context, s muster.Scope, aggregate string) ([]muster.Event, error)
	// Now is the store's clock; Cursor and Advance keep what only goes forward (reach.go, turn.go).
	Now(ctx context.Context) (time.Time, error)
	Cursor(ctx context.Context, name string) (int64, error)
	Advance(ctx context.Context, name string, to int64) error
}

// Dispatch carries out commands. It keeps nothing that matters: any number of them may work on one store.
type Dispatch struct {
	store    Store
	clock    muster.Clock
	settings settings
	numbers  numbers
	outage   *outage // nil: submissions need the graph
	sessions int     // that a round commits in at once
	setupFor time.Duration
	peersFor time.Duration
	graphMay time.Duration
	together int // submissions decided on at once

	roundLimit int
}

// New makes a Dispatch on a store. The clock is asked once for each decision.
func New(store Store, clock muster.Clock) *Dispatch {
	return &Dispatch{store: store, clock: clock, sessions: sessions, setupFor: setupFor, peersFor: peersFor, graphMay: graphMay, together: sideBySide, roundLimit: roundLimit}
}

// InTurn makes rounds and the filing of submissions do one thing after the other, so that all calls of the store come in an order that can
// be repeated. Where days pass in seconds, setup and peers may be so much older, and a submission
// waits so much longer for the graph. Call it before anything else.
func (d *Dispatch) InTurn(faster int) *Dispatch {
	d.sessions, d.together = 1, 1
	d.setupFor *= time.Duration(faster)
	d.peersFor *= time.Duration(faster)
	d.graphMay *= time.Duration(faster)
	return d
}
