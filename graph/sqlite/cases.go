package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// TicketCase implements graph.Decisions.
func (s *Store) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (out graph.TicketCase, err error) {
	err = s.view(ctx, func(q query) error {
		if err := replayed(q, cmd); err != nil {
			return err
		}
		t, err := findTicket(q, ref)
		if err != nil {
			return err
		}
		cases := []graph.TicketCase{{Ticket: *t}}
		if ref.Latest > 0 && t.Visits > ref.Latest {
			err = withLatest(q, &cases[0], ref)
		} else {
			cases, err = withParts(q, []*muster.Ticket{t})
		}
		if err != nil {
			return err
		}
		if cases, err = withPlace(q, cases); err != nil {
			return err
		}
		if err := withServed(q, cases); err != nil {
			return err
		}
		out = cases[0]
		return withPeople(q, &out, ref)
	})
	return out, err
}

// findTicket loads a ticket by whichever of its ids is given.
func findTicket(q query, ref graph.CaseRef) (*muster.Ticket, error) {
	var t []*muster.Ticket
	var err error
	switch {
	case ref.Ticket != "":
		t, err = rootsByID[*muster.Ticket](q, []muster.TicketID{ref.Ticket})
	case ref.Number != 0:
		t, err = roots[*muster.Ticket](q, `ticket t WHERE t."number" = ?`, ref.Number)
		if err == nil && len(t) == 0 {
			t, err = roots[*muster.Ticket](q, `key k JOIN ticket t ON t."id" = k.owner WHERE k.key = ?`, string(muster.NumberKey(ref.Number)))
		}
	case ref.Visit != "":
		t, err = roots[*muster.Ticket](q, `visit v JOIN ticket t ON t.nr = v.root WHERE v."id" = ?`, string(ref.Visit))
	default:
		t, err = roots[*muster.Ticket](q, `offer o JOIN ticket t ON t.nr = o.root WHERE o."id" = ?`, string(ref.Offer))
	}
	if err != nil {
		return nil, err
	}
	if len(t) == 0 {
		kind, id := ref.Named()
		return nil, muster.NotFound(kind, id)
	}
	return t[0], nil
}

