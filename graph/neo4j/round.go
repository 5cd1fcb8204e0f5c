package neo4j

import (
	"context"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Round implements graph.Decisions.
func (s *Store) Round(ctx context.Context, ref graph.RoundRef) (out graph.Round, err error) {
	p := parameters{
		"region": string(ref.Region), "state": string(muster.Queued), "limit": ref.Limit, "skip": ref.Skip, "reach": distinct(ref.Reach),
		"from": ref.Span.Start.UnixMicro(), "to": ref.Span.End.UnixMicro(),
	}
	err = s.view(ctx, decision, "round", p, func(r *reader, records []*neo4j.Record) error {
		row := records[0].AsMap()
		cases, err := roundCases(r, row)
		if err != nil {
			return err
		}
		experts, err := many[*muster.Expert](r, row["experts"])
		if err != nil {
			return err
		}
		tours, err := many[*muster.Tour](r, row["tours"])
		out = graph.Round{Tickets: cases, Experts: values(byID(experts)), Tours: values(byStart(tours))}
		return err
	})
	return out, err
}

// roundCases puts tickets, customers, sites and devices together.
func roundCases(r *reader, row map[string]any) ([]graph.TicketCase, error) {
	tickets, err := many[*muster.Ticket](r, row["tickets"])
	if err != nil {
		return nil, err
	}
	customers, err := lookup[*muster.Customer](r, row["customers"])
	if err != nil {
		return nil, err
	}
	sites, err := lookup[*muster.Site](r, row["sites"])
	if err != nil {
		return nil, err
	}
	devices, err := lookup[*muster.Device](r, row["devices"])
	if err != nil {
		return nil, err
	}
	served := make(map[muster.CustomerID][]any)
	for _, v := range listOf(row["served"]) {
		of := listOf(v)
		customer := muster.CustomerID(text(of[0]))
		served[customer] = append(served[customer], of[1:])
	}
	cases := make([]graph.TicketCase, len(tickets))
	for i, t := range tickets {
		c := graph.TicketCase{Ticket: *t, Served: servedOf(t.Device, served[t.Customer])}
		if found := customers[string(t.Customer)]; found != nil {
			c.Customer = *found
		}
		if found := sites[string(t.Site)]; found != nil {
			c.Site = *found
		}
		if found := devices[string(t.Device)]; found != nil {
			device := *found
			c.Device = &device
		}
		cases[i] = c
	}
	return cases, nil
}

func lookup[P muster.Record](r *reader, v any) (map[string]P, error) {
	found, err := many[P](r, v)
	if err != nil {
		return nil, err
	}
	m := make(map[string]P, len(found))
	for _, p := range found {
		m[p.RecordID()] = p
	}
	return m, nil
}
