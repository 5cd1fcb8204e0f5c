package graphtest

import (
	"cmp"
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Tickets implements graph.Lists.
func (m *Model) Tickets(
	ctx context.Context, s muster.Scope, f graph.TicketFilter, p graph.Page,
) ([]*muster.Ticket, string, error) {
	l, err := f.Listing(s, p)
	if err != nil {
		return nil, "", err
	}
	leave, err := m.list(ctx, s, &p)
	if err != nil {
		return nil, "", err
	}
	defer leave()
	out := all(m, func(t *muster.Ticket) bool {
		return slices.Contains(l.Shown, t.Shown()) && m.seesTicket(s, t) &&
			(f.Customer == "" || t.Customer == f.Customer) && (f.Expert == "" || m.works(f.Expert, t.ID)) &&
			(!f.Exceptions.On() || slices.ContainsFunc(t.Exceptions, f.Exceptions.Pass)) &&
			(f.Region == "" || t.Region == f.Region) && (f.Priority == "" || t.Priority == f.Priority) &&
			!t.CreatedAt.Before(f.Since) && (!l.More || l.After.Before(graph.PositionOf(t)))
	})
	sortTickets(out)
	if len(out) < p.Limit {
		return out, "", nil
	}
	out = out[:p.Limit]
	return out, graph.PositionOf(out[p.Limit-1]).Cursor(), nil
}

// list checks what all lists check and locks the model.
func (m *Model) list(ctx context.Context, s muster.Scope, p *graph.Page) (leave func(), err error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if p != nil {
		if err := p.Check(); err != nil {
			return nil, err
		}
	}
	return m.enter(ctx, "")
}

// works tells whether a ticket is assigned or offered to an expert, or was done by them.
func (m *Model) works(e muster.ExpertID, t muster.TicketID) bool {
	return len(all(m, func(a *muster.Assignment) bool {
		return a.Ticket == t && a.Expert == e && a.State != muster.AssignmentWithdrawn
	})) > 0 || len(all(m, func(o *muster.Offer) bool {
		return o.Ticket == t && o.Expert == e && o.State == muster.OfferOpen
	})) > 0
}

func (m *Model) seesTicket(s muster.Scope, t *muster.Ticket) bool {
	return s.Everything || (s.Customer == "" || t.Customer == s.Customer) && (s.Expert == "" || m.works(s.Expert, t.ID))
}

// seesExpert tells whether what is about an expert is in a scope.
func seesExpert(s muster.Scope, id muster.ExpertID) bool {
	return s.Everything || s.Customer == "" && s.Expert == id
}

// TicketCounts implements graph.Lists.
func (m *Model) TicketCounts(ctx context.Context, s muster.Scope) (map[string]int, error) {
	leave, err := m.list(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	defer leave()
	out := map[string]int{}
	for _, t := range all(m, func(t *muster.Ticket) bool { return !t.State.Terminal() && m.seesTicket(s, t) }) {
		out[t.Shown()]++
	}
	return out, nil
}

// Customers implements graph.Lists.
func (m *Model) Customers(
	ctx context.Context, s muster.Scope, text string, p graph.Page,
) ([]*muster.Customer, string, error) {
	leave, err := m.list(ctx, s, &p)
	if err != nil {
		return nil, "", err
	}
	defer leave()
	return pageOf(p, muster.KindCustomer, all(m, func(c *muster.Customer) bool {
		served := s.Expert == "" || len(all(m, func(t *muster.Ticket) bool {
			return t.Customer == c.ID && m.works(s.Expert, t.ID)
		})) > 0
		return c.Alive() && (s.Everything || (s.Customer == "" || c.ID == s.Customer) && served) &&
			graph.Found(graph.Search(text), graph.Words(c.Name, c.Email, c.Phone))
	}))
}

// Experts implements graph.Lists.
func (m *Model) Experts(
	ctx context.Context, s muster.Scope, f graph.ExpertFilter, p graph.Page,
) ([]*muster.Expert, string, error) {
	leave, err := m.list(ctx, s, &p)
	if err != nil {
		return nil, "", err
	}
	defer leave()
	accepts := f.Accepts()
	return pageOf(p, muster.KindExpert, all(m, func(e *muster.Expert) bool {
		able := accepts == nil || slices.ContainsFunc(e.Skills, func(c muster.Competence) bool {
			return slices.Contains(accepts, string(c.Skill))
		})
		return e.Alive() && seesExpert(s, e.ID) && able && (f.Region == "" || e.Region == f.Region) &&
			graph.Found(graph.Search(f.Text), graph.Words(e.Name))
	}))
}

// pageOf cuts a page out of a list by id.
func pageOf[P muster.Record](p graph.Page, kind muster.Kind, sorted []P) ([]P, string, error) {
	if err := p.CheckIDs(kind); err != nil {
		return nil, "", err
	}
	sorted = slices.DeleteFunc(sorted, func(r P) bool { return r.RecordID() <= p.After })
	if len(sorted) < p.Limit {
		return sorted, "", nil
	}
	return sorted[:p.Limit], sorted[p.Limit-1].RecordID(), nil
}

// Tours implements graph.Lists.
func (m *Model) Tours(
	ctx context.Context, s muster.Scope, experts []muster.ExpertID, span muster.Window,
) ([]*muster.Tour, error) {
	leave, err := m.list(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	defer leave()
	if len(experts) == 0 {
		for _, t := range all(m, everything[*muster.Tour]) {
			experts = append(experts, t.Expert)
		}
	}
	return slices.DeleteFunc(m.tours(experts, span), func(t *muster.Tour) bool {
		return !t.Alive() || !seesExpert(s, t.Expert)
	}), nil
}

// Users implements graph.Lists.
func (m *Model) Users(ctx context.Context, s muster.Scope) ([]*muster.User, error) {
	leave, err := m.list(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	defer leave()
	return all(m, func(u *muster.User) bool {
		return u.Alive() && (s.Everything ||
			(s.Customer == "" || u.Customer == s.Customer) && (s.Expert == "" || u.Expert == s.Expert))
	}), nil
}

// Messages implements graph.Lists.
func (m *Model) Messages(
	ctx context.Context, s muster.Scope, tickets []muster.TicketID, limit int,
) ([]*muster.Message, error) {
	if err := graph.CheckMessages(s, limit); err != nil {
		return nil, err
	}
	leave, err := m.enter(ctx, "")
	if err != nil {
		return nil, err
	}
	defer leave()
	out := all(m, func(x *muster.Message) bool {
		return !x.At.IsZero() && (len(tickets) == 0 || slices.Contains(tickets, x.Ticket)) &&
			(s.Everything || (s.Customer == "" || x.Customer == s.Customer) && (s.Expert == "" || x.Expert == s.Expert))
	})
	slices.SortFunc(out, func(a, b *muster.Message) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.ID, a.ID))
	})
	return out[:min(limit, len(out))], nil
}

// History implements graph.Lists.
func (m *Model) History(ctx context.Context, s muster.Scope, aggregate string) (out []muster.Event, err error) {
	leave, err := m.list(ctx, s, nil)
	if err != nil {
		return nil, err
	}
	defer leave()
	seen := s.Everything
	switch r := m.records[aggregate].(type) {
	case *muster.Ticket:
		seen = seen || m.seesTicket(s, r)
	case *muster.Customer:
		seen = seen || s.Expert == "" && s.Customer == r.ID
	case *muster.Expert:
		seen = seen || seesExpert(s, r.ID)
	case *muster.Tour:
		seen = seen || seesExpert(s, r.Expert)
	}
	for _, e := range m.events { // revisions only rise
		if seen && e.Aggregate == aggregate {
			out = append(out, e)
		}
	}
	if out == nil {
		return nil, muster.NotFound(muster.KindOf(aggregate), aggregate)
	}
	return out, nil
}
