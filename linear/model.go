// Package linear lets many callers fight over the same tickets and experts through dispatch, writes down what each
// asked, when, and what it was told, and checks with porcupine that there is an order of these operations, each at
// one moment between its call and its answer, in which every answer is right. What is right is said by a model of
// its own (this file), written from the design and not from dispatch.
//
// Method: Herlihy and Wing, Linearizability (TOPLAS 1990); Lowe, Testing for linearizability (2017), which is what
// github.com/anishathalye/porcupine implements.
package linear

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"github.com/sysopssquad/muster"
)

// steps says from which states, as people see them, a verb leads where. Verbs that give or end visits in a way that
// depends on more are below.
var steps = map[string]struct {
	from []string
	to   string
}{
	"triage":        {[]string{"triage", "queued", "waiting"}, "queued"},
	"offer":         {[]string{"queued", "offered"}, "offered"},
	"assign":        {[]string{"queued", "offered"}, "assigned"},
	"accept":        {[]string{"offered"}, "assigned"},
	"decline":       {[]string{"offered"}, "queued"},
	"expire":        {[]string{"offered"}, "queued"},
	"depart":        {[]string{"assigned"}, "en_route"},
	"arrive":        {[]string{"assigned", "en_route"}, "arrived"},
	"start":         {[]string{"assigned", "en_route", "arrived"}, "in_progress"},
	"end fixed":     {[]string{"in_progress"}, "completed"},
	"end no_access": {[]string{"arrived", "in_progress"}, "waiting"},
	"end unsafe":    {[]string{"arrived", "in_progress"}, "triage"},
	"wait":          {[]string{"triage", "queued", "waiting", "offered", "assigned"}, "waiting"},
	"wake":          {[]string{"waiting"}, "queued"},
	"complete":      {[]string{"triage", "queued", "waiting", "offered", "assigned"}, "completed"},
	"resolve":       {[]string{"completed"}, "resolved"},
	"cancel":        {[]string{"triage", "queued", "waiting", "offered", "assigned", "en_route"}, "cancelled"},
	"reopen":        {[]string{"completed", "resolved"}, "queued"},
	"reassign":      {[]string{"assigned", "en_route"}, "assigned"},
	"unassign":      {[]string{"offered", "assigned", "en_route"}, "queued"},
	"undo":          {[]string{"offered", "assigned", "en_route"}, ""},
}

// visiting are the states in which a ticket has an open visit.
var visiting = []string{"offered", "assigned", "en_route", "arrived", "in_progress"}

// Call is what a caller asked.
type Call struct {
	Verb     string           `json:"verb"`
	Ticket   int              `json:"ticket"`             // which of the history's
	Experts  []int            `json:"experts,omitempty"`  // which of the history's: to assign to, to ask, to change
	As       int              `json:"as,omitempty"`       // edit: what the expert is from now on, see variants; block: 1 blocked, 0 not
	Part     string           `json:"part,omitempty"`     // the offer or visit in question
	Seen     int64            `json:"seen,omitempty"`     // the revision that the caller decided on, 0 if any will do
	By       muster.UserID    `json:"by"`                 //
	Command  muster.CommandID `json:"command"`            //
	Repeated bool             `json:"repeated,omitempty"` // the same command was sent more than once
	Reason   string           `json:"reason,omitempty"`   // of a decline
}

// Told is what the caller was answered.
type Told struct {
	Code    muster.Code `json:"code,omitempty"` // "": done
	Rev     int64       `json:"rev,omitempty"`
	Shown   string      `json:"shown,omitempty"`
	Visit   string      `json:"visit,omitempty"`
	Experts []int       `json:"experts,omitempty"` // who has the open visit or is asked for it, ascending
	Offers  []asked     `json:"offers,omitempty"`  // a look: the open ones; else those that the command made
	Active  int         `json:"active,omitempty"`  // a look: assignments that are active
}

// rules is what a history's world is like.
type rules struct {
	tickets, experts int
	single           bool // an expert has room for one visit
}

// model is the sequential specification.
func (r rules) model() porcupine.Model {
	nm := porcupine.NondeterministicModel{
		Init: func() []any {
			s := &state{variant: make([]int, r.experts)}
			for range r.tickets {
				s.tickets = append(s.tickets, ticket{shown: "queued", rev: 1, crew: -1})
			}
			return []any{s.sealed()}
		},
		Step: func(s, in, out any) []any {
			next := r.step(s.(*state), in.(Call), out.(Told))
			if moved := s.(*state).leavesSooner(in.(Call), out.(Told)); moved != nil {
				next = append(next, r.step(moved, in.(Call), out.(Told))...)
			}
			all := make([]any, len(next))
			for i, n := range next {
				all[i] = n
			}
			return all
		},
		Equal: func(a, b any) bool { return a.(*state).key == b.(*state).key },
		Hash:  func(s any) uint64 { return maphash.String(seed, s.(*state).key) },
		DescribeOperation: func(in, out any) string {
			return fmt.Sprintf("%+v -> %+v", in, out)
		},
		DescribeState: func(s any) string { return s.(*state).key },
	}
	return nm.ToModel()
}

