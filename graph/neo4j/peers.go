package neo4j

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Peers implements graph.Decisions. The columns of the statement are the fields of graph.Peer.
func (s *Store) Peers(ctx context.Context, after muster.ExpertID, limit int) (out []muster.Expert, err error) {
	p := scanning(muster.KindExpert, string(after), limit)
	err = s.view(ctx, decision, "peers", p, func(_ *reader, records []*neo4j.Record) error {
		out = nil
		for _, rec := range records {
			e, err := graph.Peer.Decode(rec.Values)
			if err != nil {
				return err
			}
			out = append(out, *e.(*muster.Expert))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
