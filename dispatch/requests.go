package dispatch

import (
	"time"

	"github.com/sysopssquad/muster"
)

// SubmitRequest asks for a repair. Mode triage is chosen by leaving Needs empty: then a person decides.
type SubmitRequest struct {
	Customer muster.CustomerID `json:"customer"`
	Site     muster.SiteID     `json:"site"`
	Device   muster.DeviceID   `json:"device,omitempty"`
	Title    string            `json:"title"`
	Text     string            `json:"text,omitempty"`
	Category string            `json:"category,omitempty"`
	Symptom  string            `json:"symptom,omitempty"`
	Mode     muster.Mode       `json:"mode,omitempty"`         // home_visit if empty
	Needs    []muster.Need     `json:"needs,omitempty"`        // none: triage
	Duration muster.Minutes    `json:"duration_min,omitempty"` // 60 if 0
	Windows  []muster.Window   `json:"windows,omitempty"`
	Carry    []string          `json:"carry,omitempty"`
	Crew     int               `json:"crew,omitempty"` // 1 if 0
	Priority muster.Priority   `json:"priority,omitempty"`
	Division string            `json:"division,omitempty"`
	Legacy   string            `json:"legacy,omitempty"` // source/id: claims that key
	// Expected is what came of the repair in the system that the row is from: the driver of days ends the visit so.
	Expected muster.VisitOutcome `json:"expected,omitempty"`
}

// TriageRequest says what a ticket in triage needs; it is queued, or waits for the carry-in.
type TriageRequest struct {
	Ticket   muster.TicketID `json:"ticket"`
	Mode     muster.Mode     `json:"mode,omitempty"`
	Needs    []muster.Need   `json:"needs"`
	Duration muster.Minutes  `json:"duration_min,omitempty"`
	Priority muster.Priority `json:"priority,omitempty"`
	Carry    []string        `json:"carry,omitempty"`
	Crew     int             `json:"crew,omitempty"`
}

// AssignRequest gives a ticket's visit to an expert, from the board: no offer is made. Crew of two: Second
// names the other. Overrides are constraints of class dispatcher that the actor sets aside, Why the reason.
type AssignRequest struct {
	Ticket    muster.TicketID     `json:"ticket"`
	Expert    muster.ExpertID     `json:"expert"`
	Second    muster.ExpertID     `json:"second,omitempty"`
	Start     time.Time           `json:"start,omitzero"` // zero: the cheapest
	Overrides []muster.ReasonCode `json:"overrides,omitempty"`
	Why       string              `json:"why,omitempty"`
}

// ProposalRequest accepts a proposal that is shown with a ticket: it is named by those who would come. Why is the reason
// for which what it names is set aside.
type ProposalRequest struct {
	Ticket muster.TicketID `json:"ticket"`
	Expert muster.ExpertID `json:"expert"`
	Second muster.ExpertID `json:"second,omitempty"`
	Why    string          `json:"why"`
}

// OfferRequest asks an expert whether they take a ticket's visit, or several at once, at most muster.MaxOffers: then
// the first who accepts has it.
type OfferRequest struct {
	Ticket  muster.TicketID   `json:"ticket"`
	Expert  muster.ExpertID   `json:"expert,omitempty"`
	Experts []muster.ExpertID `json:"experts,omitempty"` // beside Expert, or in its place
	Start   time.Time         `json:"start,omitzero"`    // for all; zero: the cheapest of each
}

// AnswerRequest accepts or declines an offer. Reason is for a decline: not_then, too_far, not_this_customer, other.
type AnswerRequest struct {
	Offer  muster.OfferID `json:"offer"`
	Reason string         `json:"reason,omitempty"`
}

// VisitRequest is a step of a visit: departed, arrived, started.
type VisitRequest struct {
	Visit muster.VisitID `json:"visit"`
	At    time.Time      `json:"at,omitzero"` // when it happened, by the phone's clock; zero: now
}

// ComingRequest is the answer of an expert who should have left.
type ComingRequest struct {
	Visit  muster.VisitID `json:"visit"`
	Coming bool           `json:"coming"`
	At     time.Time      `json:"at,omitzero"` // when they expect to be there
}

// EndRequest ends a visit with an outcome and what it found.
type EndRequest struct {
	Visit   muster.VisitID      `json:"visit"`
	Outcome muster.VisitOutcome `json:"outcome"`
	Note    string              `json:"note,omitempty"`
	Needs   []muster.Need       `json:"needs,omitempty"` // other_skill_needed: what it takes
	Carry   []string            `json:"carry,omitempty"` // part_needed: which parts
	Until   time.Time           `json:"until,omitzero"`  // part_needed, no_access, refused: try again then
	At      time.Time           `json:"at,omitzero"`     // when it ended, by the phone's clock; zero: now
}

// TicketRequest is a command that needs no more than the ticket and perhaps a reason.
type TicketRequest struct {
	Ticket muster.TicketID `json:"ticket"`
	Reason string          `json:"reason,omitempty"`
}

