package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// GiveBackExceptions returns to the list what was taken and not looked after. The system does it when the time has come.
func (d *Dispatch) GiveBackExceptions(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbGiveBack, req, graph.CaseRef{Ticket: req.Ticket}, giveBackExceptions)
}

func giveBackExceptions(k *desk) error {
	if err := k.begin(verbGiveBack); err != nil {
		return err
	}
	at, taken := k.firstKept()
	if !taken || k.now.Before(at) {
		return tooEarly("nothing of "+k.ticket.Ref()+" returns", at)
	}
	k.ticket.Exceptions = slices.Clone(k.ticket.Exceptions)
	for i := range k.ticket.Exceptions {
		if e := &k.ticket.Exceptions[i]; e.Owner != "" && !k.now.Before(k.keptUntil(e)) {
			e.Owner, e.TakenAt = "", time.Time{}
		}
	}
	k.event = verbGiveBack.rule().event
	return nil
}

// keptUntil is when an exception that was taken returns to the list if its owner does nothing: the policy's minutes after
// they took it, but an hour (the policy's look at the queue) after a contact of theirs, for people call back. What others log
// meanwhile doesn't keep it with somebody who does nothing.
func (k *desk) keptUntil(e *muster.Exception) time.Time {
	p := &k.on.policy
	at := e.TakenAt.Add(p.ExceptionMinutes.Duration())
	for _, c := range e.Contacts {
		if c.By == e.Owner && !c.At.Before(e.TakenAt) {
			at = later(at, c.At.Add(max(p.ExceptionMinutes, p.QueueEvery).Duration()))
		}
	}
	return at
}

// hand gives an exception to somebody, with all of the policy's minutes unless they have it.
func (k *desk) hand(e *muster.Exception, to muster.UserID) {
	if e.Owner != to || !k.now.Before(k.keptUntil(e)) {
		e.Owner, e.TakenAt = to, k.now
	}
}

// firstKept is when the first of the exceptions that are taken returns.
func (k *desk) firstKept() (at time.Time, taken bool) {
	for i := range k.ticket.Exceptions {
		e := &k.ticket.Exceptions[i]
		if e.Owner == "" {
			continue
		}
		if until := k.keptUntil(e); !taken || until.Before(at) {
			at, taken = until, true
		}
	}
	return at, taken
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
