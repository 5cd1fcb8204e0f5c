package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Escalate raises the step of a queued ticket for which nobody was found in time: from then on the limits of class policy
// are as wide as the policy's step says. After the last step it stays, is put before a person again if none has it, and is
// looked at again after QueueEvery, for as long as it is queued.
func (d *Dispatch) Escalate(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbEscalate, req, graph.CaseRef{Ticket: req.Ticket}, escalate)
}

func escalate(k *desk) error {
	if err := k.begin(verbEscalate); err != nil {
		return err
	}
	t := &k.ticket
	if t.State != muster.Queued {
		at := noVisit
		if k.visit != nil {
			at = k.visit.State
		}
		return wrongState(verbEscalate, t, at)
	}
	if at := t.Timers[muster.TimerQueue]; k.now.Before(at) {
		return tooEarly(t.Ref()+" stays in step "+fmt.Sprint(t.Step), at)
	}
	if t.Step > 0 {
		k.raiseFor("", muster.ExceptionEscalated, "find somebody, or tell the customer when somebody comes",
			fmt.Sprintf("nobody was found in step %d, since %s", t.Step, k.stepSince().UTC().Format(time.RFC3339)))
	}
	if t.Step < len(k.on.policy.Escalation) {
		t.Step, t.StepSince = t.Step+1, k.now
	}
	k.event = verbEscalate.rule().event
	return nil
}

// stepSince is since when the ticket has waited in its step. A ticket from before there were steps has waited since it was
// queued.
func (k *desk) stepSince() time.Time {
	if k.ticket.StepSince.IsZero() {
		return k.ticket.QueuedAt
	}
	return k.ticket.StepSince
}

// escalateAt is when a queued ticket's next step begins. It rests on when the step before began, and on the first deadline
// missed since: no other change of the ticket moves it. What is due already stays due.
func (k *desk) escalateAt() time.Time {
	t, steps, since := &k.ticket, k.on.policy.Escalation, k.stepSince()
	if t.Step < len(steps) {
		at := since.Add(steps[t.Step].After.Duration())
		for _, missed := range k.missedAt() {
			if missed.After(since) && missed.Before(at) {
				at = missed
			}
		}
		return at
	}
	if due, has := k.loaded.Ticket.Timers[muster.TimerQueue]; has && !k.now.Before(due) && k.event != verbEscalate.rule().event {
		return due
	}
	every := k.on.policy.QueueEvery.Duration()
	return since.Add((k.now.Sub(since)/every + 1) * every)
}

// missedAt lists the ends of clocks and promises that have passed and count still.
func (k *desk) missedAt() []time.Time {
	var all []time.Time
	for _, name := range muster.SLANames() {
		if c := k.ticket.Clock(name); c != nil && !c.BreachedAt.IsZero() && c.EndedAt.IsZero() {
			all = append(all, c.BreachedAt)
		}
	}
	if p := k.ticket.Promised; p != nil && !p.BrokenAt.IsZero() {
		all = append(all, p.BrokenAt)
	}
	return all
}

// keepStep begins a new wait for an expert at no step. A visit that came to nothing goes on with the wait that there was, as
// does a change of a ticket that waits already.
func (k *desk) keepStep(to muster.TicketState, withdrawn bool) {
	t := &k.ticket
	switch {
	case to == muster.Scheduled:
	case to != muster.Queued:
		t.Step, t.StepSince = 0, time.Time{}
		k.settle(muster.ExceptionEscalated)
	case !withdrawn && t.State != muster.Queued:
		t.Step, t.StepSince = 0, k.now
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
	k.ticket.StepSince = k.stepSince().Add(k.now.Sub(from))
}
