package linear

import (
	"context"
	"math/rand/v2"
	"runtime"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// fate is what becomes of a caller's commit.
type fate int

const (
	arrives   fate = iota
	replyLost      // written, and the caller never hears of it
	neverSent      // not written, and the caller can't know
)

// trouble travels with a call's context to the store.
type trouble struct {
	fate    fate
	settles bool // the store is back at once: dispatch settles by sending the same again. Otherwise it stays away
	hit     bool
	giveUp  context.CancelFunc
	rand    *rand.Rand
}

type troubleKey struct{}

// lossy is a store whose commits meet what their caller's context says, and whose callers meet each other more often:
// between what they read and what they write others get their turn.
type lossy struct{ graph.Store }

// Commit writes, loses the reply, or loses the request.
func (l lossy) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	t, _ := ctx.Value(troubleKey{}).(*trouble)
	if t == nil {
		return l.Store.Commit(ctx, changes...)
	}
	for range t.rand.IntN(4) {
		runtime.Gosched()
	}
	away := muster.E(muster.CodeUnknown, "the reply was lost", "send the same again")
	switch {
	case t.fate == arrives || t.hit && t.settles:
		return l.Store.Commit(ctx, changes...)
	case t.hit:
		return nil, away
	}
	t.hit = true
	if t.fate == replyLost {
		if _, err := l.Store.Commit(ctx, changes...); err != nil {
			return nil, err
		}
	}
	if !t.settles {
		t.giveUp()
	}
	return nil, away
}
