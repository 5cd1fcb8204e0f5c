package sqlite

import (
	"cmp"
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Setup implements graph.Decisions.
func (s *Store) Setup(ctx context.Context) (out graph.Setup, err error) {
	err = s.view(ctx, func(q query) error {
		policies, err := rootsByID[*muster.Policy](q, []muster.PolicyID{muster.ThePolicy})
		if err != nil {
			return err
		}
		for _, p := range policies {
			out.Policy = *p
		}
		trees, err := rootsByID[*muster.SkillTree](q, []muster.SkillTreeID{muster.TheSkillTree})
		if err != nil {
			return err
		}
		for _, t := range trees {
			out.Tree = *t
		}
		skills, err := partsAt(q, trees, func(a, b *muster.Skill) int { return cmp.Compare(a.ID, b.ID) })
		if err != nil {
			return err
		}
		out.Skills = values(skills)
		regions, err := roots[*muster.Region](q, `region t ORDER BY t."id"`)
		out.Regions = values(regions)
		return err
	})
	return out, err
}

// Records implements graph.Decisions.
func (s *Store) Records(ctx context.Context, cmd muster.CommandID, ids ...string) (out map[string]muster.Record, err error) {
	out = make(map[string]muster.Record, len(ids))
	err = s.view(ctx, func(q query) error {
		if err := replayed(q, cmd); err != nil {
			return err
		}
		return eachKind(ids, func(t *table, ids []string) error {
			found, err := t.load(q, ids)
			for _, r := range found {
				out[r.RecordID()] = r
			}
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CustomerCase implements graph.Decisions.
func (s *Store) CustomerCase(ctx context.Context, cmd muster.CommandID, id muster.CustomerID) (out graph.CustomerCase, err error) {
	err = s.view(ctx, func(q query) error {
		if err := replayed(q, cmd); err != nil {
			return err
		}
		c, err := rootsByID[*muster.Customer](q, []muster.CustomerID{id})
		if err != nil {
			return err
		}
		if len(c) == 0 {
			return muster.NotFound(muster.KindCustomer, string(id))
		}
		sites, err := partsAt(q, c, func(a, b *muster.Site) int { return cmp.Compare(a.ID, b.ID) })
		if err != nil {
			return err
		}
		devices, err := partsAt(q, c, func(a, b *muster.Device) int { return cmp.Compare(a.ID, b.ID) })
		out = graph.CustomerCase{Customer: *c[0], Sites: values(sites), Devices: values(devices)}
		return err
	})
	return out, err
}

// ExpertCase implements graph.Decisions.
func (s *Store) ExpertCase(
	ctx context.Context, cmd muster.CommandID, id muster.ExpertID, from time.Time,
) (out graph.ExpertCase, err error) {
	err = s.view(ctx, func(q query) error {
		if err := replayed(q, cmd); err != nil {
			return err
		}
		e, err := rootsByID[*muster.Expert](q, []muster.ExpertID{id})
		if err != nil {
			return err
		}
		if len(e) == 0 {
			return muster.NotFound(muster.KindExpert, string(id))
		}
		tours, err := roots[*muster.Tour](q, `tour t WHERE t."expert" = ? AND t."end" > ? ORDER BY t."start", t."id"`,
			string(id), from.UnixMicro())
		if err != nil {
			return err
		}
		var visited []muster.TicketID
		for _, t := range tours {
			for _, stop := range t.Stops {
				visited = append(visited, stop.Ticket)
			}
		}
		tickets, err := rootsByID[*muster.Ticket](q, visited)
		out = graph.ExpertCase{Expert: *e[0], Tours: values(tours), Tickets: values(tickets)}
		return err
	})
	return out, err
}

func values[T any](pointers []*T) []T {
	if len(pointers) == 0 {
		return nil
	}
	out := make([]T, len(pointers))
	for i, p := range pointers {
		out[i] = *p
	}
	return out
}