// step gives the states that an operation may lead to: none if its answer can't be right here.
func (r rules) step(s *state, c Call, told Told) []*state {
	for _, a := range s.done {
		if a.command == c.Command && told.Code == "" {
			if same(a.told, told) {
				return []*state{s}
			}
			return nil
		}
	}
	stays := []*state{s}
	switch told.Code {
	case "":
		if n := r.does(s, c, told); n != nil {
			return []*state{n}
		}
		return nil
	case muster.CodeConflict: // others were faster three times, see unexplained: nothing happened
		return stays
	case muster.CodeUnavailable: // the history that an undo reads lagged behind; nothing else says so of a store that is there
		if c.Verb == "undo" {
			return stays
		}
		return nil
	}
	if r.refuses(s, c, told.Code) {
		return stays
	}
	return nil
}

func same(a, b Told) bool {
	return a.Rev == b.Rev && a.Shown == b.Shown && a.Visit == b.Visit && slices.Equal(a.Experts, b.Experts)
}

// refuses tells whether a refusal is right.
func (r rules) refuses(s *state, c Call, code muster.Code) bool {
	if c.Verb == "edit" || c.Verb == "block" || c.Verb == "look" {
		return false
	}
	t := &s.tickets[c.Ticket]
	row := steps[c.Verb]
	possible := slices.Contains(row.from, t.shown)
	open := slices.ContainsFunc(t.offers, func(a asked) bool { return a.Offer == c.Part })
	over := strings.Contains(t.past, " "+c.Part+" ")
	switch code {
	case muster.CodeStale:
		return c.Seen != 0 && c.Seen != t.rev
	case muster.CodeNotFound:
		return c.Part != "" && c.Part != t.visit && !open && !over
	case muster.CodeInvalid:
		return c.Verb == "offer" && possible && t.asks(c.Experts)
	case muster.CodeOfferGone, muster.CodeOfferOver, muster.CodeAnswered:
		return over && answers(c.Verb)
	case muster.CodeState:
		if c.Verb == "undo" && possible && t.left {
			return true
		}
		if c.Part != "" && !answers(c.Verb) && c.Part != t.visit {
			return over
		}
		return !possible && !answers(c.Verb)
	case muster.CodeUndoOver:
		return c.Verb == "undo" && possible && (t.chose != c.By || t.before == nil || !r.wouldFit(s, c.Ticket, t.before) || s.booked(c.Ticket, t.before.who()))
	case muster.CodeUnfit:
		if !possible {
			return false
		}
		switch c.Verb {
		case "accept":
			for _, a := range t.offers {
				if a.Offer == c.Part {
					return !r.fits(s, c.Ticket, a.Expert)
				}
			}
		case "offer", "assign", "reassign":
			for _, e := range c.Experts {
				if !r.fits(s, c.Ticket, e) || t.declined&(1<<e) != 0 {
					return true
				}
			}
		}
	}
	return false
}

func answers(verb string) bool { return verb == "accept" || verb == "decline" || verb == "expire" }

// fits tells whether an expert may have a ticket: they can do it, the customer wants them, and they have room.
func (r rules) fits(s *state, ticket, e int) bool {
	if s.variant[e] != 0 || s.blocked&(1<<e) != 0 {
		return false
	}
	if !r.single {
		return true
	}
	for i := range s.tickets {
		if t := &s.tickets[i]; i != ticket && t.visit != "" && slices.Contains(t.who(), e) {
			return false
		}
	}
	return true
}

// wouldFit tells whether a ticket may go back to those whom it had.
func (r rules) wouldFit(s *state, ticket int, t *ticket) bool {
	now := &s.tickets[ticket]
	for _, e := range t.who() {
		if now.crew < 0 && now.asks([]int{e}) { // they needn't be asked anew
			continue
		}
		if !r.fits(s, ticket, e) || now.declined&(1<<e) != 0 {
			return false
		}
	}
	return true
}

// booked tells whether somebody has another ticket, whose visit may be where theirs was.
func (s *state) booked(ticket int, who []int) bool {
	for i := range s.tickets {
		if i != ticket && slices.ContainsFunc(s.tickets[i].who(), func(e int) bool { return slices.Contains(who, e) }) {
			return true
		}
	}
	return false
}

