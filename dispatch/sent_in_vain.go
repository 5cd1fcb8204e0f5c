package dispatch

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// The events of a step that an expert took for a visit that is theirs no more: another has it, or nobody.
const (
	twoSent    = "ticket.two_sent"
	sentInVain = "ticket.sent_in_vain"
)

// reached is the state of a visit that a step tells of.
var reached = map[verb]muster.VisitState{
	verbDepart: muster.VisitEnRoute, verbArrive: muster.VisitArrived, verbStart: muster.VisitInProgress, verbEnd: muster.VisitEnded,
}

// sentInVain keeps such a step with both its times and puts it before a person, in the expert's words. What was decided
// meanwhile stands.
func (k *desk) sentInVain(v verb, had *muster.Assignment, what string, why *muster.Error) error {
	visit := k.visit
	if visit == nil || visit.ID != had.Visit {
		i := slices.IndexFunc(k.loaded.Visits, func(o muster.Visit) bool { return o.ID == had.Visit })
		if i < 0 {
			return k.current(had.Visit, v)
		}
		gone := k.loaded.Visits[i]
		visit = &gone
	}
	at := k.happened
	if at.IsZero() {
		at = k.now
	}
	report := muster.Report{State: reached[v], Expert: had.Expert, Happened: at, Received: k.now, InVain: true}
	visit.Reports = append(slices.Clone(visit.Reports), report)
	k.touch(visit)
	errand := muster.Errand{
		About: aboutInVain, Visit: had.Visit, Expert: had.Expert,
		Next: "call the expert: they went to a visit that was taken from them",
		Note: fmt.Sprintf("%s reports %q of %s; %s", k.cmd.Actor.Name, what, at.Format(time.RFC3339), k.withdrawn(had)),
	}
	k.event = sentInVain
	if k.others(had.Expert) != "" {
		k.event, errand.About, errand.Next = twoSent, aboutTwoSent, "two experts were sent: decide who stays, and tell the other"
		if k.visit.State == muster.VisitInProgress && (v == verbStart || v == verbEnd) {
			errand.Next = "two experts are at work at one visit: decide who stays, and tell the other"
		}
	}
	if why.Code == muster.CodeUnfit {
		errand.Note += "; " + why.Message + ": " + why.Hint
	}
	k.call(errand)
	return nil
}
