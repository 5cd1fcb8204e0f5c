package sqlite

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

var peers = newTable(graph.Peer)

// Peers implements graph.Decisions.
func (s *Store) Peers(ctx context.Context, after muster.ExpertID, limit int) (out []muster.Expert, err error) {
	err = s.view(ctx, func(q query) error {
		found, err := read[*muster.Expert](q, peers, `expert t WHERE t."id" > ? AND t.alive ORDER BY t."id"`+limited, string(after), limit)
		out = values(found)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
