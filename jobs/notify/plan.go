package notify

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// A deed is what a ticket's event says, as far as people are told of it.
type deed struct {
	event       muster.Event
	ticket      muster.Ticket
	visits      []muster.Visit // those that it changed
	offers      []muster.Offer
	assignments []muster.Assignment
	over        []muster.ExceptionKind // what needed a person and doesn't any more
}

// read takes an event's body apart. ok is false for what no one is told of: events of other aggregates, and tickets that
// another system had closed.
func read(e muster.Event) (d deed, ok bool, err error) {
	if muster.KindOf(e.Aggregate) != muster.KindTicket || e.Name == takenIn {
		return deed{}, false, nil
	}
	var body struct {
		Root   muster.Ticket              `json:"root"`
		Parts  []json.RawMessage          `json:"parts"`
		Closed []dispatch.ClosedException `json:"closed"`
	}
	if err := json.Unmarshal(e.Body, &body); err != nil {
		return deed{}, false, err
	}
	d = deed{event: e, ticket: body.Root}
	for _, x := range body.Closed {
		d.over = append(d.over, x.Kind)
	}
	for _, raw := range body.Parts {
		var part struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(raw, &part); err != nil {
			return deed{}, false, err
		}
		switch muster.KindOf(part.ID) {
		case muster.KindVisit:
			d.visits, err = grown(d.visits, raw)
		case muster.KindOffer:
			d.offers, err = grown(d.offers, raw)
		case muster.KindAssignment:
			d.assignments, err = grown(d.assignments, raw)
		}
		if err != nil {
			return deed{}, false, err
		}
	}
	return d, true, nil
}

// The names of events whose ticket alone doesn't tell what happened.
const (
	takenIn  = "ticket.taken_in"
	departed = "ticket.departed"
	late     = "ticket.expert_asked"
	resumed  = "ticket.resumed"       // by whoever was replaced and had left
	worse    = "visit.predicted_late" // the first time, or by so much more
	answered = "ticket.expert_answered"
	ordered  = "ticket.part_ordered" // or expected at another moment
)

// awaitsParts tells whether a ticket waits for parts of which somebody knows when they come.
func awaitsParts(t *muster.Ticket) bool {
	return t.State == muster.Waiting && t.Wait.For == muster.WaitParts &&
		!slices.ContainsFunc(t.Parts, func(p muster.PartNeed) bool { return p.State == muster.PartMissing }) &&
		slices.ContainsFunc(t.Parts, func(p muster.PartNeed) bool { return p.State == muster.PartOrdered })
}

func grown[T any](list []T, raw json.RawMessage) ([]T, error) {
	var part T
	err := json.Unmarshal(raw, &part)
	return append(list, part), err
}

// How long a message is of use where nothing else says so.
const (
	usefulOnTheWay = time.Hour
	usefulApology  = 24 * time.Hour
	usefulResolved = 7 * 24 * time.Hour
	usefulNews     = 24 * time.Hour
)

// plan lists the messages that an event calls for, each planned for the moment at which it may be sent. It is pure. Whether
// they are still true, and whether anybody wants them, is asked when they are sent.
func (d deed) plan(p *muster.Policy) (out []*muster.Message) {
	settled := d.settledAt(p)
	for _, m := range d.toCustomer(p, settled) {
		out = append(out, d.message(m))
	}
	for _, m := range d.toExperts() {
		m.at = settled
		out = append(out, d.message(m))
	}
	return out
}

// settledAt is when what happened can't be taken back any more.
func (d deed) settledAt(p *muster.Policy) time.Time {
	if d.event.Actor.Role == muster.RoleSystem {
		return d.event.At
	}
	return d.event.At.Add(time.Duration(p.UndoSeconds) * time.Second)
}

// planned is a message with when it may be sent, and until when it is of use.
type planned struct {
	muster.Message
	at, until time.Time
	once      string // what several events tell of, "" if only this one
}

func (d deed) toCustomer(p *muster.Policy, settled time.Time) (out []planned) {
	t, at := &d.ticket, d.event.At
	tell := func(topic muster.Topic, visit muster.VisitID, from, until time.Time) {
		out = append(out, planned{Message: muster.Message{Topic: topic, Visit: visit, Customer: t.Customer}, at: from, until: until})
	}
	v := t.Visit
	switch {
	case v == nil:
	case d.event.Name == departed, d.event.Name == resumed && v.State == muster.VisitEnRoute:
		tell(muster.TopicOnTheWay, v.ID, at, at.Add(usefulOnTheWay))
	case v.State == muster.VisitAssigned && (len(d.begun()) > 0 || len(d.visits) > 0):
		tell(muster.TopicAccepted, v.ID, settled, v.End)
	}
	for _, gone := range d.visits {
		if v == nil && gone.State == muster.VisitEnded && gone.EndedAt.Equal(at) &&
			(gone.Outcome == muster.Withdrawn || gone.Outcome == muster.OutcomeTicketDone) {
			from := settled
			if t.State == muster.Queued { // somebody else may be found who comes at the same time
				from = later(settled, earlier(at.Add(p.Messages.Search.Duration()), gone.Window.Start.Add(-time.Hour)))
			}
			tell(muster.TopicChanged, gone.ID, from, later(gone.Window.End, from.Add(usefulOnTheWay)))
		}
	}
	if v == nil && len(d.visits) == 0 && d.event.Name == ordered && awaitsParts(t) {
		tell(muster.TopicChanged, "", settled, later(t.Wait.Until, settled.Add(usefulOnTheWay)))
	}
	again := d.event.Name == worse || d.event.Name == answered
	for _, x := range t.Exceptions {
		if x.Kind == muster.ExceptionPredicted && (x.Since.Equal(at) || again) {
			tell(muster.TopicLate, x.Visit, at, at.Add(usefulNews))
		}
	}
	if v != nil && slices.Contains(d.over, muster.ExceptionPredicted) { // in time after all
		tell(muster.TopicLate, v.ID, at, at.Add(usefulNews))
	}
	for _, end := range d.broken() {
		out = append(out, planned{
			Message: muster.Message{Topic: muster.TopicApology, Customer: t.Customer}, at: at, until: at.Add(usefulApology),
			once: end.UTC().Format(time.RFC3339),
		})
	}
	if t.State == muster.Resolved && t.ClosedAt.Equal(at) {
		tell(muster.TopicResolved, "", at, at.Add(usefulResolved))
	}
	return out
}

