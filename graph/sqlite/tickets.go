package sqlite

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// What an expert's tickets are: those with an assignment that was not withdrawn, or an open offer.
const ticketsOfExpert = `(SELECT root FROM assignment WHERE "expert" = ? AND "state" IN ('active', 'done')
	UNION SELECT root FROM offer WHERE "expert" = ? AND "state" = 'open')`

// tickets restricts tickets t to a scope.
func (f *filter) tickets(s muster.Scope) {
	if s.Everything {
		return
	}
	if s.Customer != "" {
		f.and(`t."customer" = ?`, string(s.Customer))
	}
	if s.Expert != "" {
		f.and(`t.nr IN `+ticketsOfExpert, string(s.Expert), string(s.Expert))
	}
}

// Tickets implements graph.Lists.
func (s *Store) Tickets(
	ctx context.Context, scope muster.Scope, f graph.TicketFilter, p graph.Page,
) (out []*muster.Ticket, next string, err error) {
	l, err := f.Listing(scope, p)
	if err != nil {
		return nil, "", err
	}
	var c filter
	c.tickets(scope)
	c.narrow(f)
	parts := branches(scope, f, l.Shown)
	if l.More {
		parts = behind(parts, l.After)
	}
	tail, args := firstOf(parts, c, l.Limit)
	err = s.view(ctx, func(q query) error {
		out, err = records[*muster.Ticket](q, tail, args...)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return out, l.Next(out), nil
}

// narrow adds the conditions of a filter but that on states.
func (f *filter) narrow(t graph.TicketFilter) {
	if t.Customer != "" {
		f.and(`t."customer" = ?`, string(t.Customer))
	}
	if t.Expert != "" {
		f.and("t.nr IN "+ticketsOfExpert, string(t.Expert), string(t.Expert))
	}
	if t.Exceptions.On() {
		f.and(`instr(t."exception_marks", ?) > 0`, t.Exceptions.Mark())
	}
	if t.Region != "" && t.Exceptions.On() {
		f.and(`+t."region" = ?`, string(t.Region))
	} else if t.Region != "" {
		f.and(`t."region" = ?`, string(t.Region))
	}
	if t.Priority != "" {
		f.and(`t."priority" = ?`, string(t.Priority))
	}
	if !t.Since.IsZero() {
		f.and(`t."created_at" >= ?`, t.Since.UnixMicro())
	}
}

// branches cuts a list of tickets into parts that lie in the order of the list in an index each, so that no
// more of them is read than a page: those that need a person, by state in a region, else by what is shown. The tickets of one customer
// or expert are few: they are read by that, and sorted. (A + keeps SQLite from using an index.)
func branches(s muster.Scope, f graph.TicketFilter, shown []string) (out []filter) {
	if !s.Everything || f.Customer != "" || f.Expert != "" {
		return []filter{{where: []string{`+t."shown" IN (SELECT value FROM json_each(?))`}, args: []any{list(shown)}}}
	}
	if f.Exceptions.On() {
		return []filter{{
			where: []string{`t."needs_person" = true`, `+t."shown" IN (SELECT value FROM json_each(?))`}, args: []any{list(shown)},
		}}
	}
	if f.Region != "" {
		for _, state := range muster.TicketStates() {
			var b filter
			b.and(`t."state" = ?`, string(state))
			b.and(`+t."shown" IN (SELECT value FROM json_each(?))`, list(shown))
			out = append(out, b)
		}
		return out
	}
	for _, state := range shown {
		var b filter
		b.and(`t."shown" = ?`, state)
		out = append(out, b)
	}
	return out
}

// behind cuts each branch down to what comes after a position. Tickets without a due time come first of their
// priority; NULL compares with nothing, so that from there on it takes three ranges of the index.
func behind(branches []filter, p graph.Position) (out []filter) {
	add := func(b filter, cond string, args ...any) {
		b = filter{where: slices.Clone(b.where), args: slices.Clone(b.args)}
		b.and(cond, args...)
		out = append(out, b)
	}
	for _, b := range branches {
		if p.Due != (time.Time{}).UnixMicro() {
			add(b, `(t."priority_rank", t."due_at", t."id") > (?, ?, ?)`, p.Rank, p.Due, p.ID)
			continue
		}
		add(b, `t."priority_rank" = ? AND t."due_at" IS NULL AND t."id" > ?`, p.Rank, p.ID)
		add(b, `t."priority_rank" = ? AND t."due_at" > ?`, p.Rank, p.Due)
		add(b, `t."priority_rank" > ?`, p.Rank)
	}
	return out
}

// firstOf reads the first limit tickets of all branches that meet a condition, in the order of the list.
func firstOf(branches []filter, c filter, limit int) (tail string, args []any) {
	texts := make([]string, len(branches))
	for i, b := range branches {
		for _, w := range c.where {
			b.and(w)
		}
		texts[i] = `SELECT * FROM (SELECT t.nr, t."id", t."priority_rank" AS rank, t."due_at" AS due FROM ticket t` +
			b.text() + ` ORDER BY t."priority_rank", t."due_at", t."id"` + limited + `)`
		args = append(append(append(args, b.args...), c.args...), limit)
	}
	return "(SELECT * FROM (" + strings.Join(texts, " UNION ALL ") + `) ORDER BY rank, due, "id"` + limited + `) p
		CROSS JOIN ticket t ON t.nr = p.nr ORDER BY p.rank, p.due, p."id"`, append(args, limit)
}

// OpenTickets implements graph.Decisions.
func (s *Store) OpenTickets(
	ctx context.Context, id muster.CustomerID, sites []muster.SiteID, limit int,
) (out []muster.Ticket, err error) {
	var c filter
	c.and(`t."customer" = ?`, string(id))
	c.and(`+t."shown" NOT IN (?, ?)`, string(muster.Resolved), string(muster.Cancelled))
	if len(sites) > 0 {
		c.and(`+t."site" IN (SELECT value FROM json_each(?))`, list(distinct(sites)))
	}
	err = s.view(ctx, func(q query) error {
		tickets, err := roots[*muster.Ticket](q, "ticket t"+c.text()+` ORDER BY t."priority_rank", t."due_at", t."id"`+limited,
			append(c.args, limit)...)
		out = values(tickets)
		return err
	})
	return out, err
}

// TicketCounts implements graph.Lists.
func (s *Store) TicketCounts(ctx context.Context, scope muster.Scope) (map[string]int, error) {
	if err := scope.Check(); err != nil {
		return nil, err
	}
	var c filter
	c.and(`t."shown" NOT IN (?, ?)`, string(muster.Resolved), string(muster.Cancelled))
	c.tickets(scope)
	out := make(map[string]int)
	err := s.view(ctx, func(q query) error {
		return q.each(`SELECT t."shown", count(*) FROM ticket t`+c.text()+` GROUP BY t."shown"`, c.args, func(rows *sql.Rows) error {
			var shown string
			var n int
			if err := rows.Scan(&shown, &n); err != nil {
				return err
			}
			out[shown] = n
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}
