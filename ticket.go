package muster

import (
	"fmt"
	"time"
)

// Mode is how a ticket is worked on.
type Mode string

// The modes.
const (
	ModeRemote    Mode = "remote"
	ModeHomeVisit Mode = "home_visit"
	ModeCarryIn   Mode = "carry_in"
)

// Priority of a ticket.
type Priority string

// From the most pressing to the least.
const (
	PriorityCritical Priority = "critical"
	PriorityHigh     Priority = "high"
	PriorityNormal   Priority = "normal"
	PriorityLow      Priority = "low"
)

// Rank orders priorities: 0 is critical.
func (p Priority) Rank() int {
	switch p {
	case PriorityCritical:
		return 0
	case PriorityHigh:
		return 1
	case PriorityLow:
		return 3
	default:
		return 2
	}
}

// TicketState is where a ticket is in its life; dispatch/lifecycle.go has the steps.
type TicketState string

// The states. Resolved and cancelled are terminal; all others are open.
const (
	Triage    TicketState = "triage"
	Queued    TicketState = "queued"
	Scheduled TicketState = "scheduled" // has an open visit, whose state people see
	Waiting   TicketState = "waiting"
	Completed TicketState = "completed"
	Resolved  TicketState = "resolved"
	Cancelled TicketState = "cancelled"
)

// Accepted is shown of a submission that is safe in a journal and becomes a ticket once the graph can be reached
// again. No ticket in the graph has it.
const Accepted TicketState = "accepted"

// TicketStates lists them in the order of a ticket's life.
func TicketStates() []TicketState {
	return []TicketState{Triage, Queued, Scheduled, Waiting, Completed, Resolved, Cancelled}
}

// Terminal tells whether nothing more is to be done.
func (s TicketState) Terminal() bool { return s == Resolved || s == Cancelled }

// WaitReason says what a waiting ticket waits for.
type WaitReason string

// The reasons to wait.
const (
	WaitParts    WaitReason = "parts"
	WaitCustomer WaitReason = "customer"
	WaitApproval WaitReason = "approval"
	WaitDate     WaitReason = "date"
)

// Ticket is an aggregate: one thing to repair, with its visits, offers and assignments as parts.
type Ticket struct {
	ID          TicketID       `json:"id"`
	Rev         int64          `json:"rev"`
	Number      int64          `json:"number"` // shown as T-4821
	Division    string         `json:"division,omitempty"`
	Customer    CustomerID     `json:"customer"`
	Site        SiteID         `json:"site"`
	Device      DeviceID       `json:"device,omitempty"`
	Title       string         `json:"title"`
	Text        string         `json:"text,omitempty"` // what the customer said
	Category    string         `json:"category,omitempty"`
	Symptom     string         `json:"symptom,omitempty"`
	Brand       string         `json:"brand,omitempty"` // of the device, for authorisation
	Mode        Mode           `json:"mode"`
	Needs       []Need         `json:"needs"`
	Duration    Minutes        `json:"duration_min"`
	Windows     []Window       `json:"windows,omitempty"` // the customer's, any of them will do; none: any time
	Carry       []string       `json:"carry,omitempty"`   // parts and tools that the expert must bring
	Crew        int            `json:"crew"`              // experts at once, 1 or 2
	Priority    Priority       `json:"priority"`
	State       TicketState    `json:"state"`
	Wait        Wait           `json:"wait,omitzero"`
	Prefer      ExpertID       `json:"prefer,omitempty"` // who began the repair
	Declines    []Decline      `json:"declines,omitempty"`
	Visit       *OpenVisit     `json:"visit,omitempty"` // the open visit in brief, nil if there is none
	Visits      int            `json:"visits"`          // how many there have been
	Region      RegionID       `json:"region"`
	City        string         `json:"city,omitempty"`
	Zone        string         `json:"zone"` // of the site
	DueAt       time.Time      `json:"due_at"`
	CreatedAt   time.Time      `json:"created_at"`
	QueuedAt    time.Time      `json:"queued_at,omitzero"` // since when it has waited for an expert
	CompletedAt time.Time      `json:"completed_at,omitzero"`
	ClosedAt    time.Time      `json:"closed_at,omitzero"`
	Outcome     string         `json:"outcome,omitempty"`  // of the last visit, or remote, or why cancelled
	Legacy      string         `json:"legacy,omitempty"`   // source and id there, such as openrepair/rcwales_34450
	Expected    VisitOutcome   `json:"expected,omitempty"` // what came of it there; only the driver of days reads it
	Timers      Timers         `json:"timers"`
	NoExpert    *NoExpert      `json:"no_expert,omitempty"` // while nobody has it: the last round found nobody
	Exceptions  []Exception    `json:"exceptions,omitempty"`
	Clocks      []SLAClock     `json:"clocks,omitempty"`   // of each name the last counts, those before it are history
	Promised    *Promise       `json:"promised,omitempty"` // what the customer was told, until somebody comes or they choose otherwise
	Parts       []PartNeed     `json:"parts,omitempty"`
	ReopenedAt  time.Time      `json:"reopened_at,omitzero"`  // the last time
	Warranty    bool           `json:"warranty,omitempty"`    // it was reopened within the time of warranty
	MergedInto  TicketID       `json:"merged_into,omitempty"` // it was a duplicate of that one
	Merged      []MergedTicket `json:"merged,omitempty"`      // duplicates of this one
	Step        int            `json:"step,omitempty"`        // of escalation, while somebody is looked for; 0: not escalated
	Kept        *Window        `json:"kept,omitempty"`        // of Windows: not a wish of the customer's, but what we promised and nobody can keep so far
	StepSince   time.Time      `json:"step_since,omitzero"`   // since when it has waited in that step, or in triage; time for which somebody had it is left out
}

