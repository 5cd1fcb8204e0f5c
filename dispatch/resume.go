package dispatch

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// resumes are the branches by what an expert reports from whom a visit was taken.
var resumes = map[verb]branch{verbDepart: whoLeft, verbArrive: whoArrived, verbStart: whoStarted}

// twoSent is the event of a visit to which two were sent where one of them can't be taken back.
const twoSent = "ticket.two_sent"

// resume gives the open visit back to an expert who reports a step of it too late, after it was given to another because
// nothing was heard of them: whoever is further has it, the other's assignment is withdrawn. If it doesn't fit into their
// tour any more both keep what they have, and a person decides.
func (k *desk) resume(v verb) error {
	e, had := k.cmd.Actor.Expert, k.taken(k.cmd.Actor.Expert)
	if err := authorize(v, k.cmd.Actor, k.ticket.Customer, e); err != nil {
		return err
	}
	p, err := k.person(e)
	if err != nil {
		return err
	}
	if k.byPerson(had.EndedAt) {
		return k.twoAreSent(v, p, "it was given to another by a person")
	}
	s, err := next(verbResume, resumes[v], &k.ticket, k.visit)
	if err != nil {
		return muster.E(muster.CodeState, fmt.Sprintf("%s was given to another expert at %s, who is %s", k.ticket.Ref(), k.crew[0].At.Format(time.RFC3339), k.visit.State),
			"you are not needed there; the dispatcher can say what is next")
	}
	j := k.had(0)
	j.Since = k.firstPlanned(e, had.Start)
	allowed, wider := k.on.setAside(had.Decided)
	j.Allowed, j.Wider = allowed, j.Wider.And(wider)
	c, reasons := k.on.world(k.now).Check(j, p, had.Start)
	if len(reasons) > 0 {
		return k.twoAreSent(v, p, reasons[0].Text)
	}
	k.reason = p.Expert.Name + " was further: " + string(resumes[v])
	k.seat([]seated{{c, p.Expert, k.decided(c, 0, had.Decided.Overrides)}})
	if v != verbDepart {
		k.visit.DepartedAt = time.Time{} // that was the other's
	}
	k.take(s)
	if v == verbStart && k.visit.ArrivedAt.IsZero() {
		k.visit.ArrivedAt = k.visit.StartedAt // whoever is at work is there
	}
	return nil
}

// twoAreSent leaves both what they have, and puts it before a person.
func (k *desk) twoAreSent(v verb, p matcher.Person, why string) error {
	k.call(muster.Errand{
		About: aboutTwoSent, Next: "two experts were sent: decide who stays, and tell the other",
		Note: fmt.Sprintf("%s reports %q and can't have it again: %s", p.Expert.Name, v, why), Visit: k.visit.ID, Expert: p.Expert.ID,
	})
	k.event = twoSent
	return nil
}

// taken finds the assignment of the open visit that was taken from an expert because nothing was heard of them, nil if
// there is none. What a person took from them is not theirs to take back; but a step that they took before that says
// that two are on their way.
func (k *desk) taken(e muster.ExpertID) *muster.Assignment {
	if e == "" || k.visit == nil || len(k.crew) != 1 || slices.Contains(k.theirs(), e) {
		return nil
	}
	for i := len(k.loaded.Assignments) - 1; i >= 0; i-- {
		a := &k.loaded.Assignments[i]
		if a.Visit == k.visit.ID && a.Expert == e && a.State == muster.AssignmentWithdrawn {
			if !k.byPerson(a.EndedAt) || !k.happened.IsZero() && k.happened.Before(a.EndedAt) {
				return a
			}
			return nil
		}
	}
	return nil
}

// byPerson tells whether a person has chosen who comes, at an instant or later. Whoever was further than the other has
// the visit without anybody's choice.
func (k *desk) byPerson(from time.Time) bool {
	return slices.ContainsFunc(k.loaded.Assignments, func(a muster.Assignment) bool {
		by := a.Decided.By
		further := by.Role == muster.RoleExpert && by.Expert == a.Expert && a.Offer == ""
		return a.Visit == k.visit.ID && !a.At.Before(from) && by.Role != muster.RoleSystem && !further
	})
}
