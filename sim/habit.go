package sim

import (
	"encoding/json"
	"time"

	"github.com/sysopssquad/muster"
)

// A habit is one way in which people behave. It plans what they do by themselves, and what they do about what they
// are told.
type habit struct {
	begin func(l *life)          // plans their first deeds
	hear  func(l *life, n *news) // is told of every change of a ticket, at least once; nil: is not interested
}

// habits is the table of those that there are.
func habits(l *life) []habit {
	all := []habit{
		(&callers{}).habit(),
		newPhones().habit(),
		(&desk{}).habit(),
		(&board{}).habit(),
		(&worklist{}).habit(),
		(&supplies{}).habit(),
		(&choices{}).habit(),
		(&twins{}).habit(),
		(&absences{}).habit(),
		(&revocations{}).habit(),
		(&departures{}).habit(),
		(&reach{}).habit(),
		(&clocks{}).habit(),
	}
	if l.letters != nil {
		all = append(all, habit{begin: func(*life) {}, hear: l.letters.hear})
	}
	return all
}

// news is a change of a ticket as it reaches people.
type news struct {
	Name  string
	At    time.Time
	By    muster.Actor
	Root  newsTicket `json:"root"`
	Parts []newsPart `json:"parts"`
}

// newsTicket is what people care for of a ticket.
type newsTicket struct {
	ID       muster.TicketID    `json:"id"`
	Rev      int64              `json:"rev"`
	Customer muster.CustomerID  `json:"customer"`
	Title    string             `json:"title"`
	Mode     muster.Mode        `json:"mode"`
	Crew     int                `json:"crew"`
	State    muster.TicketState `json:"state"`
	Wait     muster.Wait        `json:"wait"`
	Visit    *muster.OpenVisit  `json:"visit"`
	Duration muster.Minutes     `json:"duration_min"`
	Needs    []muster.Need      `json:"needs"`
	City     string             `json:"city"`
	Zone     string             `json:"zone"`
	Outcome  string             `json:"outcome"`

	CompletedAt time.Time          `json:"completed_at"`
	Parts       []muster.PartNeed  `json:"parts"`
	Exceptions  []muster.Exception `json:"exceptions"`
}

// newsPart is what they care for of a part, whichever kind it is of.
type newsPart struct {
	ID       string          `json:"id"`
	Expert   muster.ExpertID `json:"expert"`
	State    string          `json:"state"`
	Visit    muster.VisitID  `json:"visit"`
	Deadline time.Time       `json:"deadline"`
	At       time.Time       `json:"at"`
	Start    time.Time       `json:"start"`
	End      time.Time       `json:"end"`
	Decided  muster.Decided  `json:"decided"`
	Travel   muster.Minutes  `json:"travel"`
}

// overrides are the constraints that somebody set aside for an assignment.
func (p *newsPart) overrides() []muster.ReasonCode {
	var out []muster.ReasonCode
	for _, o := range p.Decided.Overrides {
		out = append(out, o.Code)
	}
	return out
}

// tell hands an event to everybody whom it concerns.
func (l *life) tell(e *muster.Event) {
	if e.Name == "duty.set_aside" { // no fault makes an event one that can't be handled
		l.ledger.breach("defect", e.Aggregate, "a consumer broke: %s", e.Body)
	}
	if muster.KindOf(e.Aggregate) != muster.KindTicket {
		return
	}
	n := &news{Name: e.Name, At: e.At, By: e.Actor}
	if err := json.Unmarshal(e.Body, n); err != nil {
		l.ledger.breach("defect", e.Aggregate, "event %d can't be read: %v", e.Rev, err)
		return
	}
	for i := range n.Parts {
		if a := &n.Parts[i]; muster.KindOf(a.ID) == muster.KindAssignment && a.State == string(muster.AssignmentActive) {
			l.ledger.sentTo(n, a)
		}
	}
	for i := range l.habits {
		if hear := l.habits[i].hear; hear != nil {
			hear(l, n)
		}
	}
}