// ExceptionRequest names an exception of a ticket; a visit is only needed if there are several of its kind.
type ExceptionRequest struct {
	Ticket muster.TicketID      `json:"ticket"`
	Kind   muster.ExceptionKind `json:"kind"`
	Visit  muster.VisitID       `json:"visit,omitempty"`
}

// HandOverRequest gives an exception to somebody else.
type HandOverRequest struct {
	ExceptionRequest
	To muster.UserID `json:"to"`
}

// ContactRequest logs a try to reach somebody: see muster.Contact for the words.
type ContactRequest struct {
	ExceptionRequest
	Whom   string `json:"whom"`
	How    string `json:"how"`
	Result string `json:"result"`
	Note   string `json:"note,omitempty"`
}

// WindowsRequest names the windows that the customer chooses, in place of those before; none: any time will do.
type WindowsRequest struct {
	Ticket  muster.TicketID `json:"ticket"`
	Windows []muster.Window `json:"windows"`
}

// WaitRequest sets a ticket to waiting.
type WaitRequest struct {
	Ticket muster.TicketID   `json:"ticket"`
	For    muster.WaitReason `json:"for"`
	Until  time.Time         `json:"until"`
	Note   string            `json:"note,omitempty"`
}

// PartRequest is about a part that a ticket's repair needs.
type PartRequest struct {
	Ticket muster.TicketID `json:"ticket"`
	Name   string          `json:"name"`
	ETA    time.Time       `json:"eta,omitzero"` // of an order
}

// MergeRequest says of which ticket another is a duplicate.
type MergeRequest struct {
	Ticket muster.TicketID `json:"ticket"`
	Into   string          `json:"into"` // id or number of the one that stays
}

// CompleteRequest closes the work on a ticket without a visit: a carry-in handed back, or fixed remotely.
type CompleteRequest struct {
	Ticket  muster.TicketID     `json:"ticket"`
	Outcome muster.VisitOutcome `json:"outcome"`
	Note    string              `json:"note,omitempty"`
}

// CustomerRequest registers or changes a customer with sites and devices. Ids left empty are new.
type CustomerRequest struct {
	Customer muster.Customer `json:"customer"`
	Sites    []muster.Site   `json:"sites,omitempty"`
	Devices  []muster.Device `json:"devices,omitempty"`
}

// SiteRequest adds or changes one site. Of its place only the point must be given; cell and zone follow.
type SiteRequest struct {
	Customer muster.CustomerID `json:"customer"`
	Site     muster.Site       `json:"site"` // an empty id is new
}

// DeviceRequest adds or changes one device.
type DeviceRequest struct {
	Customer muster.CustomerID `json:"customer"`
	Device   muster.Device     `json:"device"` // an empty id is new
}

// ShiftsRequest sets when an expert works: weekly shifts and breaks, single shifts and on-call spans.
type ShiftsRequest struct {
	Expert muster.ExpertID `json:"expert"`
	Shifts []muster.Hours  `json:"shifts"`
	Extra  []muster.Window `json:"extra,omitempty"`
	Breaks []muster.Hours  `json:"breaks,omitempty"`
	OnCall []muster.Window `json:"on_call,omitempty"`
}

// LeaveRequest adds time off to an expert.
type LeaveRequest struct {
	Expert muster.ExpertID `json:"expert"`
	Leave  muster.Leave    `json:"leave"`
}

// SkillRequest adds or changes skills of the tree.
type SkillRequest struct {
	Skills []muster.Skill `json:"skills"`
}

// Answer is what a command on a ticket answers, and what its repetition answers again.
type Answer struct {
	Ticket      muster.Ticket       `json:"ticket"`
	Visit       *muster.Visit       `json:"visit,omitempty"`
	Offers      []muster.Offer      `json:"offers,omitempty"`      // those that the command made or ended
	Assignments []muster.Assignment `json:"assignments,omitempty"` // the same
}

// RoundReport says what a round did.
type RoundReport struct {
	Region    muster.RegionID           `json:"region"`
	Looked    int                       `json:"looked"`    // queued tickets
	Assigned  int                       `json:"assigned"`  // pushed
	Offered   int                       `json:"offered"`   // asked
	Lost      int                       `json:"lost"`      // to somebody else's commit, three times
	Remaining int                       `json:"remaining"` // still queued
	ByReason  map[muster.ReasonCode]int `json:"by_reason"` // of those remaining: the main reason
	Linear    LinearReport              `json:"linear"`
}

// LinearReport sums up the linear problems that were solved to improve a plan. What is proven is that the answer to each is the best
// for that problem; not that the plan is the best of all.
type LinearReport struct {
	Rounds  int     `json:"rounds"`        // each with a certificate that was checked
	Placed  int     `json:"placed"`        // tickets that found a place so, less those that lost theirs to more pressing ones
	Saved   float64 `json:"saved_minutes"` // by rounds after which as many had a place as before
	Refused int     `json:"refused"`       // places that a tour refused because of what had come onto another of the same expert
}

func (r *LinearReport) add(o LinearReport) {
	r.Rounds += o.Rounds
	r.Placed += o.Placed
	r.Saved += o.Saved
	r.Refused += o.Refused
}
