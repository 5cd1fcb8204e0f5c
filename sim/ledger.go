package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// ledger is what people were told: which tickets were accepted, what became of commands, who was sent where. It
// knows nothing of the store, and no rule of dispatch or matcher.
type ledger struct {
	calls    map[int]*call
	tickets  map[muster.TicketID]*told
	visits   map[muster.VisitID]*attended
	given    map[string]*gift // assignments that people heard of, by id
	skills   map[muster.ExpertID][]skillset
	leaves   map[muster.ExpertID][]leaveTold
	left     map[muster.ExpertID]time.Time // who works here no longer, by what they were told
	done     map[muster.CommandID]bool     // commands of which people were told that they are done
	merged   map[muster.TicketID]muster.TicketID
	accepted int
	sent     int // commands without an answer yet
	breaches []Breach
	more     int // breaches that weren't kept
}

// call is a customer's call.
type call struct {
	at     time.Time
	away   bool // refused
	ticket muster.TicketID
	number int64
}

// told is what people know of a ticket.
type told struct {
	call  int
	rev   int64 // the highest that an answer told of
	state muster.TicketState
	tried map[string]bool // verbs that people used, whatever became of them
}

// attended is a visit at which somebody stood at the door.
type attended struct {
	ticket  muster.TicketID
	experts []muster.ExpertID
	crew    int
}

// gift is an assignment as people heard of it.
type gift struct {
	ticket muster.TicketID
	visit  muster.VisitID
	expert muster.ExpertID
}

// skillset is what an expert knows: not before it was sent, surely once it was acknowledged.
type skillset struct {
	skills       []muster.Competence
	sent, acked  time.Time
	acknowledged bool
}

// leaveTold is leave that was acknowledged.
type leaveTold struct {
	muster.Window
	acked time.Time
	quits bool // for good
}

// Breach is something that must never be.
type Breach struct {
	Invariant string `json:"invariant"` // I1 to I11 as fsck names them, or lost, doubled, wrong_expert, unexplained, defect
	ID        string `json:"id"`
	Text      string `json:"text"`
}

// breachesKept is how many breaches are kept with their text.
const breachesKept = 50

func newLedger() *ledger {
	return &ledger{
		calls: make(map[int]*call), tickets: make(map[muster.TicketID]*told), visits: make(map[muster.VisitID]*attended),
		done: make(map[muster.CommandID]bool), given: make(map[string]*gift), skills: make(map[muster.ExpertID][]skillset), leaves: make(map[muster.ExpertID][]leaveTold),
		left: make(map[muster.ExpertID]time.Time), merged: make(map[muster.TicketID]muster.TicketID),
	}
}

func (l *ledger) breach(invariant, id, format string, args ...any) {
	if len(l.breaches) >= breachesKept {
		l.more++
		return
	}
	l.breaches = append(l.breaches, Breach{invariant, id, fmt.Sprintf(format, args...)})
}

// called notes that a customer asks for a repair, turnedAway that they were refused.
func (l *ledger) called(n int, at time.Time) { l.calls[n] = &call{at: at} }
func (l *ledger) turnedAway(n int)           { l.calls[n].away = true }

// acknowledged notes that a customer was told the number of their ticket.
func (l *ledger) acknowledged(n int, a dispatch.Answer) {
	c := l.calls[n]
	if c.ticket != "" {
		l.breach("doubled", string(a.Ticket.ID), "call %d was acknowledged twice, first as %s", n, c.ticket)
		return
	}
	c.ticket, c.number = a.Ticket.ID, a.Ticket.Number
	l.accepted++
	k := l.ticket(a.Ticket.ID)
	k.call = n
	l.learned(k, &a.Ticket)
}

func (l *ledger) ticket(id muster.TicketID) *told {
	k := l.tickets[id]
	if k == nil {
		k = &told{call: -1, tried: make(map[string]bool, 4)}
		l.tickets[id] = k
	}
	return k
}

func (l *ledger) learned(k *told, t *muster.Ticket) {
	if t.Rev > k.rev {
		k.rev, k.state = t.Rev, t.State
	}
}

// tried notes that somebody sends a command about a ticket.
func (l *ledger) tried(t muster.TicketID, verb string) { l.ticket(t).tried[verb] = true }

