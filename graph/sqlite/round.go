package sqlite

import (
	"cmp"
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Round implements graph.Decisions: six statements, however many tickets and experts there are.
func (s *Store) Round(ctx context.Context, ref graph.RoundRef) (out graph.Round, err error) {
	err = s.view(ctx, func(q query) error {
		tickets, err := roots[*muster.Ticket](q, `ticket t WHERE t."region" = ? AND t."state" = ?
			ORDER BY t."priority_rank", t."due_at", t."id"`+limited+" OFFSET 0 + ?", string(ref.Region), string(muster.Queued), ref.Limit, ref.Skip)
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
		reach := list(distinct(ref.Reach))
		experts, err := roots[*muster.Expert](q, `json_each(?) j CROSS JOIN expert t ON t."region" = j.value AND t.alive`, reach)
		if err != nil {
			return err
		}
		slices.SortFunc(experts, func(a, b *muster.Expert) int { return cmp.Compare(a.ID, b.ID) })
		tours, err := roots[*muster.Tour](q, `json_each(?) j CROSS JOIN expert e ON e."region" = j.value AND e.alive
			CROSS JOIN tour t ON t."expert" = e."id" AND t."end" > ? AND t."start" < ?`,
			reach, ref.Span.Start.UnixMicro(), ref.Span.End.UnixMicro())
		if err != nil {
			return err
		}
		slices.SortFunc(tours, func(a, b *muster.Tour) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
		out = graph.Round{Tickets: cases, Experts: values(experts), Tours: values(tours)}
		return nil
	})
	return out, err
}
