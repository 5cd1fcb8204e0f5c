package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// filter gathers the conditions of a list with their parameters.
type filter struct {
	where []string
	args  []any
}

func (f *filter) and(condition string, args ...any) {
	f.where = append(f.where, condition)
	f.args = append(f.args, args...)
}

func (f *filter) text() string {
	if len(f.where) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(f.where, " AND ")
}

// Customers implements graph.Lists.
func (s *Store) Customers(
	ctx context.Context, scope muster.Scope, text string, p graph.Page,
) ([]*muster.Customer, string, error) {
	if err := scope.Check(); err != nil {
		return nil, "", err
	}
	search := graph.Search(text)
	if scope.Everything && search != nil {
		return s.found(ctx, search, p)
	}
	var c filter
	if !scope.Everything {
		if scope.Customer != "" {
			c.and(`t."id" = ?`, string(scope.Customer))
		}
		if scope.Expert != "" {
			c.and(`t."id" IN (SELECT "customer" FROM ticket WHERE nr IN `+ticketsOfExpert+`)`,
				string(scope.Expert), string(scope.Expert))
		}
	}
	c.words(search)
	c.and("t.alive")
	return page[*muster.Customer](ctx, s, "customer t", c, p)
}

// Experts implements graph.Lists.
func (s *Store) Experts(
	ctx context.Context, scope muster.Scope, f graph.ExpertFilter, p graph.Page,
) ([]*muster.Expert, string, error) {
	if err := scope.Check(); err != nil {
		return nil, "", err
	}
	var c filter
	c.own(scope, `t."id"`)
	if accepts := f.Accepts(); accepts != nil {
		c.and(`t.nr IN (SELECT h.src FROM json_each(?) j CROSS JOIN expert_has h ON h.dst = j.value)`, list(accepts))
	}
	if f.Region != "" {
		c.and(`t."region" = ?`, string(f.Region))
	}
	c.words(graph.Search(f.Text))
	c.and("t.alive")
	return page[*muster.Expert](ctx, s, "expert t", c, p)
}

// words restricts a list to what a search finds.
func (f *filter) words(search []string) {
	for _, w := range search {
		f.and(`instr(t."words", ?) > 0`, w)
	}
}

// own restricts a list about experts to a scope: customers see none of it.
func (f *filter) own(s muster.Scope, expert string) {
	if s.Everything {
		return
	}
	if s.Customer != "" {
		f.and("false")
	}
	if s.Expert != "" {
		f.and(expert+" = ?", string(s.Expert))
	}
}

// page reads one page of a list that is ordered by id.
func page[P muster.Record](
	ctx context.Context, s *Store, from string, c filter, p graph.Page,
) (out []P, next string, err error) {
	if err := p.CheckIDs(tableFor[P]().spec.Kind); err != nil {
		return nil, "", err
	}
	if p.After != "" {
		c.and(`t."id" > ?`, p.After)
	}
	err = s.view(ctx, func(q query) error {
		out, err = records[P](q, from+c.text()+` ORDER BY t."id"`+limited, append(c.args, p.Limit)...)
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
	c := filter{}
	c.and("t.alive")
	c.and(`t."end" > ?`, span.Start.UnixMicro())
	c.and(`t."start" < ?`, span.End.UnixMicro())
	c.own(scope, `t."expert"`)
	if len(experts) > 0 {
		c.and(`t."expert" IN (SELECT value FROM json_each(?))`, list(experts))
	}
	err = s.view(ctx, func(q query) error {
		out, err = records[*muster.Tour](q, "tour t"+c.text()+` ORDER BY t."start", t."id"`+limited, append(c.args, graph.MaxTours)...)
		return err
	})
	return out, err
}

// Users implements graph.Lists.
func (s *Store) Users(ctx context.Context, scope muster.Scope) (out []*muster.User, err error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	err = s.view(ctx, func(q query) error {
		all, err := records[*muster.User](q, `"user" t WHERE t.alive ORDER BY t."id"`)
		for _, u := range all {
			if scope.Everything || (scope.Customer == "" || u.Customer == scope.Customer) && (scope.Expert == "" || u.Expert == scope.Expert) {
				out = append(out, u)
			}
		}
		return err
	})
	return out, err
}

// History implements graph.Lists.
func (s *Store) History(ctx context.Context, scope muster.Scope, aggregate string) (out []muster.Event, err error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	err = s.view(ctx, func(q query) error {
		seen, err := sees(q, scope, aggregate)
		if err != nil || !seen {
			return err
		}
		t := tableOf[muster.KindOf(aggregate)]
		if t == nil || !t.root {
			return nil
		}
		out, err = events(q, "WHERE root = (SELECT nr FROM "+t.name+` WHERE "id" = ?) ORDER BY rev`, aggregate)
		return err
	})
	if err == nil && len(out) == 0 {
		return nil, muster.NotFound(muster.KindOf(aggregate), aggregate)
	}
	return out, err
}

// sees tells whether a scope reaches an aggregate: a customer their own and their tickets, an expert their
// own, their tours and tickets.
func sees(q query, s muster.Scope, aggregate string) (seen bool, err error) {
	if s.Everything {
		return true, nil
	}
	switch muster.KindOf(aggregate) {
	case muster.KindCustomer:
		return s.Expert == "" && string(s.Customer) == aggregate, nil
	case muster.KindExpert:
		return s.Customer == "" && string(s.Expert) == aggregate, nil
	case muster.KindTour:
		c := filter{}
		c.and(`t."id" = ?`, aggregate)
		c.own(s, `t."expert"`)
		err = q.each("SELECT true FROM tour t"+c.text(), c.args, func(r *sql.Rows) error { return r.Scan(&seen) })
	case muster.KindTicket:
		c := filter{}
		c.and(`t."id" = ?`, aggregate)
		c.tickets(s)
		err = q.each("SELECT true FROM ticket t"+c.text(), c.args, func(r *sql.Rows) error { return r.Scan(&seen) })
	}
	return seen, err
}
