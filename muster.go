// Package muster holds the words of the system: the aggregates with their parts, typed ids,
// error codes, commands, events and the clock. It knows no store, no network and no library
// outside Go's own; every other package speaks in these words.
package muster

// Version is that of this Muster, of its commands and of what it answers over HTTP.
const Version = "0.1.0"
