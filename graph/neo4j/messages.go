package neo4j

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Messages implements graph.Lists.
func (s *Store) Messages(
	ctx context.Context, scope muster.Scope, tickets []muster.TicketID, limit int,
) (out []*muster.Message, err error) {
	if err := graph.CheckMessages(scope, limit); err != nil {
		return nil, err
	}
	p := parameters{"tickets": distinct(tickets), "customer": nil, "expert": nil, "limit": limit}
	if !scope.Everything {
		p["customer"], p["expert"] = orNull(string(scope.Customer)), orNull(string(scope.Expert))
	}
	name := "messages"
	if len(tickets) > 0 {
		name = "messages_of_tickets"
	}
	err = s.view(ctx, list, name, p, func(r *reader, records []*neo4j.Record) error {
		out, err = rows[*muster.Message](r, records)
		return err
	})
	return out, err
}
