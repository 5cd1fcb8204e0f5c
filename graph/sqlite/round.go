package sqlite

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Round implements graph.Decisions: seven statements, however many tickets and experts there are.
func (s *Store) Round(ctx context.Context, ref graph.RoundRef) (out graph.Round, err error) {
	err = s.view(ctx, func(q query) error {
		tickets, err := records[*muster.Ticket](q, `ticket t WHERE t."region" = ? AND t."state" = ?
			ORDER BY t."priority_rank", t."due_at", t."id" LIMIT ?`, string(ref.Region), string(muster.Queued), ref.Limit)
		if err != nil {
			return err
		}
		cases := make([]graph.TicketCase, len(tickets))
		for i, t := range tickets {
			cases[i].Ticket = *t
		}
		if cases, err = withPlace(q, cases); err != nil {
			return err
		}
		if err := withServed(q, cases); err != nil {
			return err
		}
		experts, err := records[*muster.Expert](q, `json_each(?) j CROSS JOIN expert t ON t."region" = j.value
			WHERE t.alive ORDER BY t."id"`, list(distinct(ref.Reach)))
		if err != nil {
			return err
		}
		tours, err := records[*muster.Tour](q, `json_each(?) j CROSS JOIN expert e ON e."region" = j.value AND e.alive
			CROSS JOIN tour t ON t."expert" = e."id" AND t."end" > ? AND t."start" < ? ORDER BY t."start", t."id"`,
			list(distinct(ref.Reach)), ref.Span.Start.UnixMicro(), ref.Span.End.UnixMicro())
		out = graph.Round{Tickets: cases, Experts: values(experts), Tours: values(tours)}
		return err
	})
	return out, err
}