// Promise is the window in which the customer was told that somebody comes. It holds until somebody does, whatever we
// plan otherwise meanwhile. Once it is broken, or the customer was called about it, the window of whoever has the visit
// next takes its place.
type Promise struct {
	Window
	At       time.Time `json:"at"`                 // it was told
	BrokenAt time.Time `json:"broken_at,omitzero"` // end of the last window by which nobody had arrived: this or an earlier one
	Called   bool      `json:"called,omitempty"`   // nobody could keep it, and a person has talked to the customer
}

// Broken tells whether nobody had arrived by the end of this window.
func (p *Promise) Broken() bool { return p.BrokenAt.Equal(p.End) }

// Clock is the ticket's present clock of a name, nil if it has none.
func (t *Ticket) Clock(name SLAName) *SLAClock {
	for i := len(t.Clocks) - 1; i >= 0; i-- {
		if t.Clocks[i].Name == name {
			return &t.Clocks[i]
		}
	}
	return nil
}

// NoExpert says that rounds have found nobody for a queued ticket, and why.
type NoExpert struct {
	Since time.Time  `json:"since"`          // the first round of those in a row
	At    time.Time  `json:"at"`             // the round that found what main says
	Main  ReasonCode `json:"main"`           // excludes most of those nearest to fitting
	Step  int        `json:"step,omitempty"` // of escalation, then
}

// Wait says what for and until when a ticket waits.
type Wait struct {
	For   WaitReason `json:"for"`
	Until time.Time  `json:"until"`
	Note  string     `json:"note,omitempty"`
}

// Decline keeps an expert's no, bound to its reason.
type Decline struct {
	Expert ExpertID  `json:"expert"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"` // not_then, too_far, not_this_customer, other
	Window Window    `json:"window,omitzero"`  // for not_then: the time that was declined
}

// OpenVisit is what a list shows of a ticket's open visit. It is derived from the visit's parts in
// one place (dispatch) and guarded by the same revision.
type OpenVisit struct {
	ID       VisitID    `json:"id"`
	State    VisitState `json:"state"`
	Experts  []ExpertID `json:"experts,omitempty"` // assigned, else offered to
	Start    time.Time  `json:"start"`
	End      time.Time  `json:"end"`
	Deadline time.Time  `json:"deadline,omitzero"` // of its open offers
}

// Ref is the ticket's number as people say it.
func (t *Ticket) Ref() string { return fmt.Sprintf("T-%d", t.Number) }

// Shown is the state that people see: the visit's while scheduled, the ticket's otherwise.
func (t *Ticket) Shown() string {
	if t.State == Scheduled && t.Visit != nil {
		return string(t.Visit.State)
	}
	return string(t.State)
}

// urgentBefore is how long before a window opens its ticket is urgent.
const urgentBefore = 4 * time.Hour

// Urgent tickets get a prompt round: critical ones, and those of which a window is open or opens within four hours.
func (t *Ticket) Urgent(now time.Time) bool {
	from, ever := t.UrgentFrom(now)
	return ever && !now.Before(from)
}

