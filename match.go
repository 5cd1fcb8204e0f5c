package muster

import (
	"encoding/json"
	"time"
)

// ReasonCode names a hard constraint that excludes an expert or a start.
type ReasonCode string

// The constraints; matcher has one file for each.
const (
	NoSkill         ReasonCode = "skill"         // lacks the skill
	LevelLow        ReasonCode = "level"         // has it below the level
	CertificateEnds ReasonCode = "certificate"   // has ended at the visit, or there is none
	OffShift        ReasonCode = "shift"         // no shift, or the work passes its end
	OnLeave         ReasonCode = "leave"         //
	NotOnCall       ReasonCode = "on_call"       // an on-call tour takes urgent tickets only
	AfterWindow     ReasonCode = "window"        // would arrive after the promised or wished window
	BreakMissed     ReasonCode = "break"         //
	DayTooLong      ReasonCode = "longest_day"   //
	WeekTooLong     ReasonCode = "longest_week"  //
	RestTooShort    ReasonCode = "rest"          //
	Overtime        ReasonCode = "overtime"      // beyond what the expert consented to
	OverCapacity    ReasonCode = "capacity"      // visits in a tour
	OutOfTerritory  ReasonCode = "territory"     //
	TooFar          ReasonCode = "travel_limit"  // km from the base
	LacksParts      ReasonCode = "parts"         // parts and tools
	CrewClash       ReasonCode = "crew"          // already on the crew, or not at the crew's start
	IsBlocked       ReasonCode = "blocked"       // the customer doesn't want this expert, or the other way round
	HasDeclined     ReasonCode = "declined"      //
	NotAuthorised   ReasonCode = "authorisation" // for the make of the device
	SiteClosed      ReasonCode = "site_hours"    //
	NoOpening       ReasonCode = "opening"       // the stops of the tour leave no gap that is long enough
	Overlaps        ReasonCode = "overlap"       // the start that was asked for runs into another visit; Have and Need are the two spans
	HeldByOther     ReasonCode = "held"          // somebody's hold
	Gone            ReasonCode = "removed"       // works here no longer
	OtherDivision   ReasonCode = "division"      //
	NotMobile       ReasonCode = "carry_in_only" // visits nobody
)

// Class says who may set a constraint aside.
type Class string

// The classes.
const (
	ByDispatcher Class = "dispatcher" // a named person with a reason, kept on the assignment
	ByPolicy     Class = "policy"     // escalation may widen it
	Never        Class = "never"
)

// Class of a constraint. Level may be set aside by one only; matcher checks that.
func (c ReasonCode) Class() Class {
	switch c {
	case LevelLow, AfterWindow, OutOfTerritory, HasDeclined, HeldByOther:
		return ByDispatcher
	case TooFar, OverCapacity, NotOnCall, Overtime:
		return ByPolicy
	default:
		return Never
	}
}

// Reason is why not, with the numbers that were compared. The zero Reason means that nothing is wrong.
type Reason struct {
	Code  ReasonCode `json:"code"`
	Class Class      `json:"class,omitempty"`
	About string     `json:"about,omitempty"` // the skill, part, make or visit in question
	Have  any        `json:"have,omitempty"`  // a number, text, time.Time, Window or list of these
	Need  any        `json:"need,omitempty"`
	Unit  string     `json:"unit,omitempty"` // of numbers: level, km, min, visits
	Text  string     `json:"text,omitempty"` // one sentence for people
}

// UnmarshalJSON reads windows back as such, so that what was stored is written again byte for byte: a repeated command is
// answered as it was the first time.
func (r *Reason) UnmarshalJSON(b []byte) error {
	type plain Reason
	x := struct {
		*plain
		Have json.RawMessage `json:"have"`
		Need json.RawMessage `json:"need"`
	}{plain: (*plain)(r)}
	if err := json.Unmarshal(b, &x); err != nil {
		return err
	}
	var err error
	if r.Have, err = compared(x.Have); err == nil {
		r.Need, err = compared(x.Need)
	}
	return err
}

