package graph

import (
	"cmp"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// Relayable puts pending events into the order in which they may be numbered, and holds back every event
// whose predecessor is neither numbered nor before it: an index scan under change may have missed one.
// pending must hold all pending events of its aggregates that the second reading saw; numbered tells for
// aggregates the highest revision that has a number, 0 or absent for none. The order is (at, aggregate,
// rev), with a clock that went back corrected: no event comes before its predecessor.
func Relayable(pending []muster.Event, numbered map[string]int64) []muster.Event {
	byAggregate := slices.Clone(pending)
	slices.SortFunc(byAggregate, func(a, b muster.Event) int {
		return cmp.Or(cmp.Compare(a.Aggregate, b.Aggregate), cmp.Compare(a.Rev, b.Rev))
	})
	type entry struct {
		at time.Time // not before the predecessor's
		e  muster.Event
	}
	var ready []entry
	last := make(map[string]entry)
	for _, e := range byAggregate {
		before, ok := last[e.Aggregate]
		rev := numbered[e.Aggregate]
		if ok {
			rev = before.e.Rev
		}
		if e.Rev != rev+1 {
			continue
		}
		at := e.At
		if ok && before.at.After(at) {
			at = before.at
		}
		last[e.Aggregate] = entry{at, e}
		ready = append(ready, entry{at, e})
	}
	slices.SortFunc(ready, func(a, b entry) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.e.Aggregate, b.e.Aggregate), cmp.Compare(a.e.Rev, b.e.Rev))
	})
	out := make([]muster.Event, len(ready))
	for i, r := range ready {
		out[i] = r.e
	}
	return out
}
