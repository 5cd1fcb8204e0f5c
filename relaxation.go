package muster

// Relaxation is a least set of changes, one or two, after which somebody can take a visit who can't now: with less, nobody
// could. Those of class never are not for anybody to make while a ticket waits: they are proposals to whoever keeps the
// company's records.
type Relaxation struct {
	Class   Class       `json:"class"`   // the strictest of its changes
	Ask     string      `json:"ask"`     // who can decide: escalation (the policy), dispatcher, administrator
	Size    float64     `json:"size"`    // how much it troubles people, in minutes; within a class the least comes first
	Changes []Easing    `json:"changes"` // all of them together
	Opens   int         `json:"opens"`   // how many experts could come then
	Experts []Candidate `json:"experts"` // of these the cheapest, with the best start of each after the change
}

// Easing is one change that satisfies a constraint.
type Easing struct {
	Code   ReasonCode `json:"code"` // the constraint
	Class  Class      `json:"class"`
	Expert ExpertID   `json:"expert,omitempty"` // whose; empty: it is about the ticket, whoever comes
	Name   string     `json:"name,omitempty"`
	About  string     `json:"about,omitempty"`  // the skill, part, make, division or visit in question
	Amount int        `json:"amount,omitempty"` // how much, in the unit; none where it is done or not
	Unit   string     `json:"unit,omitempty"`   // level, km, min, visits
	Span   Window     `json:"span,omitzero"`    // the time in question: of a visit that needs it, a hold, leave, or another shift
	Text   string     `json:"text"`             // one sentence for people
}