// does gives the state after an operation that was done, nil if it can't have been.
func (r rules) does(s *state, c Call, told Told) *state {
	n := *s
	switch c.Verb {
	case "edit":
		n.variant = slices.Clone(s.variant)
		n.variant[c.Experts[0]] = c.As
		return n.sealed()
	case "block":
		n.blocked = s.blocked &^ (1 << c.Experts[0])
		if c.As == 1 {
			n.blocked |= 1 << c.Experts[0]
		}
		return n.sealed()
	case "look":
		t := &s.tickets[c.Ticket]
		active := 0
		if t.crew >= 0 {
			active = 1
		}
		if told.Rev != t.rev || told.Shown != t.shown || told.Visit != t.visit || told.Active != active ||
			!slices.Equal(told.Experts, t.who()) || !sameOffers(told.Offers, t.offers) {
			return nil
		}
		return s.known(c.Ticket)
	}
	was := s.tickets[c.Ticket]
	row := steps[c.Verb]
	if !slices.Contains(row.from, was.shown) || c.Seen != 0 && c.Seen != was.rev {
		return nil
	}
	t := was
	t.rev++
	t.shown = row.to
	switch c.Verb {
	case "offer", "assign", "reassign":
		for _, e := range c.Experts {
			if !r.fits(s, c.Ticket, e) {
				return nil
			}
		}
		if t.visit == "" {
			t.visit = muster.NewID(muster.KindVisit, c.Command, 0)
		}
		if c.Verb != "offer" {
			t.overAll()
			t.crew = c.Experts[0]
		} else {
			if t.asks(c.Experts) || !slices.Equal(people(told.Offers), slices.Sorted(slices.Values(c.Experts))) {
				return nil
			}
			t.offers = slices.Concat(t.offers, told.Offers)
		}
		t.chosen(&was, c.By)
	case "accept", "decline", "expire":
		i := slices.IndexFunc(t.offers, func(a asked) bool { return a.Offer == c.Part })
		if i < 0 {
			return nil
		}
		e := t.offers[i].Expert
		switch {
		case c.Verb == "accept":
			if !r.fits(s, c.Ticket, e) {
				return nil
			}
			t.overAll()
			t.crew = e
			t.chosen(&was, c.By)
		case c.Verb == "decline" && len(t.offers) > 1:
			t.past += " " + c.Part + " "
			t.offers = slices.Delete(slices.Clone(t.offers), i, i+1)
			t.shown = "offered"
			t.chosen(&was, "")
		default:
			t.end()
		}
		if c.Verb == "decline" {
			t.declined |= 1 << e
			if c.Reason == "not_this_customer" {
				n.blocked |= 1 << e
			}
		}
	case "depart", "arrive", "start", "end fixed", "end no_access", "end unsafe":
		if c.Part != t.visit {
			return nil
		}
		t.left = true
		if !slices.Contains(visiting, t.shown) {
			t.end()
		}
	case "undo":
		if !t.undo(&was, r, s, c, told) {
			return nil
		}
	default:
		if t.visit != "" {
			t.end()
		}
	}
	if told.Rev != t.rev || told.Shown != t.shown || told.Visit != t.visit || !slices.Equal(told.Experts, t.who()) {
		return nil
	}
	t.sooner = 0
	n.tickets = slices.Clone(s.tickets)
	n.tickets[c.Ticket] = t
	n.neighbours(c.Ticket, slices.Concat(was.who(), t.who()))
	if c.Repeated {
		n.done = append(slices.Clip(s.done), answer{c.Command, Told{Rev: t.rev, Shown: t.shown, Visit: t.visit, Experts: t.who()}})
	}
	return n.sealed()
}

// undo brings back what was before the last choice. Those who are asked again have offers of new ids; an answer to an
// undo names only these.
func (t *ticket) undo(was *ticket, r rules, s *state, c Call, told Told) bool {
	b := t.before
	if b == nil || t.chose != c.By || t.left {
		return false
	}
	var still []asked // who was asked before and is now isn't asked anew
	for _, a := range t.offers {
		if slices.Contains(b.offers, a) {
			still = append(still, a)
		} else {
			t.past += " " + a.Offer + " "
		}
	}
	if b.visit == "" {
		t.end()
		t.shown = "queued"
		return true
	}
	for _, e := range b.who() {
		if !slices.Contains(people(still), e) && !r.fits(s, c.Ticket, e) { // what they have declined may not bind them any more
			return false
		}
	}
	t.shown, t.crew, t.offers = b.shown, b.crew, slices.Concat(still, told.Offers)
	if !slices.Equal(people(t.offers), people(b.offers)) {
		return false
	}
	t.chosen(was, c.By)
	return true
}