// withParts makes cases of tickets: visits by number, offers and assignments by time and id.
func withParts(q query, tickets []*muster.Ticket) ([]graph.TicketCase, error) {
	cases := make([]graph.TicketCase, len(tickets))
	at := make(map[muster.TicketID]*graph.TicketCase, len(tickets))
	for i, t := range tickets {
		cases[i].Ticket = *t
		at[t.ID] = &cases[i]
	}
	visits, err := partsAt(q, tickets, func(a, b *muster.Visit) int { return cmp.Or(cmp.Compare(a.N, b.N), cmp.Compare(a.ID, b.ID)) })
	if err != nil {
		return nil, err
	}
	for _, v := range visits {
		at[v.Ticket].Visits = append(at[v.Ticket].Visits, *v)
	}
	offers, err := partsAt(q, tickets, func(a, b *muster.Offer) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	if err != nil {
		return nil, err
	}
	for _, o := range offers {
		at[o.Ticket].Offers = append(at[o.Ticket].Offers, *o)
	}
	assignments, err := partsAt(q, tickets, func(a, b *muster.Assignment) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	if err != nil {
		return nil, err
	}
	for _, a := range assignments {
		at[a.Ticket].Assignments = append(at[a.Ticket].Assignments, *a)
	}
	return cases, nil
}

// withLatest adds the parts that a decision rests on to a ticket of many visits. They aren't kept: few are as many.
func withLatest(q query, c *graph.TicketCase, ref graph.CaseRef) error {
	visits, err := read[*muster.Visit](q, tableFor[*muster.Visit](), `ticket r CROSS JOIN visit t ON r."id" = ? AND t.root = r.nr
		WHERE t."n" > ? OR t."arrived_at" IS NOT NULL OR t."started_at" IS NOT NULL OR t."id" = ?
		OR t."id" = (SELECT o."visit" FROM offer o WHERE o."id" = ?) ORDER BY t."n", t."id"`,
		string(c.Ticket.ID), c.Ticket.Visits-ref.Latest, string(ref.Visit), string(ref.Offer))
	if err != nil {
		return err
	}
	ids := make([]muster.VisitID, len(visits))
	for i, v := range visits {
		ids[i] = v.ID
		c.Visits = append(c.Visits, *v)
	}
	const of = ` t ON r."id" = ? AND t.root = r.nr WHERE t."visit" IN (SELECT value FROM json_each(?)) ORDER BY t."at", t."id"`
	offers, err := read[*muster.Offer](q, tableFor[*muster.Offer](), "ticket r CROSS JOIN offer"+of, string(c.Ticket.ID), list(ids))
	if err != nil {
		return err
	}
	for _, o := range offers {
		c.Offers = append(c.Offers, *o)
	}
	assignments, err := read[*muster.Assignment](q, tableFor[*muster.Assignment](), "ticket r CROSS JOIN assignment"+of, string(c.Ticket.ID), list(ids))
	if err != nil {
		return err
	}
	for _, a := range assignments {
		c.Assignments = append(c.Assignments, *a)
	}
	return nil
}

// withPlace adds customer, site and device to cases.
func withPlace(q query, cases []graph.TicketCase) ([]graph.TicketCase, error) {
	customers := make([]muster.CustomerID, len(cases))
	for i, c := range cases {
		customers[i] = c.Ticket.Customer
	}
	found, err := rootsByID[*muster.Customer](q, customers)
	if err != nil {
		return nil, err
	}
	customerOf := make(map[string]*muster.Customer, len(found))
	for _, c := range found {
		customerOf[c.RecordID()] = c
	}
	sites, devices := make([]owned, len(cases)), make([]owned, len(cases))
	for i, c := range cases {
		of := customerOf[string(c.Ticket.Customer)]
		sites[i], devices[i] = owned{string(c.Ticket.Site), of}, owned{string(c.Ticket.Device), of}
	}
	siteOf, err := lookup[*muster.Site](q, sites)
	if err != nil {
		return nil, err
	}
	deviceOf, err := lookup[*muster.Device](q, devices)
	if err != nil {
		return nil, err
	}
	for i := range cases {
		c := &cases[i]
		if found, ok := customerOf[string(c.Ticket.Customer)]; ok {
			c.Customer = *found
		}
		if found, ok := siteOf[string(c.Ticket.Site)]; ok {
			c.Site = *found
		}
		if found, ok := deviceOf[string(c.Ticket.Device)]; ok {
			device := *found
			c.Device = &device
		}
	}
	return cases, nil
}

// owned names a part of a customer who was read in the same transaction; nil: there is no such customer.
type owned struct {
	id string
	of *muster.Customer
}

// lookup finds parts of customers by id.
func lookup[P muster.Record](q query, wanted []owned) (map[string]P, error) {
	out := make(map[string]P, len(wanted))
	owner := make(map[string]*muster.Customer)
	for _, w := range wanted {
		if w.id == "" {
			continue
		}
		if w.of != nil && q.keep != nil {
			if m := q.keep.part(w.of.RecordID(), w.of.Rev, w.id); m != nil {
				one, err := copies[P]([]*memory{m})
				if err != nil {
					return nil, err
				}
				out[w.id] = one[0]
				continue
			}
		}
		owner[w.id] = w.of
	}
	found, err := byID[P](q, slices.Collect(maps.Keys(owner)))
	if err != nil {
		return nil, err
	}
	for _, r := range found {
		id := r.RecordID()
		out[id] = r
		if c := owner[id]; q.keep != nil && c != nil && r.RootID() == c.RecordID() {
			q.keep.learnParts(c.RecordID(), c.Rev, r.Kind(), []muster.Record{graph.Clone(r)}, false)
		}
	}
	return out, nil
}

// withServed counts for each case who has done visits to its customer, and to its device.
func withServed(q query, cases []graph.TicketCase) error {
	type visits struct {
		expert muster.ExpertID
		device muster.DeviceID
		n      int
	}
	ids := make([]muster.CustomerID, len(cases))
	for i, c := range cases {
		ids[i] = c.Ticket.Customer
	}
	byCustomer := make(map[muster.CustomerID][]visits)
	const text = `SELECT t."customer", a."expert", coalesce(t."device", ''), count(*)
		FROM json_each(?) j CROSS JOIN ticket t ON t."customer" = j.value CROSS JOIN assignment a ON a.root = t.nr
		WHERE a."state" = 'done' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
	err := q.each(text, []any{list(distinct(ids))}, func(rows *sql.Rows) error {
		var customer muster.CustomerID
		var v visits
		if err := rows.Scan(&customer, &v.expert, &v.device, &v.n); err != nil {
			return err
		}
		byCustomer[customer] = append(byCustomer[customer], v)
		return nil
	})
	if err != nil {
		return err
	}
	for i := range cases {
		c := &cases[i]
		for _, v := range byCustomer[c.Ticket.Customer] {
			n := len(c.Served)
			if n == 0 || c.Served[n-1].Expert != v.expert {
				c.Served = append(c.Served, muster.Served{Expert: v.expert})
				n++
			}
			c.Served[n-1].Visits += v.n
			if v.device != "" && v.device == c.Ticket.Device {
				c.Served[n-1].Device += v.n
			}
		}
	}
	return nil
}

// withPeople adds experts and tours of open offers and active assignments, and those that were asked for.
func withPeople(q query, c *graph.TicketCase, ref graph.CaseRef) error {
	experts := slices.Clone(ref.Experts)
	var tours []muster.TourID
	for _, o := range c.Offers {
		if o.State == muster.OfferOpen {
			experts, tours = append(experts, o.Expert), append(tours, o.Tour)
		}
	}
	for _, a := range c.Assignments {
		if a.State == muster.AssignmentActive {
			experts, tours = append(experts, a.Expert), append(tours, a.Tour)
		}
	}
	found, err := rootsByID[*muster.Expert](q, experts)
	if err != nil {
		return err
	}
	c.Experts = make(map[muster.ExpertID]muster.Expert, len(found))
	for _, e := range found {
		c.Experts[e.ID] = *e
	}
	c.Tours = make(map[muster.TourID]muster.Tour)
	held, err := rootsByID[*muster.Tour](q, tours)
	if err != nil {
		return err
	}
	for _, t := range held {
		c.Tours[t.ID] = *t
	}
	if len(ref.Experts) == 0 {
		return nil
	}
	asked, err := roots[*muster.Tour](q, `json_each(?) j CROSS JOIN tour t
		ON t."expert" = j.value AND t."end" > ? AND t."start" < ?`,
		list(ref.Experts), ref.Span.Start.UnixMicro(), ref.Span.End.UnixMicro())
	for _, t := range asked {
		c.Tours[t.ID] = *t
	}
	return err
}
