package dispatch

import (
	"maps"
	"time"

	"github.com/sysopssquad/muster"
)

// timers gives the ticket's timers: the moments at which somebody must look at it next.
func (k *desk) timers() muster.Timers {
	all := k.stateTimers()
	if at, taken := k.firstKept(); taken {
		if all == nil {
			all = muster.Timers{}
		}
		all[muster.TimerException] = at
	}
	if k.ticket.State.Terminal() {
		return all // nobody looks at it again, unless somebody has a call task of it
	}
	maps.Copy(all, k.leaveTimers())
	if at := k.endingAt(); at.After(k.now) {
		all[muster.TimerEnding] = at
	}
	if at := k.overrunAt(); !at.IsZero() {
		if !at.After(k.now) {
			at = k.now.Add(k.on.policy.Filled().SLA.OverrunBy.Duration())
		}
		all[muster.TimerOverrun] = at
	}
	if at := k.nextDeadline(); !at.IsZero() {
		all[muster.TimerSLA] = at
	}
	return all
}

// knownAt is when we heard that the last visit had ended: the customer has their time to say no from then.
func (k *desk) knownAt() time.Time {
	all := k.visits()
	if len(all) == 0 {
		return time.Time{}
	}
	return all[len(all)-1].KnownAt()
}

// stateTimers gives those that an open ticket has in its state.
func (k *desk) stateTimers() muster.Timers {
	name, open := timerOf[k.ticket.State]
	if !open {
		return nil
	}
	p := &k.on.policy
	var at time.Time
	switch name {
	case muster.TimerTriage, muster.TimerQueue:
		at = k.escalateAt()
	case muster.TimerWake:
		at = k.ticket.Wait.Until
	case muster.TimerResolve:
		at = later(k.ticket.CompletedAt, k.knownAt()).Add(p.ResolveAfter.Duration())
	default:
		if d := k.ticket.Visit.Deadline; !d.IsZero() {
			all := muster.Timers{muster.TimerOffer: d}
			if at := k.escalateOfferedAt(); !at.IsZero() {
				all[muster.TimerQueue] = at
			}
			return all
		}
		at = k.visit.End
		if !at.After(k.now) {
			at = k.now.Add(p.QueueEvery.Duration())
		}
	}
	return muster.Timers{name: at}
}
