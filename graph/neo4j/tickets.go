package neo4j

import (
	"context"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Tickets implements graph.Lists. There are five ways to a page, each along an index: by expert, by customer, by
// exceptions, by region, and by what is shown.
func (s *Store) Tickets(
	ctx context.Context, scope muster.Scope, f graph.TicketFilter, p graph.Page,
) (out []*muster.Ticket, cursor string, err error) {
	l, err := f.Listing(scope, p)
	if err != nil {
		return nil, "", err
	}
	shown, after := l.Shown, l.After
	if !l.More {
		after = graph.Position{Rank: 0, Due: never, ID: ""}
	}
	experts, customer, possible := narrowed(scope, f)
	if !possible {
		return nil, "", nil
	}
	params := parameters{
		"shown": shown, "customer": orNull(string(customer)), "region": orNull(string(f.Region)), "since": nil, "mark": nil,
		"limit": l.Limit, "experts": experts, "ranks": ranks(f), "rank": after.Rank, "due": after.Due, "id": after.ID,
	}
	if !f.Since.IsZero() {
		params["since"] = f.Since.UnixMicro()
	}
	if f.Exceptions.On() {
		params["mark"] = f.Exceptions.Mark()
	}
	var name string
	switch {
	case len(experts) > 0:
		name = "tickets_of_expert"
	case customer != "":
		name = "tickets_of_customer"
	case f.Exceptions.On():
		name = "tickets_needing_person"
		params["ranges"] = ranges("needs_person", []string{""}, ranks(f), after)
	case f.Region != "":
		name = "tickets_in_region"
		params["ranges"] = ranges("state", statesOf(shown), ranks(f), after)
	default:
		name = "tickets"
		params["ranges"] = ranges("shown", shown, ranks(f), after)
	}
	err = s.view(ctx, list, name, params, func(r *reader, records []*neo4j.Record) error {
		out, err = rows[*muster.Ticket](r, records)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return out, l.Next(out), nil
}

// OpenTickets implements graph.Decisions.
func (s *Store) OpenTickets(
	ctx context.Context, id muster.CustomerID, sites []muster.SiteID, limit int,
) (out []muster.Ticket, err error) {
	shown, err := graph.TicketFilter{States: []string{"open"}}.Shown()
	if err != nil {
		return nil, err
	}
	p := parameters{"customer": string(id), "sites": nil, "shown": shown, "limit": limit}
	if len(sites) > 0 {
		p["sites"] = distinct(sites)
	}
	err = s.view(ctx, decision, "open_tickets", p, func(r *reader, records []*neo4j.Record) error {
		tickets, err := rows[*muster.Ticket](r, records)
		out = values(tickets)
		return err
	})
	return out, err
}

// narrowed puts a scope and a filter together: the experts whose tickets they must all be, the customer, and whether
// anything can be both.
func narrowed(s muster.Scope, f graph.TicketFilter) (experts []string, customer muster.CustomerID, possible bool) {
	customer = f.Customer
	if !s.Everything && s.Customer != "" {
		if customer != "" && customer != s.Customer {
			return nil, "", false
		}
		customer = s.Customer
	}
	both := []muster.ExpertID{f.Expert}
	if !s.Everything {
		both = append(both, s.Expert)
	}
	return distinct(both), customer, true
}

// ranks of the priorities that a filter lets pass.
func ranks(f graph.TicketFilter) []int {
	if f.Priority != "" {
		return []int{f.Priority.Rank()}
	}
	return []int{0, 1, 2, 3}
}

// ranges are the pieces of an index in which a page may lie that begins after a position.
func ranges(field string, values []string, ranks []int, after graph.Position) []any {
	var out []any
	for _, value := range values {
		for _, rank := range ranks {
			if rank < after.Rank {
				continue
			}
			piece := map[string]any{field: value, "rank": rank, "due": int64(never), "id": ""}
			if rank == after.Rank {
				piece["due"], piece["id"] = after.Due, after.ID
			}
			out = append(out, piece)
		}
	}
	return out
}

// statesOf are the states of the tickets of which that is shown.
func statesOf(shown []string) []string {
	out := make([]string, 0, len(shown))
	for _, v := range shown {
		if slices.Contains(muster.VisitStates(), muster.VisitState(v)) {
			v = string(muster.Scheduled)
		}
		out = append(out, v)
	}
	return distinct(out)
}

// TicketCounts implements graph.Lists.
func (s *Store) TicketCounts(ctx context.Context, scope muster.Scope) (out map[string]int, err error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	shown, err := graph.TicketFilter{States: []string{"open"}}.Shown()
	if err != nil {
		return nil, err
	}
	name, params := "ticket_counts", parameters{"shown": shown}
	switch {
	case scope.Everything:
	case scope.Expert != "":
		name = "ticket_counts_of_expert"
		params["expert"], params["customer"] = string(scope.Expert), orNull(string(scope.Customer))
	default:
		name = "ticket_counts_of_customer"
		params["customer"] = string(scope.Customer)
	}
	err = s.view(ctx, list, name, params, func(_ *reader, records []*neo4j.Record) error {
		out = make(map[string]int, len(records))
		for _, rec := range records {
			out[text(rec.Values[0])] = int(whole64(rec.Values[1]))
		}
		return nil
	})
	return out, err
}

// orNull is a parameter that is null where nothing is asked.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
