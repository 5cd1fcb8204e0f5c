package muster

import (
	"slices"
	"time"
)

// ExceptionKind names what needs a person.
type ExceptionKind string

// The kinds. A call task asks somebody to talk to the customer; its Note says about what.
const (
	ExceptionLate        ExceptionKind = "late"            // a due time or a promise has passed
	ExceptionUnknown     ExceptionKind = "unknown"         // nobody knows where the expert is
	ExceptionEscalated   ExceptionKind = "escalated"       // widening what policy allows found nobody, or nobody has triaged it
	ExceptionOfferEnding ExceptionKind = "offer_ending"    // an offer runs out unanswered
	ExceptionLateToLeave ExceptionKind = "late_to_leave"   // the expert should have set off
	ExceptionPredicted   ExceptionKind = "predicted_late"  // the promise will be missed if nothing happens
	ExceptionNoAccess    ExceptionKind = "no_access"       // nobody opened
	ExceptionNoExpert    ExceptionKind = "no_expert"       // nobody fits
	ExceptionOverride    ExceptionKind = "awaits_override" // somebody would fit if a dispatcher set a constraint aside
	ExceptionParts       ExceptionKind = "parts"           // a part is needed that nobody has ordered
	ExceptionCall        ExceptionKind = "call"            // a call task
	ExceptionStuck       ExceptionKind = "stuck"           // its timer's handler keeps failing
)

// ExceptionKinds lists them, the most pressing first.
func ExceptionKinds() []ExceptionKind {
	return []ExceptionKind{
		ExceptionStuck, ExceptionLate, ExceptionUnknown, ExceptionLateToLeave, ExceptionNoAccess, ExceptionCall,
		ExceptionParts,
		ExceptionEscalated, ExceptionOverride, ExceptionPredicted, ExceptionOfferEnding, ExceptionNoExpert,
	}
}

// Exception is what needs a person about a ticket. It is there until it is settled, or what it was about has passed; its
// history is the ticket's events. A ticket has at most one of a kind for a visit.
type Exception struct {
	Kind     ExceptionKind `json:"kind"`
	Visit    VisitID       `json:"visit,omitempty"`
	Since    time.Time     `json:"since"`
	Next     string        `json:"next"`              // the next step, for people: call the customer
	Note     string        `json:"note,omitempty"`    // what it is about, with figures
	Owner    UserID        `json:"owner,omitempty"`   // who has taken it, empty: nobody
	TakenAt  time.Time     `json:"taken_at,omitzero"` // it returns to the list if it isn't handled a while after
	Contacts []Contact     `json:"contacts,omitempty"`
	Message  MessageID     `json:"message,omitempty"` // the last of those that reached nobody, by a call task: it outlives the ticket

	Errands []Errand `json:"errands,omitempty"` // of a call task: what is to be said, each until it is over; Next and Note tell of all

	Proposals []Proposal `json:"proposals,omitempty"` // of awaits_override: whom a dispatcher could send, the least that must be set aside first
}

// Errand is one thing for which somebody is to be called. It is taken off its call task when nobody needs to hear it any
// more: a customer of somebody who was on the way has them at the door by then.
type Errand struct {
	At      time.Time `json:"at"`              // since when
	About   string    `json:"about,omitempty"` // a topic of messages, promise, two_sent, sent_in_vain, began, or none
	Next    string    `json:"next"`
	Note    string    `json:"note,omitempty"`
	Visit   VisitID   `json:"visit,omitempty"`   // that it is about
	Expert  ExpertID  `json:"expert,omitempty"`  // who is to be called, or whom it is about
	Window  Window    `json:"window,omitzero"`   // that was promised
	Message MessageID `json:"message,omitempty"` // that reached nobody: it outlives the ticket
}

// Proposal is somebody who could come if a named person set constraints of class dispatcher aside.
type Proposal struct {
	Expert  ExpertID  `json:"expert"`
	Name    string    `json:"name,omitempty"`
	Start   time.Time `json:"start"`
	Cost    float64   `json:"cost"`    // expected minutes lost
	Reasons []Reason  `json:"reasons"` // what would have to be set aside, and by how much

	Second *Colleague `json:"second,omitempty"` // of a crew of two, at the same start
}

// Colleague is the second of a crew that is proposed. One of the two may have nothing that would have to be set aside.
type Colleague struct {
	Expert  ExpertID `json:"expert"`
	Name    string   `json:"name,omitempty"`
	Reasons []Reason `json:"reasons,omitempty"`
}

// Experts are those who would come.
func (p *Proposal) Experts() []ExpertID {
	if p.Second == nil {
		return []ExpertID{p.Expert}
	}
	return []ExpertID{p.Expert, p.Second.Expert}
}

// Names of those who would come, for people.
func (p *Proposal) Names() string {
	if p.Second == nil {
		return p.Name
	}
	return p.Name + " and " + p.Second.Name
}

// Codes of what would have to be set aside, each once.
func (p *Proposal) Codes() []ReasonCode {
	all := p.Reasons
	if p.Second != nil {
		all = slices.Concat(all, p.Second.Reasons)
	}
	var codes []ReasonCode
	for _, r := range all {
		if !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	return codes
}

// Contact is one try to reach somebody about an exception.
type Contact struct {
	At     time.Time `json:"at"`
	By     UserID    `json:"by"`
	Whom   string    `json:"whom"`   // customer, expert
	How    string    `json:"how"`    // phone, sms, email, in_person
	Result string    `json:"result"` // reached, no_answer, will_call_back, wrong_number
	Note   string    `json:"note,omitempty"`
}
