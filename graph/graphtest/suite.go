// Package graphtest is the contract of a graph.Store as tests: Run holds a store to every rule of the port,
// Histories to a model of maps under random histories. It also makes small companies for others' tests.
package graphtest

import (
	"testing"

	"github.com/sysopssquad/muster/graph"
)

// Options is what the suite needs of a store. All fields are required.
type Options struct {
	// Open gives a store that is migrated and otherwise empty. It is closed when the test ends, by Open's own
	// clean-up. Only one store is open at a time, but for Reopen.
	Open func(t testing.TB) graph.Store
	// Reopen closes a store and opens the same data again.
	Reopen func(t testing.TB, s graph.Store) graph.Store
	// Faulty opens a store whose replies can be lost.
	Faulty func(t testing.TB) (graph.Store, Faults)
	// Hide takes an event out of the store behind its back: what a reading looks like that missed it. The
	// function that it returns puts the event back as it was.
	Hide func(t testing.TB, s graph.Store, aggregate string, rev int64) (restore func())
	// SetVersion makes the store believe that its schema is of another version.
	SetVersion func(t testing.TB, s graph.Store, version int)
	// Older takes out of a store what its schema has got since version 1, so that it is as a Muster of that version
	// left it. What of this the records hold is lost.
	Older func(t testing.TB, s graph.Store)
	// Histories is how many random histories are compared with the model, 100 if 0. The environment's
	// GRAPHTEST_HISTORIES overrides it.
	Histories int
}

// Faults breaks the connection between a store and its database around the next write. Each is armed for
// one write; the store works again after it.
type Faults struct {
	LoseReply   func() // the write is carried out, its reply never arrives
	LoseRequest func() // the connection breaks before the database has been told to keep it
}

// test is one named requirement.
type test struct {
	name string
	run  func(t *testing.T, o Options)
}

// Run holds a store to the contract.
func Run(t *testing.T, o Options) {
	for _, group := range []struct {
		name  string
		tests []test
	}{
		{"commit", commitTests},
		{"replay", replayTests},
		{"unknown", unknownTests},
		{"keys", keyTests},
		{"concurrency", concurrencyTests},
		{"records", recordTests},
		{"sizes", sizeTests},
		{"decisions", decisionTests},
		{"round", roundTests},
		{"lists", listTests},
		{"search", searchTests},
		{"messages", messageTests},
		{"scope", scopeTests},
		{"timers", timerTests},
		{"events", eventTests},
		{"admin", adminTests},
	} {
		t.Run(group.name, func(t *testing.T) {
			for _, one := range group.tests {
				t.Run(one.name, func(t *testing.T) { one.run(t, o) })
			}
		})
	}
}
