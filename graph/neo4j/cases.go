package neo4j

import (
	"cmp"
	"context"
	"slices"

	"github.com/neo4j/neo4j-go-driver/v5/neo4j"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// TicketCase implements graph.Decisions.
func (s *Store) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (out graph.TicketCase, err error) {
	p := parameters{
		"command": string(cmd), "ticket": nil, "number": nil, "numbered": nil, "visit": nil, "offer": nil,
		"experts": distinct(ref.Experts), "from": ref.Span.Start.UnixMicro(), "to": ref.Span.End.UnixMicro(),
		"latest": ref.Latest,
	}
	switch {
	case ref.Ticket != "":
		p["ticket"] = string(ref.Ticket)
	case ref.Number != 0:
		p["number"], p["numbered"] = ref.Number, string(muster.NumberKey(ref.Number))
	case ref.Visit != "":
		p["visit"] = string(ref.Visit)
	default:
		p["offer"] = string(ref.Offer)
	}
	err = s.view(ctx, decision, "ticket_case", p, func(r *reader, records []*neo4j.Record) error {
		row := records[0].AsMap()
		if err := replayed(row["command"]); err != nil {
			return err
		}
		if row["root"] == nil {
			kind, id := ref.Named()
			return muster.NotFound(kind, id)
		}
		if out, err = withParts(r, row); err != nil {
			return err
		}
		if err := withPlace(r, &out, row["customer"], row["site"], row["device"]); err != nil {
			return err
		}
		out.Served = servedOf(out.Ticket.Device, listOf(row["served"]))
		return withPeople(r, &out, row)
	})
	return out, err
}

// withParts builds a case from a ticket and its parts.
func withParts(r *reader, row map[string]any) (c graph.TicketCase, err error) {
	ticket, err := one[*muster.Ticket](r, row["root"])
	if err != nil {
		return c, err
	}
	r.whole(row["root"], row["rev"], row["visits"], row["offers"], row["assignments"], row["others"])
	visits, err := many[*muster.Visit](r, row["visits"])
	if err != nil {
		return c, err
	}
	offers, err := many[*muster.Offer](r, row["offers"])
	if err != nil {
		return c, err
	}
	assignments, err := many[*muster.Assignment](r, row["assignments"])
	if err != nil {
		return c, err
	}
	slices.SortFunc(visits, func(a, b *muster.Visit) int { return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(offers, func(a, b *muster.Offer) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	slices.SortFunc(assignments, func(a, b *muster.Assignment) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	return graph.TicketCase{Ticket: *ticket, Visits: values(visits), Offers: values(offers), Assignments: values(assignments)}, nil
}

// withPlace adds customer, site and device.
func withPlace(r *reader, c *graph.TicketCase, customer, site, device any) error {
	found, err := one[*muster.Customer](r, customer)
	if err != nil {
		return err
	}
	if found != nil {
		c.Customer = *found
	}
	at, err := one[*muster.Site](r, site)
	if err != nil {
		return err
	}
	if at != nil {
		c.Site = *at
	}
	c.Device, err = one[*muster.Device](r, device)
	return err
}

// servedOf sums up visits done for a customer; rows are [expert, device, visits].
func servedOf(device muster.DeviceID, rows []any) []muster.Served {
	byExpert := make(map[muster.ExpertID]muster.Served)
	for _, v := range rows {
		row := listOf(v)
		expert := muster.ExpertID(text(row[0]))
		sum := byExpert[expert]
		sum.Expert = expert
		sum.Visits += int(whole64(row[2]))
		if device != "" && text(row[1]) == string(device) {
			sum.Device += int(whole64(row[2]))
		}
		byExpert[expert] = sum
	}
	var out []muster.Served
	for _, sum := range byExpert {
		out = append(out, sum)
	}
	slices.SortFunc(out, func(a, b muster.Served) int { return cmp.Compare(a.Expert, b.Expert) })
	return out
}

// withPeople adds experts and tours.
func withPeople(r *reader, c *graph.TicketCase, row map[string]any) error {
	experts, err := many[*muster.Expert](r, row["experts"])
	if err != nil {
		return err
	}
	c.Experts = make(map[muster.ExpertID]muster.Expert, len(experts))
	for _, e := range experts {
		c.Experts[e.ID] = *e
	}
	c.Tours = make(map[muster.TourID]muster.Tour)
	for _, column := range []string{"tours", "asked"} {
		tours, err := many[*muster.Tour](r, row[column])
		if err != nil {
			return err
		}
		for _, t := range tours {
			c.Tours[t.ID] = *t
		}
	}
	return nil
}
