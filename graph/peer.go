package graph

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// Peer is the kind of experts cut to the fields that Decisions.Peers gives, in the order in which Decode takes them.
var Peer = byKind[muster.KindExpert].only("id", "region", "skills", "capacity", "paid_weeks")

// only cuts a kind to some of its fields.
func (s Spec) only(names ...string) Spec {
	s.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(f Field) bool { return !slices.Contains(names, f.Name) })
	return s
}
