package graphtest

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Setup implements graph.Decisions.
func (m *Model) Setup(ctx context.Context) (graph.Setup, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return graph.Setup{}, err
	}
	defer leave()
	out := graph.Setup{
		Skills:  plain(all(m, func(s *muster.Skill) bool { return s.Tree == muster.TheSkillTree })),
		Regions: plain(all(m, everything[*muster.Region])),
	}
	if p, ok := get[*muster.Policy](m, muster.ThePolicy); ok {
		out.Policy = *p
	}
	if t, ok := get[*muster.SkillTree](m, muster.TheSkillTree); ok {
		out.Tree = *t
	}
	return out, nil
}

// Records implements graph.Decisions.
func (m *Model) Records(ctx context.Context, cmd muster.CommandID, ids ...string) (map[string]muster.Record, error) {
	leave, err := m.enter(ctx, cmd)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := map[string]muster.Record{}
	for _, id := range ids {
		if r, ok := m.records[id]; ok {
			out[id] = clone(r)
		}
	}
	return out, nil
}

// CustomerCase implements graph.Decisions.
func (m *Model) CustomerCase(ctx context.Context, cmd muster.CommandID, id muster.CustomerID) (graph.CustomerCase, error) {
	leave, err := m.enter(ctx, cmd)
	if err != nil {
		return graph.CustomerCase{}, err
	}
	defer leave()
	c, ok := get[*muster.Customer](m, id)
	if !ok {
		return graph.CustomerCase{}, muster.NotFound(muster.KindCustomer, string(id))
	}
	return graph.CustomerCase{
		Customer: *c,
		Sites:    plain(all(m, func(s *muster.Site) bool { return s.Customer == id })),
		Devices:  plain(all(m, func(d *muster.Device) bool { return d.Customer == id })),
	}, nil
}

// OpenTickets implements graph.Decisions.
func (m *Model) OpenTickets(
	ctx context.Context, id muster.CustomerID, sites []muster.SiteID, limit int,
) ([]muster.Ticket, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	tickets := all(m, func(t *muster.Ticket) bool {
		return t.Customer == id && !t.State.Terminal() && (len(sites) == 0 || slices.Contains(sites, t.Site))
	})
	sortTickets(tickets)
	return plain(tickets[:min(len(tickets), limit)]), nil
}

// TicketCase implements graph.Decisions.
func (m *Model) TicketCase(ctx context.Context, cmd muster.CommandID, ref graph.CaseRef) (graph.TicketCase, error) {
	leave, err := m.enter(ctx, cmd)
	if err != nil {
		return graph.TicketCase{}, err
	}
	defer leave()
	id := ref.Ticket
	switch {
	case ref.Ticket != "":
	case ref.Number != 0:
		id = muster.TicketID(m.owners[muster.NumberKey(ref.Number)])
		for _, t := range all(m, func(t *muster.Ticket) bool { return t.Number == ref.Number }) {
			id = t.ID
		}
	case ref.Visit != "":
		if v, ok := get[*muster.Visit](m, ref.Visit); ok {
			id = v.Ticket
		}
	default:
		if o, ok := get[*muster.Offer](m, ref.Offer); ok {
			id = o.Ticket
		}
	}
	t, ok := get[*muster.Ticket](m, id)
	if !ok {
		kind, id := ref.Named()
		return graph.TicketCase{}, muster.NotFound(kind, id)
	}
	c := m.parts(t)
	if ref.Latest > 0 {
		m.latest(&c, ref)
	}
	m.place(&c)
	c.Experts, c.Tours = map[muster.ExpertID]muster.Expert{}, map[muster.TourID]muster.Tour{}
	bring := func(expert muster.ExpertID, tour muster.TourID) {
		if e, ok := get[*muster.Expert](m, expert); ok {
			c.Experts[e.ID] = *e
		}
		if t, ok := get[*muster.Tour](m, tour); ok {
			c.Tours[t.ID] = *t
		}
	}
	for _, o := range c.Offers {
		if o.State == muster.OfferOpen {
			bring(o.Expert, o.Tour)
		}
	}
	for _, a := range c.Assignments {
		if a.State == muster.AssignmentActive {
			bring(a.Expert, a.Tour)
		}
	}
	for _, e := range ref.Experts {
		bring(e, "")
	}
	for _, t := range m.tours(ref.Experts, ref.Span) {
		c.Tours[t.ID] = *t
	}
	return c, nil
}

