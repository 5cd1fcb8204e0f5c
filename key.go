package muster

import "strconv"

// Key is a name that only one record may hold at a time, such as a visit's place or a legacy id.
type Key string

// PlaceKey is held by the active assignment or nobody: a visit place is never given to two.
func PlaceKey(v VisitID, place int) Key { return Key("place/" + string(v) + "/" + strconv.Itoa(place)) }

// OpenVisitKey is held by a ticket's open visit: there is only one.
func OpenVisitKey(t TicketID) Key { return Key("open_visit/" + string(t)) }

// LegacyKey is held by the record that a thing of another system became.
func LegacyKey(source, id string) Key { return Key("legacy/" + source + "/" + id) }

// NumberKey is held by a ticket that has another number, but was accepted under this one too.
func NumberKey(n int64) Key { return Key("number/" + strconv.FormatInt(n, 10)) }

// EmailKey is held by the customer with that address.
func EmailKey(address string) Key { return Key("email/" + address) }

// Claim is a record's wish for a key, or its giving it back.
type Claim struct {
	Key   Key    `json:"key"`
	Owner string `json:"owner"` // record id
}
