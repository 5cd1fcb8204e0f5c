package neo4j

import (
	"context"
	"slices"
	"strings"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Customers implements graph.Lists.
func (s *Store) Customers(
	ctx context.Context, scope muster.Scope, text string, p graph.Page,
) ([]*muster.Customer, string, error) {
	if err := scope.Check(); err != nil {
		return nil, "", err
	}
	only, name := "", "customers"
	search := graph.Search(text)
	params := parameters{"words": search}
	switch {
	case scope.Everything && search != nil:
		name = "customers_found"
		params["near"] = graph.Near * p.Limit
		params["terms"] = "+" + strings.Join(graph.Terms(search), "* +") + "*" // as Lucene has it: each must begin a word
	case scope.Everything:
	default:
		only = string(scope.Customer)
		if scope.Expert != "" {
			name = "customers_of_expert"
			params["expert"] = string(scope.Expert)
		}
	}
	return page[*muster.Customer](ctx, s, name, params, only, p)
}

// Experts implements graph.Lists.
func (s *Store) Experts(
	ctx context.Context, scope muster.Scope, f graph.ExpertFilter, p graph.Page,
) ([]*muster.Expert, string, error) {
	if err := scope.Check(); err != nil {
		return nil, "", err
	}
	if err := p.Check(); err != nil {
		return nil, "", err
	}
	only := ""
	if !scope.Everything {
		if scope.Customer != "" {
			return nil, "", nil // customers see none
		}
		only = string(scope.Expert)
	}
	params := parameters{"words": graph.Search(f.Text), "skills": nil}
	if accepts := f.Accepts(); accepts != nil {
		params["skills"] = accepts
	}
	name := "experts"
	if f.Region != "" {
		name = "experts_in_region"
		params["region"] = string(f.Region)
	}
	return page[*muster.Expert](ctx, s, name, params, only, p)
}

// page reads one page of a list that is ordered by id; only, if given, is the one id that may be on it.
func page[P muster.Record](
	ctx context.Context, s *Store, name string, params parameters, only string, p graph.Page,
) (out []P, cursor string, err error) {
	var zero P
	if err := p.CheckIDs(zero.Kind()); err != nil {
		return nil, "", err
	}
	first, end := rangeOf(zero.Kind())
	if p.After != "" {
		first = next(p.After)
	}
	if only != "" {
		first, end = max(first, only), min(end, next(only))
	}
	params["first"], params["end"], params["limit"] = first, end, p.Limit
	err = s.view(ctx, list, name, params, func(r *reader, records []*neo4j.Record) error {
		out, err = rows[P](r, records)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return out, graph.NextID(p, out), nil
}

// Tours implements graph.Lists.
func (s *Store) Tours(
	ctx context.Context, scope muster.Scope, experts []muster.ExpertID, span muster.Window,
) (out []*muster.Tour, err error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	if !scope.Everything {
		if scope.Customer != "" {
			return nil, nil // customers see none
		}
		if len(experts) > 0 && !slices.Contains(experts, scope.Expert) {
			return nil, nil
		}
		experts = []muster.ExpertID{scope.Expert}
	}
	name := "tours"
	if len(experts) > 0 {
		name = "tours_of_experts"
	}
	p := parameters{
		"experts": distinct(experts), "from": span.Start.UnixMicro(), "to": span.End.UnixMicro(), "limit": graph.MaxTours,
	}
	err = s.view(ctx, list, name, p, func(r *reader, records []*neo4j.Record) error {
		out, err = rows[*muster.Tour](r, records)
		return err
	})
	return out, err
}

// Users implements graph.Lists.
func (s *Store) Users(ctx context.Context, scope muster.Scope) (out []*muster.User, err error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	err = s.view(ctx, list, "users", nil, func(r *reader, records []*neo4j.Record) error {
		out, err = rows[*muster.User](r, records)
		return err
	})
	if err != nil || scope.Everything {
		return out, err
	}
	return slices.DeleteFunc(out, func(u *muster.User) bool {
		return scope.Customer != "" && u.Customer != scope.Customer || scope.Expert != "" && u.Expert != scope.Expert
	}), nil
}

// History implements graph.Lists. A customer sees their own and their tickets', an expert their own, their tours' and
// tickets'.
func (s *Store) History(ctx context.Context, scope muster.Scope, aggregate string) (out []muster.Event, err error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	kind := muster.KindOf(aggregate)
	err = s.view(ctx, list, "history", parameters{"id": aggregate}, func(_ *reader, records []*neo4j.Record) error {
		out = nil
		row := records[0].AsMap()
		if !sees(scope, kind, aggregate, row) {
			return muster.NotFound(kind, aggregate)
		}
		for _, v := range listOf(row["events"]) {
			e, err := event(v)
			if err != nil {
				return err
			}
			out = append(out, e)
		}
		if len(out) == 0 {
			return muster.NotFound(kind, aggregate)
		}
		return nil
	})
	return out, err
}

// sees tells whether a scope reaches an aggregate, by what the row says of it.
func sees(s muster.Scope, kind muster.Kind, aggregate string, row map[string]any) bool {
	if s.Everything {
		return true
	}
	switch kind {
	case muster.KindCustomer:
		return s.Expert == "" && string(s.Customer) == aggregate
	case muster.KindExpert:
		return s.Customer == "" && string(s.Expert) == aggregate
	case muster.KindTour:
		return s.Customer == "" && row["expert"] == string(s.Expert)
	case muster.KindTicket:
		return (s.Customer == "" || row["customer"] == string(s.Customer)) &&
			(s.Expert == "" || slices.Contains(listOf(row["experts"]), any(string(s.Expert))))
	}
	return false
}