// broken lists the ends of promises that nobody kept. Each event says so of the one that the customer still counts on; of one
// that the event has ended, its visit does. Whoever came too late says themselves that they are sorry, unless nobody was there
// any more.
func (d deed) broken() (ends []time.Time) {
	if p := d.ticket.Promised; p != nil && !p.BrokenAt.IsZero() {
		ends = append(ends, p.BrokenAt)
	}
	for _, v := range d.visits {
		met := !v.ArrivedAt.IsZero() && v.Outcome != muster.NoAccess
		if !met && !v.BrokenAt.IsZero() && !slices.ContainsFunc(ends, v.BrokenAt.Equal) {
			ends = append(ends, v.BrokenAt)
		}
	}
	return ends
}

// begun lists the assignments that the event made.
func (d deed) begun() (out []muster.Assignment) {
	for _, a := range d.assignments {
		if a.State == muster.AssignmentActive && a.At.Equal(d.event.At) {
			out = append(out, a)
		}
	}
	return out
}

// toExperts tells experts of what they are asked, given and relieved of; nobody is told of what they did themselves.
func (d deed) toExperts() (out []planned) {
	e, begun := d.event, d.begun()
	has := func(x muster.ExpertID) bool {
		return slices.ContainsFunc(begun, func(a muster.Assignment) bool { return a.Expert == x })
	}
	tell := func(topic muster.Topic, x muster.ExpertID, visit muster.VisitID, offer muster.OfferID, until time.Time) {
		if x == e.Actor.Expert {
			return
		}
		out = append(out, planned{Message: muster.Message{Topic: topic, Visit: visit, Offer: offer, Expert: x}, until: until})
	}
	for _, o := range d.offers {
		switch {
		case o.State == muster.OfferOpen && o.At.Equal(e.At):
			tell(muster.TopicOffer, o.Expert, o.Visit, o.ID, o.Deadline)
		case o.State == muster.OfferWithdrawn && o.EndedAt.Equal(e.At) && !has(o.Expert):
			tell(muster.TopicCancelled, o.Expert, o.Visit, o.ID, later(o.Start, e.At.Add(usefulOnTheWay)))
		}
	}
	if v := d.ticket.Visit; v != nil && e.Name == late {
		for _, x := range v.Experts {
			tell(muster.TopicComing, x, v.ID, "", later(v.End, e.At.Add(usefulOnTheWay)))
		}
	}
	for _, a := range d.assignments {
		switch {
		case a.State == muster.AssignmentActive && a.At.Equal(e.At):
			topic := muster.TopicAssigned
			if slices.ContainsFunc(d.assignments, func(o muster.Assignment) bool { return o.Expert == a.Expert && o.ID != a.ID }) {
				topic = muster.TopicMoved // had it before, at another time
			}
			tell(topic, a.Expert, a.Visit, "", a.End)
		case a.State == muster.AssignmentActive:
			tell(muster.TopicMoved, a.Expert, a.Visit, "", a.End)
		case a.State == muster.AssignmentWithdrawn && a.EndedAt.Equal(e.At) && !has(a.Expert):
			tell(muster.TopicCancelled, a.Expert, a.Visit, a.Offer, later(a.Start, e.At.Add(usefulOnTheWay)))
		}
	}
	return out
}

// message completes a planned message. Its id follows from event, person and topic (and for offers from the offer), so that
// it is planned once however often the event is seen.
func (d deed) message(p planned) *muster.Message {
	m := p.Message
	m.Ticket, m.Event, m.At = d.ticket.ID, eventID(d.event), d.event.At
	whom := string(m.Customer) + string(m.Expert)
	of := m.Event
	if p.once != "" {
		of = string(m.Ticket) + "/" + p.once
	}
	key := "notify/" + of + "/" + whom + "/" + string(m.Topic) + "/" + string(m.Offer) + string(m.Visit)
	m.ID = muster.MessageID(muster.NewID(muster.KindMessage, muster.CommandID(key), 0))
	m.Rev, m.State, m.Until = 1, muster.MessagePlanned, p.until
	m.Timers = muster.Timers{muster.TimerSend: p.at}
	return &m
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