// parts makes a case of a ticket with its parts.
func (m *Model) parts(t *muster.Ticket) graph.TicketCase {
	c := graph.TicketCase{
		Ticket:      *t,
		Visits:      plain(all(m, func(v *muster.Visit) bool { return v.Ticket == t.ID })),
		Offers:      plain(all(m, func(o *muster.Offer) bool { return o.Ticket == t.ID })),
		Assignments: plain(all(m, func(a *muster.Assignment) bool { return a.Ticket == t.ID })),
	}
	slices.SortStableFunc(c.Visits, func(a, b muster.Visit) int { return cmp.Compare(a.N, b.N) })
	slices.SortStableFunc(c.Offers, func(a, b muster.Offer) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(c.Assignments, func(a, b muster.Assignment) int { return a.At.Compare(b.At) })
	return c
}

// place adds customer, site, device and who has served them.
func (m *Model) place(c *graph.TicketCase) {
	if x, ok := get[*muster.Customer](m, c.Ticket.Customer); ok {
		c.Customer = *x
	}
	if x, ok := get[*muster.Site](m, c.Ticket.Site); ok {
		c.Site = *x
	}
	if x, ok := get[*muster.Device](m, c.Ticket.Device); ok {
		c.Device = x
	}
	byExpert := map[muster.ExpertID]*muster.Served{}
	for _, a := range all(m, func(a *muster.Assignment) bool { return a.State == muster.AssignmentDone }) {
		t, ok := get[*muster.Ticket](m, a.Ticket)
		if !ok || t.Customer != c.Ticket.Customer {
			continue
		}
		if byExpert[a.Expert] == nil {
			byExpert[a.Expert] = &muster.Served{Expert: a.Expert}
		}
		byExpert[a.Expert].Visits++
		if t.Device != "" && t.Device == c.Ticket.Device {
			byExpert[a.Expert].Device++
		}
	}
	for _, s := range byExpert {
		c.Served = append(c.Served, *s)
	}
	slices.SortFunc(c.Served, func(a, b muster.Served) int { return cmp.Compare(a.Expert, b.Expert) })
}

// tours lists the tours of experts that overlap a span, by start and id.
func (m *Model) tours(experts []muster.ExpertID, span muster.Window) []*muster.Tour {
	out := all(m, func(t *muster.Tour) bool {
		return slices.Contains(experts, t.Expert) && t.Start.Before(span.End) && t.End.After(span.Start)
	})
	slices.SortStableFunc(out, func(a, b *muster.Tour) int { return a.Start.Compare(b.Start) })
	return out
}

// ExpertCase implements graph.Decisions.
func (m *Model) ExpertCase(
	ctx context.Context, cmd muster.CommandID, id muster.ExpertID, from time.Time,
) (graph.ExpertCase, error) {
	leave, err := m.enter(ctx, cmd)
	if err != nil {
		return graph.ExpertCase{}, err
	}
	defer leave()
	e, ok := get[*muster.Expert](m, id)
	if !ok {
		return graph.ExpertCase{}, muster.NotFound(muster.KindExpert, string(id))
	}
	tours := all(m, func(t *muster.Tour) bool { return t.Expert == id && t.End.After(from) })
	slices.SortStableFunc(tours, func(a, b *muster.Tour) int { return a.Start.Compare(b.Start) })
	tickets := all(m, func(t *muster.Ticket) bool {
		return slices.ContainsFunc(tours, func(on *muster.Tour) bool {
			return slices.ContainsFunc(on.Stops, func(s muster.Stop) bool { return s.Ticket == t.ID })
		})
	})
	return graph.ExpertCase{Expert: *e, Tours: plain(tours), Tickets: plain(tickets)}, nil
}

// Round implements graph.Decisions.
func (m *Model) Round(ctx context.Context, ref graph.RoundRef) (graph.Round, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return graph.Round{}, err
	}
	defer leave()
	tickets := all(m, func(t *muster.Ticket) bool { return t.Region == ref.Region && t.State == muster.Queued })
	sortTickets(tickets)
	var out graph.Round
	tickets = tickets[min(len(tickets), ref.Skip):]
	for _, t := range tickets[:min(len(tickets), ref.Limit)] {
		c := graph.TicketCase{Ticket: *t}
		m.place(&c)
		out.Tickets = append(out.Tickets, c)
	}
	experts := all(m, func(e *muster.Expert) bool { return e.Alive() && slices.Contains(ref.Reach, e.Region) })
	var ids []muster.ExpertID
	for _, e := range experts {
		ids = append(ids, e.ID)
	}
	out.Experts, out.Tours = plain(experts), plain(m.tours(ids, ref.Span))
	return out, nil
}

// sortTickets sorts by urgency: priority, due time, id.
func sortTickets(tickets []*muster.Ticket) {
	slices.SortFunc(tickets, func(a, b *muster.Ticket) int {
		return cmp.Or(cmp.Compare(a.Priority.Rank(), b.Priority.Rank()), a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	})
}

// Peers implements graph.Decisions.
func (m *Model) Peers(ctx context.Context, after muster.ExpertID, limit int) ([]muster.Expert, error) {
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	var out []muster.Expert
	for _, e := range all(m, func(e *muster.Expert) bool { return e.ID > after && !e.Removed }) {
		if len(out) < limit {
			out = append(out, muster.Expert{
				ID: e.ID, Region: e.Region, Skills: e.Skills, Capacity: e.Capacity, PaidWeeks: e.PaidWeeks,
			})
		}
	}
	return out, nil
}

// latest leaves out the visits that ref doesn't ask for, with their offers and assignments.
func (m *Model) latest(c *graph.TicketCase, ref graph.CaseRef) {
	named := ref.Visit
	if o, ok := get[*muster.Offer](m, ref.Offer); ok {
		named = o.Visit
	}
	left := make(map[muster.VisitID]bool)
	c.Visits = slices.DeleteFunc(c.Visits, func(v muster.Visit) bool {
		left[v.ID] = v.N <= c.Ticket.Visits-ref.Latest && v.ArrivedAt.IsZero() && v.StartedAt.IsZero() && v.ID != named
		return left[v.ID]
	})
	c.Offers = slices.DeleteFunc(c.Offers, func(o muster.Offer) bool { return left[o.Visit] })
	c.Assignments = slices.DeleteFunc(c.Assignments, func(a muster.Assignment) bool { return left[a.Visit] })
}
