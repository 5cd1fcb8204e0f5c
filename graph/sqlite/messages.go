package sqlite

import (
	"context"

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
	var c filter
	c.and(`t."at" IS NOT NULL`)
	if len(tickets) > 0 {
		c.and(`t."ticket" IN (SELECT value FROM json_each(?))`, list(distinct(tickets)))
	}
	if !scope.Everything {
		if scope.Customer != "" {
			c.and(`+t."customer" = ?`, string(scope.Customer))
		}
		if scope.Expert != "" {
			c.and(`+t."expert" = ?`, string(scope.Expert))
		}
	}
	err = s.view(ctx, func(q query) error {
		out, err = records[*muster.Message](q, "message t"+c.text()+` ORDER BY t."at" DESC, t."id" DESC`+limited, append(c.args, limit)...)
		return err
	})
	return out, err
}