// UrgentFrom is since when a ticket is urgent, or from when it will be, as far as that can be said at an instant: a critical
// one has always been. Ever is false if its windows are over, or it has none.
func (t *Ticket) UrgentFrom(now time.Time) (from time.Time, ever bool) {
	if t.Priority == PriorityCritical {
		return time.Time{}, true
	}
	for _, w := range t.Windows {
		if at := w.Start.Add(-urgentBefore); w.End.After(now) && (!ever || at.Before(from)) {
			from, ever = at, true
		}
	}
	return from, ever
}

// VisitState is where a visit is in its life.
type VisitState string

// The states; ended is terminal, the outcome says how.
const (
	VisitOffered    VisitState = "offered"
	VisitAssigned   VisitState = "assigned"
	VisitEnRoute    VisitState = "en_route"
	VisitArrived    VisitState = "arrived"
	VisitInProgress VisitState = "in_progress"
	VisitEnded      VisitState = "ended"
)

// VisitStates lists them in the order of a visit's life.
func VisitStates() []VisitState {
	return []VisitState{VisitOffered, VisitAssigned, VisitEnRoute, VisitArrived, VisitInProgress, VisitEnded}
}

// VisitOutcome says how a visit ended.
type VisitOutcome string

// The first three complete the ticket; the next six send it back with corrected needs; withdrawn
// means that the visit never took place.
const (
	Fixed             VisitOutcome = "fixed"
	BeyondRepair      VisitOutcome = "beyond_repair"
	FaultNotFound     VisitOutcome = "fault_not_found"
	PartNeeded        VisitOutcome = "part_needed"
	OtherSkillNeeded  VisitOutcome = "other_skill_needed"
	SecondNeeded      VisitOutcome = "second_person_needed"
	NoAccess          VisitOutcome = "no_access"
	Refused           VisitOutcome = "refused"
	Unsafe            VisitOutcome = "unsafe"
	Withdrawn         VisitOutcome = "withdrawn"
	OutcomeTicketDone VisitOutcome = "ticket_closed" // the ticket was cancelled or resolved remotely
)

// VisitOutcomes lists what an expert may say at the end of a visit.
func VisitOutcomes() []VisitOutcome {
	return []VisitOutcome{
		Fixed, BeyondRepair, FaultNotFound, PartNeeded, OtherSkillNeeded, SecondNeeded, NoAccess, Refused, Unsafe,
	}
}

// Completes tells whether a visit with this outcome completes its ticket.
func (o VisitOutcome) Completes() bool {
	return o == Fixed || o == BeyondRepair || o == FaultNotFound
}

// Visit is a part of a ticket: one planned attendance. Only one is open at a time.
type Visit struct {
	ID         VisitID      `json:"id"`
	Ticket     TicketID     `json:"ticket"`
	N          int          `json:"n"` // 1 for the ticket's first
	State      VisitState   `json:"state"`
	Window     Window       `json:"window"` // promised: arrival is within
	Start      time.Time    `json:"start"`  // planned
	End        time.Time    `json:"end"`
	Crew       int          `json:"crew"`
	Outcome    VisitOutcome `json:"outcome,omitempty"`
	Note       string       `json:"note,omitempty"`
	DepartedAt time.Time    `json:"departed_at,omitzero"`
	ArrivedAt  time.Time    `json:"arrived_at,omitzero"`
	StartedAt  time.Time    `json:"started_at,omitzero"`
	EndedAt    time.Time    `json:"ended_at,omitzero"`
	Told       Window       `json:"told,omitzero"`      // the window that the customer was told last, maybe for a visit before
	BrokenAt   time.Time    `json:"broken_at,omitzero"` // the end of the last window that they were told by which nobody had arrived

	AskedAt    time.Time `json:"asked_at,omitzero"`    // should have left: the phone was asked whether they are coming
	AnsweredAt time.Time `json:"answered_at,omitzero"` // they said
	ExpectedAt time.Time `json:"expected_at,omitzero"` // when they said that they would be there
	AlarmedAt  time.Time `json:"alarmed_at,omitzero"`  // it was put before a person
	Reports    []Report  `json:"reports,omitempty"`    // steps that were told later than they happened

	PredictedAt time.Time `json:"predicted_at,omitzero"` // when somebody will arrive, as the tour was last worked out; zero: as planned

	Heard []Heard `json:"heard,omitempty"` // of a crew of several: who has said something, or left; of the others nothing is known
}

// Heard is the last word of one of a crew who should leave.
type Heard struct {
	Expert     ExpertID  `json:"expert"`
	At         time.Time `json:"at"`
	ExpectedAt time.Time `json:"expected_at,omitzero"` // they come, and will be there by then
	Left       bool      `json:"left,omitempty"`       // they are on the way; neither: they can't come
}

