package neo4j

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Setup implements graph.Decisions.
func (s *Store) Setup(ctx context.Context) (out graph.Setup, err error) {
	p := parameters{"policy": string(muster.ThePolicy), "tree": string(muster.TheSkillTree)}
	err = s.view(ctx, decision, "setup", p, func(r *reader, records []*neo4j.Record) error {
		out = graph.Setup{}
		row := records[0].AsMap()
		policy, err := one[*muster.Policy](r, row["policy"])
		if err != nil {
			return err
		}
		if policy != nil {
			out.Policy = *policy
		}
		tree, err := one[*muster.SkillTree](r, row["tree"])
		if err != nil {
			return err
		}
		if tree != nil {
			out.Tree = *tree
		}
		skills, err := many[*muster.Skill](r, row["skills"])
		if err != nil {
			return err
		}
		skills = slices.DeleteFunc(skills, func(k *muster.Skill) bool { return k.Tree != muster.TheSkillTree })
		out.Skills = values(byID(skills))
		regions, err := many[*muster.Region](r, row["regions"])
		out.Regions = values(byID(regions))
		return err
	})
	return out, err
}

// Records implements graph.Decisions.
func (s *Store) Records(ctx context.Context, cmd muster.CommandID, ids ...string) (out map[string]muster.Record, err error) {
	p := parameters{"command": string(cmd), "ids": ids}
	err = s.view(ctx, decision, "records", p, func(r *reader, records []*neo4j.Record) error {
		row := records[0].AsMap()
		if err := replayed(row["command"]); err != nil {
			return err
		}
		nodes := listOf(row["records"])
		out = make(map[string]muster.Record, len(nodes))
		for _, v := range nodes {
			n, ok := v.(neo4j.Node)
			if !ok || muster.KindOf(text(n.Props["id"])) == "" {
				continue // a cell or model
			}
			found, err := r.record(n)
			if err != nil {
				return err
			}
			out[found.RecordID()] = found
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// CustomerCase implements graph.Decisions.
func (s *Store) CustomerCase(ctx context.Context, cmd muster.CommandID, id muster.CustomerID) (out graph.CustomerCase, err error) {
	p := parameters{"command": string(cmd), "id": string(id)}
	err = s.view(ctx, decision, "customer_case", p, func(r *reader, records []*neo4j.Record) error {
		row := records[0].AsMap()
		if err := replayed(row["command"]); err != nil {
			return err
		}
		customer, err := one[*muster.Customer](r, row["root"])
		if err != nil {
			return err
		}
		if customer == nil {
			return muster.NotFound(muster.KindCustomer, string(id))
		}
		r.whole(row["root"], row["rev"], row["sites"], row["devices"])
		sites, err := many[*muster.Site](r, row["sites"])
		if err != nil {
			return err
		}
		devices, err := many[*muster.Device](r, row["devices"])
		out = graph.CustomerCase{Customer: *customer, Sites: values(byID(sites)), Devices: values(byID(devices))}
		return err
	})
	return out, err
}

// ExpertCase implements graph.Decisions.
func (s *Store) ExpertCase(
	ctx context.Context, cmd muster.CommandID, id muster.ExpertID, from time.Time,
) (out graph.ExpertCase, err error) {
	p := parameters{"command": string(cmd), "id": string(id), "from": from.UnixMicro()}
	err = s.view(ctx, decision, "expert_case", p, func(r *reader, records []*neo4j.Record) error {
		row := records[0].AsMap()
		if err := replayed(row["command"]); err != nil {
			return err
		}
		expert, err := one[*muster.Expert](r, row["root"])
		if err != nil {
			return err
		}
		if expert == nil {
			return muster.NotFound(muster.KindExpert, string(id))
		}
		tours, err := many[*muster.Tour](r, row["tours"])
		if err != nil {
			return err
		}
		tickets, err := many[*muster.Ticket](r, row["tickets"])
		out = graph.ExpertCase{Expert: *expert, Tours: values(byStart(tours)), Tickets: values(byID(tickets))}
		return err
	})
	return out, err
}

func byID[P muster.Record](records []P) []P {
	slices.SortFunc(records, func(a, b P) int { return cmp.Compare(a.RecordID(), b.RecordID()) })
	return records
}

func byStart(tours []*muster.Tour) []*muster.Tour {
	slices.SortFunc(tours, func(a, b *muster.Tour) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.ID, b.ID)) })
	return tours
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

// distinct sorts ids and drops repetitions and empty ones.
func distinct[S ~string](ids []S) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if id != "" {
			out = append(out, string(id))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
