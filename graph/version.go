package graph

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sysopssquad/muster"
)

// SchemaVersion is what this binary reads and writes. It rises with every change to Schema, the table of kinds. What is
// new goes to the end of a kind's fields, where older records have nothing: their checksums stay right.
//
// 2 came with Ticket.NoExpert, 3 with an index of customers' words, 4 with the rest of a ticket's life: exceptions, clocks,
// parts; 5 with what a timer's last failure was.
const SchemaVersion = 5

// CheckVersion refuses a store by its schema's version: CodeNewerSchema for that of a newer Muster, CodeUnsuitable for
// an older one and for 0, none. Store is what the message calls it, such as "the store at muster.db".
func CheckVersion(store string, version int) error {
	switch {
	case version > SchemaVersion:
		return muster.E(muster.CodeNewerSchema, fmt.Sprintf("%s has schema %d, this Muster knows %d", store, version, SchemaVersion),
			"use the newer Muster")
	case version == SchemaVersion:
		return nil
	case version == 0:
		return muster.E(muster.CodeUnsuitable, store+" is empty", "set it up: muster schema")
	default:
		return muster.E(muster.CodeUnsuitable, fmt.Sprintf("%s has schema %d, this Muster needs %d", store, version, SchemaVersion),
			"bring it up to date: muster schema")
	}
}

// versionTime is for how long a store that is open takes its schema to be as it was.
const versionTime = 5 * time.Second

// Versioned remembers when the schema of a store that is open was last seen to be of this version: a newer Muster may
// bring it up to date meanwhile. The zero Versioned has seen nothing.
type Versioned struct{ at atomic.Int64 }

// Fresh tells whether that was a short while ago.
func (v *Versioned) Fresh(now time.Time) bool {
	ago := now.Sub(time.UnixMicro(v.at.Load()))
	return ago >= 0 && ago < versionTime
}

// See notes it.
func (v *Versioned) See(now time.Time) { v.at.Store(now.UnixMicro()) }

// Forget makes the next use look again.
func (v *Versioned) Forget() { v.at.Store(0) }