// told notes the answer to a command on a ticket.
func (l *ledger) told(verb string, a dispatch.Answer) {
	l.learned(l.ticket(a.Ticket.ID), &a.Ticket)
	if verb != "arrive" || a.Visit == nil || a.Visit.ArrivedAt.IsZero() { // kept of somebody who isn't to be there: a person decides
		return
	}
	v := l.visits[a.Visit.ID]
	if v == nil {
		v = &attended{ticket: a.Ticket.ID, crew: a.Visit.Crew}
		l.visits[a.Visit.ID] = v
	}
	if a.Ticket.Visit == nil {
		return
	}
	for _, e := range a.Ticket.Visit.Experts {
		if !slices.Contains(v.experts, e) {
			v.experts = append(v.experts, e)
		}
	}
	if len(v.experts) > v.crew {
		l.breach("doubled", string(a.Visit.ID), "at the door of %s stood %v, a crew of %d", a.Ticket.ID, v.experts, v.crew)
	}
}

// hired notes an expert's first skills; changing that somebody sends others, changed that they were told it was done.
func (l *ledger) hired(e muster.ExpertID, skills []muster.Competence, at time.Time) {
	l.skills[e] = []skillset{{skills: skills, sent: at, acked: at, acknowledged: true}}
}

func (l *ledger) changing(e muster.ExpertID, to []muster.Competence, at time.Time) int {
	l.skills[e] = append(l.skills[e], skillset{skills: to, sent: at})
	return len(l.skills[e]) - 1
}

func (l *ledger) changed(e muster.ExpertID, n int, at time.Time) {
	l.skills[e][n].acked, l.skills[e][n].acknowledged = at, true
}

// notChanged takes back what was refused.
func (l *ledger) notChanged(e muster.ExpertID, n int) {
	l.skills[e][n].skills = nil
	l.skills[e][n].sent = time.Time{}
}

// absent notes that leave was acknowledged.
func (l *ledger) absent(e muster.ExpertID, w muster.Window, at time.Time) {
	l.leaves[e] = append(l.leaves[e], leaveTold{Window: w, acked: at})
}

// quits notes that somebody was told from when on they work here no longer: another moment than was said before, perhaps.
func (l *ledger) quits(e muster.ExpertID, w muster.Window, at time.Time) {
	l.leaves[e] = slices.DeleteFunc(l.leaves[e], func(t leaveTold) bool { return t.quits })
	l.leaves[e] = append(l.leaves[e], leaveTold{Window: w, acked: at, quits: true})
	l.left[e] = w.Start
}

// sentTo notes that people hear of an assignment, and judges whether it is for the right one: by what this expert was
// acknowledged to know when it was decided, and by leave that had been acknowledged.
func (l *ledger) sentTo(n *news, a *newsPart) {
	if l.given[a.ID] != nil {
		return
	}
	l.given[a.ID] = &gift{ticket: n.Root.ID, visit: a.Visit, expert: a.Expert}
	set := a.overrides()
	for _, need := range n.Root.Needs {
		if !l.mayKnow(a, need, slices.Contains(set, muster.LevelLow)) {
			l.breach("wrong_expert", string(n.Root.ID), "%s was given to %s, who doesn't have %s at level %d (overrides %v)",
				a.ID, a.Expert, need.Skill, need.Level, set)
		}
	}
	for _, w := range l.leaves[a.Expert] {
		if a.At.After(w.acked) && w.Overlaps(muster.Window{Start: a.Start, End: a.End}) {
			l.breach("wrong_expert", string(n.Root.ID), "%s was given to %s from %s, who is on leave from %s to %s",
				a.ID, a.Expert, a.Start.Format(time.RFC3339), w.Start.Format(time.RFC3339), w.End.Format(time.RFC3339))
		}
	}
}

// mayKnow tells whether an expert had a skill by any of the skillsets that may have been in force.
func (l *ledger) mayKnow(a *newsPart, need muster.Need, lowered bool) bool {
	level := need.Level
	if lowered {
		level--
	}
	sets := l.skills[a.Expert]
	for i, s := range sets {
		over := i+1 < len(sets) && slices.ContainsFunc(sets[i+1:], func(n skillset) bool { return n.acknowledged && n.acked.Before(a.At) })
		if s.sent.After(a.At) || over {
			continue
		}
		for _, c := range s.skills {
			if c.Level < level || !c.Expires.IsZero() && c.Expires.Before(a.Start) {
				continue
			}
			for skill := c.Skill; skill != ""; skill = parent(skill) {
				if skill == need.Skill {
					return true
				}
			}
		}
	}
	return false
}
