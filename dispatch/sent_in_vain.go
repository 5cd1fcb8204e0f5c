package dispatch

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// sentInVain is the event of a step that an expert took for a visit before it was withdrawn from them.
const sentInVain = "ticket.sent_in_vain"

// reached is the state of a visit that a step tells of.
var reached = map[verb]muster.VisitState{
	verbDepart: muster.VisitEnRoute, verbArrive: muster.VisitArrived, verbStart: muster.VisitInProgress, verbEnd: muster.VisitEnded,
}

// inVain finds the assignment under which an expert took a step for a visit that was withdrawn from them only afterwards,
// nil if there is none: their phone could neither tell of the step nor hear that they needn't go.
func (k *desk) inVain(visit muster.VisitID, e muster.ExpertID) *muster.Assignment {
	if e == "" || k.happened.IsZero() || k.ticket.State.Terminal() ||
		k.visit != nil && k.visit.ID == visit && slices.Contains(k.given(), e) {
		return nil
	}
	for i := len(k.loaded.Assignments) - 1; i >= 0; i-- {
		if a := &k.loaded.Assignments[i]; a.Visit == visit && a.Expert == e {
			if a.State == muster.AssignmentWithdrawn && k.happened.Before(a.EndedAt) {
				return a
			}
			return nil
		}
	}
	return nil
}

// sentInVain keeps such a step with both its times and puts it before a person, in the expert's words. What was decided
// meanwhile stands.
func (k *desk) sentInVain(v verb, had *muster.Assignment, what string) error {
	if err := authorize(v, k.cmd.Actor, k.ticket.Customer, had.Expert); err != nil {
		return err
	}
	visit := k.visit
	if visit == nil || visit.ID != had.Visit {
		i := slices.IndexFunc(k.loaded.Visits, func(o muster.Visit) bool { return o.ID == had.Visit })
		if i < 0 {
			return k.current(had.Visit, v)
		}
		gone := k.loaded.Visits[i]
		visit = &gone
	}
	visit.Reports = append(slices.Clone(visit.Reports), muster.Report{State: reached[v], Happened: k.happened, Received: k.now})
	k.touch(visit)
	about, next := aboutInVain, "call the expert: they went to a visit that was taken from them"
	if others := k.given(); len(others) > 0 && !slices.Contains(others, had.Expert) {
		about, next = aboutTwoSent, "two experts were sent: decide who stays, and tell the other"
	}
	k.call(muster.Errand{About: about, Next: next, Visit: had.Visit, Expert: had.Expert, Note: fmt.Sprintf("%s reports %q of %s; the visit was withdrawn at %s: %s",
		k.cmd.Actor.Name, what, k.happened.Format(time.RFC3339), had.EndedAt.Format(time.RFC3339), had.Reason)})
	k.event = sentInVain
	return nil
}
