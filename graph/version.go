package graph

import (
	"fmt"

	"github.com/sysopssquad/muster"
)

// SchemaVersion is what this binary reads and writes. It rises with every change to Schema, the table of kinds. What is
// new goes to the end of a kind's fields, where older records have nothing: their checksums stay right.
const SchemaVersion = 3 // since 2 with Ticket.NoExpert, since 3 with an index of customers' words

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