// Report keeps both times of a step that a phone could not tell at once.
type Report struct {
	State    VisitState `json:"state"`
	Expert   ExpertID   `json:"expert,omitempty"` // whose phone it was: of a visit that went from hand to hand several may tell
	Happened time.Time  `json:"happened_at"`      // by the phone's clock
	Received time.Time  `json:"received_at"`
	InVain   bool       `json:"in_vain,omitempty"` // the visit was theirs no more: it is kept, and has moved nothing
}

// Open tells whether the visit has not ended.
func (v *Visit) Open() bool { return v.State != VisitEnded }

// KnownAt is when it was known that the visit had ended: later than it ended, if a phone could not tell at once.
func (v *Visit) KnownAt() time.Time {
	at := v.EndedAt
	for _, r := range v.Reports {
		if r.State == VisitEnded && !r.InVain && r.Received.After(at) {
			at = r.Received
		}
	}
	return at
}

// OfferState is where an offer is; it ends exactly once.
type OfferState string

// The states; all but open are ends.
const (
	OfferOpen      OfferState = "open"
	OfferAccepted  OfferState = "accepted"
	OfferDeclined  OfferState = "declined"
	OfferExpired   OfferState = "expired"
	OfferWithdrawn OfferState = "withdrawn"
)

// MaxOffers is how many experts can be asked at once about one visit.
const MaxOffers = 50

// Offer is a part of a ticket: a question to one expert, with a deadline. While open it holds its
// opening on the tour.
type Offer struct {
	ID       OfferID    `json:"id"`
	Ticket   TicketID   `json:"ticket"`
	Visit    VisitID    `json:"visit"`
	Expert   ExpertID   `json:"expert"`
	Tour     TourID     `json:"tour"`
	Place    int        `json:"place"` // which of the crew, from 0
	Start    time.Time  `json:"start"`
	End      time.Time  `json:"end"`
	Travel   Minutes    `json:"travel"`
	Km       float64    `json:"km"`
	State    OfferState `json:"state"`
	At       time.Time  `json:"at"`
	Deadline time.Time  `json:"deadline"` // an answer counts if it is before
	EndedAt  time.Time  `json:"ended_at,omitzero"`
	Reason   string     `json:"reason,omitempty"`
	Decided  Decided    `json:"decided"`
}

// Decided keeps what a choice rested on.
type Decided struct {
	By        Actor      `json:"by"`
	Policy    int64      `json:"policy"` // revisions
	Skills    int64      `json:"skills"`
	Expert    int64      `json:"expert,omitempty"`
	Customer  int64      `json:"customer,omitempty"`
	Cost      float64    `json:"cost"` // expected minutes lost
	Terms     []Term     `json:"terms,omitempty"`
	Rank      int        `json:"rank,omitempty"` // 1 is the best of those compared
	Overrides []Override `json:"overrides,omitempty"`
}

// Override is a constraint that a named person set aside, with the reason why; or one that the policy did, by a step of
// escalation.
type Override struct {
	Code   ReasonCode `json:"code"`
	Reason Reason     `json:"reason"`
	Why    string     `json:"why"`
	Step   int        `json:"step,omitempty"` // 0: a person
}

// AssignmentState is where an assignment is.
type AssignmentState string

// The states; an active one holds its visit place.
const (
	AssignmentActive    AssignmentState = "active"
	AssignmentDone      AssignmentState = "done"
	AssignmentWithdrawn AssignmentState = "withdrawn"
)

// Assignment is a part of a ticket: this expert takes this place of this visit.
type Assignment struct {
	ID      AssignmentID    `json:"id"`
	Ticket  TicketID        `json:"ticket"`
	Visit   VisitID         `json:"visit"`
	Place   int             `json:"place"`
	Expert  ExpertID        `json:"expert"`
	Tour    TourID          `json:"tour"`
	Offer   OfferID         `json:"offer,omitempty"` // none: pushed
	Start   time.Time       `json:"start"`
	End     time.Time       `json:"end"`
	Travel  Minutes         `json:"travel"`
	Km      float64         `json:"km"`
	State   AssignmentState `json:"state"`
	At      time.Time       `json:"at"`
	EndedAt time.Time       `json:"ended_at,omitzero"`
	Reason  string          `json:"reason,omitempty"` // of the withdrawal
	Decided Decided         `json:"decided"`
}
