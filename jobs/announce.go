package jobs

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// announced rings after commits.
type announced struct {
	graph.Store
	ring func()
}

// Announced is a store that rings after every commit with events, so that a relay in this process numbers
// them at once and needn't wait for its next look.
func Announced(store graph.Store, ring func()) graph.Store { return announced{store, ring} }

// Commit is the store's. An unknown outcome rings too: it may have been written.
func (a announced) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	out, err := a.Store.Commit(ctx, changes...)
	news := muster.CodeOf(err) == muster.CodeUnknown
	for i, o := range out {
		news = news || o.Accepted && !o.Replayed && len(changes[i].Events) > 0
	}
	if news {
		a.ring()
	}
	return out, err
}