// compared reads what a reason compares.
func compared(b json.RawMessage) (v any, err error) {
	var window Window
	var windows []Window
	switch {
	case len(b) == 0:
		return nil, nil
	case b[0] == '{' && json.Unmarshal(b, &window) == nil && !window.IsZero():
		return window, nil
	case len(b) > 1 && b[0] == '[' && b[1] == '{' && json.Unmarshal(b, &windows) == nil:
		return windows, nil
	}
	return v, json.Unmarshal(b, &v)
}

// Candidate is an expert and a start that every constraint allows, with what it would cost.
type Candidate struct {
	Expert ExpertID  `json:"expert"`
	Name   string    `json:"name,omitempty"`
	Tour   TourID    `json:"tour"`
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Depart time.Time `json:"depart"` // latest leaving time
	Travel Minutes   `json:"travel"` // to the visit
	Km     float64   `json:"km"`
	Cost   float64   `json:"cost"` // expected minutes lost, the sum of the terms
	Terms  []Term    `json:"terms"`
	Shift  Window    `json:"shift"` // of the tour, so that a commit can create it
	OnCall bool      `json:"on_call,omitempty"`
	Breaks []Window  `json:"breaks,omitempty"` // of that tour
	Index  int       `json:"index"`            // position among the stops of the tour
	Onward Leg       `json:"onward,omitzero"`  // to the stop after it, zero if it is the tour's last
	Beyond []Reason  `json:"beyond,omitempty"` // limits that only the ticket's step of escalation sets aside
}

// Leg is the way to a stop from the one before it.
type Leg struct {
	Visit  VisitID   `json:"visit,omitempty"` // of the stop that it leads to, empty if it has none yet
	Start  time.Time `json:"start"`           // of that stop
	Depart time.Time `json:"depart"`          // latest leaving time
	Travel Minutes   `json:"travel"`
	Km     float64   `json:"km"`
}

// Term is one part of a cost: weight times quantity.
type Term struct {
	Name    string  `json:"name"`
	Minutes float64 `json:"minutes"`       // expected minutes lost; negative is a gain
	Why     string  `json:"why,omitempty"` // one sentence with the quantity
}

// Exclusion is an expert who can't take a visit, with every reason that holds.
type Exclusion struct {
	Expert  ExpertID `json:"expert"`
	Name    string   `json:"name,omitempty"`
	Reasons []Reason `json:"reasons"`
}

// Match answers who can take a ticket's visit, and why everyone else can't.
type Match struct {
	Ticket     TicketID           `json:"ticket"`
	Rev        int64              `json:"rev"`
	At         time.Time          `json:"at"`
	Policy     int64              `json:"policy"` // revisions
	Skills     int64              `json:"skills"`
	Candidates []Candidate        `json:"candidates"` // by cost
	Excluded   []Exclusion        `json:"excluded"`   // by expert id
	Counts     map[ReasonCode]int `json:"counts"`     // experts that each reason excludes; they overlap
	Clocks     []SLAStanding      `json:"clocks"`     // of the ticket, at that moment

	Relaxations []Relaxation `json:"relaxations,omitzero"` // if they were asked for: the least changes that let somebody take it who can't
}

// Plan is what a batch proposes: each choice, and each visit that nobody can take.
type Plan struct {
	Choices []Choice
	Left    []Leftover
}

// Choice is one visit place for one candidate.
type Choice struct {
	Ticket    TicketID  `json:"ticket"`
	Place     int       `json:"place"`
	Candidate Candidate `json:"candidate"`
	Regret    float64   `json:"regret"` // what the second best would have cost more
	Rank      int       `json:"rank"`   // among this ticket's candidates when chosen, 1 is the best
}

// Leftover is a visit without a candidate. Main is the reason that excludes most of those nearest to fitting; how many
// experts each reason excludes is for a Match to say.
type Leftover struct {
	Ticket TicketID   `json:"ticket"`
	Main   ReasonCode `json:"main"`
}

// Served counts the visits that an expert made to a customer, and to one device among these.
type Served struct {
	Expert ExpertID `json:"expert"`
	Visits int      `json:"visits"`
	Device int      `json:"device"`
}
