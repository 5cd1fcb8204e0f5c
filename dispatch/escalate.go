package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Escalate begins the next step of a ticket for which nobody was found in time: from then on the limits of class policy are
// as wide as the policy's step says. An urgent one may be offered meanwhile, to people who can't answer before their shift:
// then others are asked too. After the last step it stays, is put before a person again if none has it, and is looked at
// again after QueueEvery, for as long as nobody has it. One in triage waits for a person: it has no steps, and is put before one
// every TriageEvery.
func (d *Dispatch) Escalate(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbEscalate, req, graph.CaseRef{Ticket: req.Ticket}, escalate)
}

func escalate(k *desk) error {
	if err := k.begin(verbEscalate); err != nil {
		return err
	}
	t := &k.ticket
	name, _ := k.looks()
	at, climbs := t.Timers[name]
	if !climbs {
		at := noVisit
		if k.visit != nil {
			at = k.visit.State
		}
		return wrongState(verbEscalate, t, at)
	}
	if k.now.Before(at) {
		return tooEarly(t.Ref()+" stays in step "+fmt.Sprint(t.Step), at)
	}
	k.event = verbEscalate.rule().event
	if t.State == muster.Triage {
		k.askToTriage("nobody has said what it needs, since " + k.stepSince().UTC().Format(time.RFC3339))
		return nil
	}
	k.climb()
	return nil
}

// byItself lists what brings a ticket to triage without a person who has looked at it, with what happened.
var byItself = map[verb]string{
	verbEnd:       "somebody was there, and found it unsafe: nobody goes again before a person has looked at it",
	verbWake:      "what it waited for has not come in time",
	verbPartThere: "the part is there that it waited for",
	verbReopen:    "it was closed, and is not done",
}

// askToTriage puts a ticket in triage before a person.
func (k *desk) askToTriage(why string) {
	k.raiseFor("", muster.ExceptionEscalated, "say what it needs, or close it", why)
}

// climb begins the next step; after the last the ticket stays in it. A step in which nobody took it is told to a person.
func (k *desk) climb() {
	t := &k.ticket
	if t.Step > 0 && (t.State == muster.Queued || k.onOffer()) {
		why := "nobody was found"
		if k.onOffer() {
			why = "nobody has accepted"
		}
		k.raiseFor("", muster.ExceptionEscalated, "find somebody, or tell the customer when somebody comes",
			fmt.Sprintf("%s in step %d, since %s", why, t.Step, k.stepSince().UTC().Format(time.RFC3339)))
	}
	if t.Step < len(k.on.policy.Escalation) {
		t.Step, t.StepSince = t.Step+1, k.now
	}
}

// climbMissed begins a step for a deadline that was missed, if somebody is to come still. One that is missed while nobody is
// looked for counts when the ticket is queued again, and what another system had missed before the ticket came here doesn't: a
// migration would make everybody travel farther. A step that is due by then begins too, whichever is noted first.
func (k *desk) climbMissed() {
	t := &k.ticket
	if t.State != muster.Queued && (k.visit == nil || !k.visit.ArrivedAt.IsZero()) || k.base == 0 && t.Legacy != "" {
		return
	}
	if (t.State == muster.Queued || k.onOffer()) && !k.now.Before(k.escalateAt()) {
		k.climb()
	}
	k.climb()
}

// onOffer tells whether people are asked, and nobody has the visit.
func (k *desk) onOffer() bool { return k.visit != nil && k.visit.State == muster.VisitOffered }

// stepSince is since when the ticket has waited in its step, or in triage. One from before that was kept has waited since it
// was queued, or made.
func (k *desk) stepSince() time.Time {
	t := &k.ticket
	for _, at := range []time.Time{t.StepSince, t.QueuedAt} {
		if !at.IsZero() {
			return at
		}
	}
	return t.CreatedAt
}

// looks names the timer by which a ticket that nobody has is looked at, and how often that is where it has no step to climb.
func (k *desk) looks() (name muster.TimerName, every time.Duration) {
	if k.ticket.State == muster.Triage {
		return muster.TimerTriage, k.on.policy.TriageEvery.Duration()
	}
	return muster.TimerQueue, k.on.policy.QueueEvery.Duration()
}

// escalateAt is when the next step of a ticket that nobody has begins, or it is put before a person again. It rests on when
// the step before began: no change of the ticket moves it but a missed deadline, which begins it at once. What is due already
// stays due.
func (k *desk) escalateAt() time.Time {
	t, steps, since := &k.ticket, k.on.policy.Escalation, k.stepSince()
	name, every := k.looks()
	if name == muster.TimerQueue && t.Step < len(steps) {
		return since.Add(steps[t.Step].After.Duration())
	}
	if due, has := k.loaded.Ticket.Timers[name]; has && !k.now.Before(due) && k.event != verbEscalate.rule().event {
		return due
	}
	return since.Add((k.now.Sub(since)/every + 1) * every)
}

// escalateOfferedAt is when the next step begins of a ticket that is offered, zero if it waits for the answers: from when it
// is urgent it can't wait for somebody's shift to begin.
func (k *desk) escalateOfferedAt() time.Time {
	from, ever := k.ticket.UrgentFrom(k.now)
	if !ever || !k.onOffer() {
		return time.Time{}
	}
	return later(k.escalateAt(), from)
}

// missedCount is how many clocks and promises have passed and count still.
func (k *desk) missedCount() (n int) {
	for _, name := range muster.SLANames() {
		if c := k.ticket.Clock(name); c != nil && !c.BreachedAt.IsZero() && c.EndedAt.IsZero() {
			n++
		}
	}
	if p := k.ticket.Promised; p != nil && !p.BrokenAt.IsZero() {
		n++
	}
	return n
}

// keepStep begins a new wait for an expert at no step, but for those of deadlines that are missed already. A visit that
// came to nothing goes on with the wait that there was, as does a change of a ticket that waits already.
func (k *desk) keepStep(to muster.TicketState, withdrawn bool) {
	t := &k.ticket
	switch {
	case to == muster.Scheduled:
	case to == muster.Triage && t.State == muster.Triage:
	case to != muster.Queued:
		t.Step, t.StepSince = 0, time.Time{}
		if to == muster.Triage {
			t.StepSince = k.now
		}
		k.settle(muster.ExceptionEscalated)
	case !withdrawn && t.State != muster.Queued:
		t.Step, t.StepSince = min(k.missedCount(), len(k.on.policy.Escalation)), k.now
		k.settle(muster.ExceptionEscalated)
	}
}

// leaveOut takes the time for which somebody had a visit out of what the ticket has waited in its step.
func (k *desk) leaveOut(v muster.VisitID) {
	from := k.now
	for _, a := range k.loaded.Assignments {
		if a.Visit == v && a.At.Before(from) {
			from = a.At
		}
	}
	since := k.stepSince()
	k.ticket.StepSince = since.Add(k.now.Sub(later(from, since)))
}
