package graph

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sysopssquad/muster"
)

// MaxPage is the longest page of a list, MaxTours how many tours a list has at most, MaxMessages how many messages.
const (
	MaxPage     = 500
	MaxTours    = 5_000
	MaxMessages = 5_000
)

// CheckMessages refuses a list of messages without a scope, or of no or too many.
func CheckMessages(s muster.Scope, limit int) error {
	if err := s.Check(); err != nil {
		return err
	}
	if limit < 1 || limit > MaxMessages {
		return muster.Invalid("limit", strconv.Itoa(limit), fmt.Sprintf("from 1 to %d messages", MaxMessages))
	}
	return nil
}

// Check refuses a page that is empty or too long.
func (p Page) Check() error {
	if p.Limit < 1 || p.Limit > MaxPage {
		return muster.Invalid("limit", strconv.Itoa(p.Limit), fmt.Sprintf("a page has from 1 to %d entries", MaxPage))
	}
	return nil
}

// CheckIDs is Check for a list that goes by the ids of a kind: a page begins after one.
func (p Page) CheckIDs(k muster.Kind) error {
	if err := p.Check(); err != nil {
		return err
	}
	if p.After == "" {
		return nil
	}
	return muster.CheckID(k, "after", p.After)
}

// NextID is the cursor of the page after one of a list that goes by id, "" if that was the last.
func NextID[R muster.Record](p Page, entries []R) string {
	if len(entries) < p.Limit {
		return ""
	}
	return entries[len(entries)-1].RecordID()
}

// Listing is how a page of tickets is asked of a store.
type Listing struct {
	Shown []string // what may be shown of a ticket, see Shown
	After Position // where the page before ended
	More  bool     // there was one
	Limit int
}

// Listing checks what is asked for, scope, page and filter.
func (f TicketFilter) Listing(s muster.Scope, p Page) (l Listing, err error) {
	if err := s.Check(); err != nil {
		return Listing{}, err
	}
	if err := p.Check(); err != nil {
		return Listing{}, err
	}
	if err := f.Exceptions.Check(); err != nil {
		return Listing{}, err
	}
	l.Limit = p.Limit
	if l.Shown, err = f.Shown(); err != nil {
		return Listing{}, err
	}
	l.After, l.More, err = ParsePosition(p.After)
	return l, err
}

// Next is the cursor of the page after one with these tickets, "" if that was the last.
func (l Listing) Next(tickets []*muster.Ticket) string {
	if len(tickets) < l.Limit {
		return ""
	}
	return PositionOf(tickets[len(tickets)-1]).Cursor()
}

// Position is where a page of tickets ended: the sort key of its last ticket.
type Position struct {
	Rank int   // of the priority
	Due  int64 // microseconds since 1970
	ID   string
}

// PositionOf gives a ticket's sort key.
func PositionOf(t *muster.Ticket) Position {
	return Position{Rank: t.Priority.Rank(), Due: t.DueAt.UnixMicro(), ID: string(t.ID)}
}

// Cursor is the position as callers hand it back, opaque to them.
func (p Position) Cursor() string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d.%d.%s", p.Rank, p.Due, p.ID))
}

// Before tells whether p comes before o in a list of tickets.
func (p Position) Before(o Position) bool {
	if p.Rank != o.Rank {
		return p.Rank < o.Rank
	}
	if p.Due != o.Due {
		return p.Due < o.Due
	}
	return p.ID < o.ID
}

// ParsePosition reads a cursor of a list of tickets; ok is false for "", the first page.
func ParsePosition(cursor string) (p Position, ok bool, err error) {
	if cursor == "" {
		return Position{}, false, nil
	}
	refused := muster.Invalid("after", cursor, "use the cursor that the page before came with")
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return Position{}, false, refused
	}
	part := strings.SplitN(string(b), ".", 3)
	if len(part) != 3 || muster.KindOf(part[2]) != muster.KindTicket {
		return Position{}, false, refused
	}
	if p.Rank, err = strconv.Atoi(part[0]); err != nil {
		return Position{}, false, refused
	}
	if p.Due, err = strconv.ParseInt(part[1], 10, 64); err != nil {
		return Position{}, false, refused
	}
	p.ID = part[2]
	return p, true, nil
}

// Shown gives the values of a ticket's shown state that the filter lets pass, without repetition, in order.
// "open" stands for all that are not terminal, "scheduled" for every state of an open visit; no states: all.
func (f TicketFilter) Shown() ([]string, error) {
	var open, closed, scheduled []string
	for _, v := range muster.VisitStates() {
		scheduled = append(scheduled, string(v))
	}
	scheduled = append(scheduled, string(muster.Scheduled))
	for _, s := range muster.TicketStates() {
		switch {
		case s.Terminal():
			closed = append(closed, string(s))
		case s != muster.Scheduled:
			open = append(open, string(s))
		}
	}
	open = append(open, scheduled...)
	all := slices.Concat(open, closed)
	if len(f.States) == 0 {
		return all, nil
	}
	var out []string
	for _, s := range f.States {
		switch {
		case s == "open":
			out = append(out, open...)
		case s == string(muster.Scheduled):
			out = append(out, scheduled...)
		case slices.Contains(all, s):
			out = append(out, s)
		default:
			return nil, muster.Invalid("state", s, "one of open, "+strings.Join(all, ", "))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Accepts lists the skills of which an expert must have one, nil if any will do.
func (f ExpertFilter) Accepts() []string {
	var out []string
	if f.Skill != "" {
		out = append(out, string(f.Skill))
	}
	for _, s := range f.Skills {
		out = append(out, string(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// CheckText refuses encoded values (see Encode) with a text that is too long or is not valid UTF-8.
func (s Spec) CheckText(values []any) error {
	for i, v := range values {
		t, ok := v.(string)
		if !ok || s.Fields[i].Derived {
			continue
		}
		f := s.Fields[i]
		if f.Type == Text && len(t) > MaxTextBytes {
			e := muster.E(muster.CodeTooLarge, fmt.Sprintf("%s.%s has %d bytes", s.Kind, f.Name, len(t)),
				fmt.Sprintf("at most %d; shorten it", MaxTextBytes))
			e.Field = f.Name
			return e
		}
		if !utf8.ValidString(t) {
			return muster.Invalid(f.Name, strings.ToValidUTF8(t, "\uFFFD"), "text must be valid UTF-8")
		}
	}
	return nil
}

// Named gives the kind and text of the id that the reference names its ticket by, for errors.
func (r CaseRef) Named() (muster.Kind, string) {
	switch {
	case r.Ticket != "":
		return muster.KindTicket, string(r.Ticket)
	case r.Number != 0:
		return muster.KindTicket, fmt.Sprintf("T-%d", r.Number)
	case r.Visit != "":
		return muster.KindVisit, string(r.Visit)
	default:
		return muster.KindOffer, string(r.Offer)
	}
}
