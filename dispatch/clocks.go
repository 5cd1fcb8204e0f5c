package dispatch

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/sla"
)

// startClocks begins the ticket's clocks, by the policy for its priority and the customer's plan.
func (k *desk) startClocks(from time.Time) {
	k.ticket.Clocks = nil
	for _, name := range muster.SLANames() {
		k.startClock(name, from)
	}
	k.deferToWindows()
}

// startClock begins one; those of its name before it are history. A target of 0 is no clock.
func (k *desk) startClock(name muster.SLAName, from time.Time) {
	t := &k.ticket
	target := k.target(name)
	if target == 0 {
		return
	}
	calendar := k.on.policy.SLA.CalendarOf(k.loaded.Customer.Plan.Name, t.Priority)
	t.Clocks = append(slices.Clone(t.Clocks), sla.Start(name, target, calendar, k.hours(calendar), from))
	k.showDue()
}

// target is the policy's for the ticket's priority; for the response of one that was reopened under warranty it has one of
// its own, where that is shorter.
func (k *desk) target(name muster.SLAName) muster.Minutes {
	p := &k.on.policy
	usual := p.Target(name, k.ticket.Priority)
	if own := p.ReopenDue[k.ticket.Priority]; name == muster.SLAResponse && k.ticket.Warranty && own > 0 {
		return min(own, usual)
	}
	return usual
}

func (k *desk) hours(calendar string) *sla.Calendar {
	return k.on.hours.calendar(calendar, k.ticket.Zone)
}

// showDue keeps the date that lists are sorted by and costs count from: when the response is due. A ticket from before
// there were clocks keeps what it has.
func (k *desk) showDue() {
	if c := k.ticket.Clock(muster.SLAResponse); c != nil {
		k.ticket.DueAt = c.Due
	}
}

// deferToWindows puts the response off where the customer chose windows that all open after it is due: to the end of
// the first. The resolution keeps its distance, from the window that puts it off by itself too. What was due at first
// stays on the clocks.
func (k *desk) deferToWindows() {
	if k.ticket.Clock(muster.SLAResponse) == nil {
		return
	}
	k.ticket.Clocks = slices.Clone(k.ticket.Clocks)
	c, r := k.ticket.Clock(muster.SLAResponse), k.ticket.Clock(muster.SLAResolution)
	if c.EndedAt.IsZero() {
		sla.Choose(c, k.firstWish(c.StartedAt), 0, k.hours(c.Calendar), k.now)
	}
	if r != nil && r.EndedAt.IsZero() {
		by := c.Deferred.Window
		if !c.EndedAt.IsZero() {
			by = r.Deferred.Window
		}
		if by.IsZero() {
			sla.Undefer(r)
		} else {
			sla.Defer(r, by, r.Target-c.Target, k.hours(r.Calendar), k.now)
		}
	}
	k.showDue()
}

// deferToChoice lets windows count that the customer has just chosen. Once somebody has come they are about the work that is
// left: the resolution is put off by itself where all of them open after it is due.
func (k *desk) deferToChoice() {
	k.deferToWindows()
	c, r := k.ticket.Clock(muster.SLAResponse), k.ticket.Clock(muster.SLAResolution)
	if c != nil && !c.EndedAt.IsZero() && r != nil && r.EndedAt.IsZero() {
		sla.Choose(r, k.firstWish(k.now), r.Target-c.Target, k.hours(r.Calendar), k.now)
	}
}

// firstWish is the first of the windows that the customer chose, but for those that were over at an instant; zero if there
// is none.
func (k *desk) firstWish(over time.Time) (first muster.Window) {
	for _, w := range k.ticket.Windows {
		kept := k.ticket.Kept != nil && w == *k.ticket.Kept
		if !kept && w.End.After(over) && (first.IsZero() || w.Start.Before(first.Start)) {
			first = w
		}
	}
	return first
}

// retarget gives the ticket another priority, and its clocks that one's targets, with what has been used so far.
func (k *desk) retarget(to muster.Priority) {
	t := &k.ticket
	if t.Clock(muster.SLAResponse) == nil { // from before there were clocks
		due := k.on.policy.Due
		from := t.CreatedAt
		if since := t.DueAt.Add(-due[t.Priority].Duration()); t.Legacy != "" && since.After(from) {
			from = since // an imported ticket counts from a later moment than it was reported
		}
		t.DueAt, t.Priority = from.Add(due[to].Duration()), to
		return
	}
	k.tick() // what is over by now was missed, whether or not its timer has rung
	t.Priority = to
	t.Clocks = slices.Clone(t.Clocks)
	calendar := k.on.policy.SLA.CalendarOf(k.loaded.Customer.Plan.Name, to)
	for _, name := range muster.SLANames() {
		target := k.target(name)
		switch c := t.Clock(name); {
		case c == nil && target == 0:
		case c == nil:
			response := t.Clock(muster.SLAResponse)
			made := sla.Beside(response, name, target, calendar, k.hours(calendar))
			if w := response.Deferred.Window; name == muster.SLAResolution && !w.IsZero() {
				sla.Defer(&made, w, target-response.Target, k.hours(calendar), k.now)
			}
			t.Clocks = append(t.Clocks, made)
		case !c.EndedAt.IsZero() && name != muster.SLAAcceptance: // it doesn't go on
		case target == 0: // nothing is promised any more
			since := c.StartedAt
			t.Clocks = slices.DeleteFunc(t.Clocks, func(o muster.SLAClock) bool { return o.Name == name && o.StartedAt.Equal(since) })
		default:
			sla.Retarget(c, target, calendar, k.hours(calendar))
		}
	}
	k.deferToWindows()
	k.showDue()
}

// tick moves the clocks to where the ticket's state has them by now: ended, standing or running. This is the one place
// that does; it may be called twice.
func (k *desk) tick() {
	t := &k.ticket
	if len(t.Clocks) == 0 {
		return
	}
	t.Clocks = slices.Clone(t.Clocks)
	reopened := false
	for _, name := range muster.SLANames() {
		if t.Clock(name) == nil {
			continue
		}
		if k.anew(name) {
			k.startClock(name, k.now)
			reopened = reopened || name == muster.SLAResponse
		}
		at, met := k.met(name)
		c := t.Clock(name)
		on, missed := k.hours(c.Calendar), false
		switch {
		case met:
			missed = sla.End(c, at)
		case !c.EndedAt.IsZero() && !k.unassigned(name):
			// it waits, or somebody is there: what was kept stays kept
		case k.on.policy.SLA.Stands(name, t):
			missed = sla.Pause(c, k.standsFrom(c))
		default:
			sla.Run(c, on, k.now)
			missed = k.judges() && sla.Miss(c, k.now)
		}
		if missed {
			k.missed(c)
		}
	}
	if reopened {
		k.deferToWindows() // those that the customer chose before, and are ahead still
	}
	k.showDue()
}

// standsFrom is since when a clock stands that runs until now: since the visit ended that this decision ended, whenever we
// heard of that.
func (k *desk) standsFrom(c *muster.SLAClock) time.Time {
	if k.ended == nil {
		return k.now
	}
	since := c.StartedAt
	if n := len(c.Pauses); n > 0 {
		since = c.Pauses[n-1].End
	}
	return later(k.ended.EndedAt, since)
}

// judges tells whether it can be said that a deadline is missed. While somebody is asked or has the visit only the timer says so:
// what they did in time may not have reached us yet.
func (k *desk) judges() bool { return k.visit == nil || k.judged }

// met tells whether what a clock promises has come true, and when.
func (k *desk) met(name muster.SLAName) (time.Time, bool) {
	t := &k.ticket
	switch {
	case !t.CompletedAt.IsZero():
		return t.CompletedAt, true
	case t.State.Terminal():
		return k.now, true
	case name == muster.SLAAcceptance:
		return k.now, k.visit != nil && k.visit.State != muster.VisitOffered
	case name == muster.SLAResponse:
		return k.arrivedSince(t.Clock(name).StartedAt)
	default:
		return time.Time{}, false
	}
}

// arrivedSince is the first arrival since an instant, as far as the visits are loaded.
func (k *desk) arrivedSince(from time.Time) (first time.Time, ok bool) {
	visits := []*muster.Visit{k.visit, k.ended}
	for i := range k.loaded.Visits {
		visits = append(visits, &k.loaded.Visits[i])
	}
	for _, v := range visits {
		if v != nil && !v.ArrivedAt.Before(from) && (!ok || v.ArrivedAt.Before(first)) {
			first, ok = v.ArrivedAt, true
		}
	}
	return first, ok
}

// unassigned tells whether a clock is that of acceptance, and somebody is to be found for the ticket (again).
func (k *desk) unassigned(name muster.SLAName) bool {
	if name != muster.SLAAcceptance {
		return false
	}
	s := k.ticket.State
	return s == muster.Queued || s == muster.Triage || k.visit != nil && k.visit.State == muster.VisitOffered
}

// anew tells whether an ended clock begins again with all of its time: the ticket is reopened, or it needs somebody for
// another visit. Where a visit only came to nothing the clock goes on with what was left.
func (k *desk) anew(name muster.SLAName) bool {
	if k.ticket.Clock(name).EndedAt.IsZero() || k.ticket.State.Terminal() {
		return false
	}
	if !k.loaded.Ticket.CompletedAt.IsZero() && k.ticket.CompletedAt.IsZero() {
		return true
	}
	last := k.ended
	if n := len(k.loaded.Visits); last == nil && n > 0 {
		last = &k.loaded.Visits[n-1]
	}
	return k.unassigned(name) && k.visit == nil && last != nil && !last.Open() && last.Outcome != muster.Withdrawn
}

// missed hands a deadline that has passed over to people: it is on the list of exceptions until the ticket is closed. Where
// somebody is to come still it begins a step of escalation.
func (k *desk) missed(c *muster.SLAClock) {
	next := map[muster.SLAName]string{
		muster.SLAAcceptance: "find somebody, or tell the customer",
		muster.SLAResponse:   "tell the customer when somebody comes",
		muster.SLAResolution: "tell the customer what is left to do",
	}[c.Name]
	k.raiseFor("", muster.ExceptionLate, next, fmt.Sprintf("the %s was due %s", c.Name, c.Due.UTC().Format(time.RFC3339)))
	k.climbMissed()
}

// nextDeadline is when the next running clock is due, or the promise to the customer ends; zero if nothing is pending.
func (k *desk) nextDeadline() (next time.Time) {
	take := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	for _, name := range muster.SLANames() {
		if c := k.ticket.Clock(name); c != nil && c.Running() && c.BreachedAt.IsZero() {
			take(c.Due)
		}
	}
	if p := k.ticket.Promised; p != nil && !p.Broken() {
		take(p.End)
	}
	return next
}

// settleLate takes the ticket off the list of late ones once nothing that is late is to come any more.
func (k *desk) settleLate() {
	if k.visit != nil && !k.visit.ArrivedAt.IsZero() {
		k.settle(muster.ExceptionPredicted)
	}
	for _, name := range muster.SLANames() {
		if c := k.ticket.Clock(name); c != nil && !c.BreachedAt.IsZero() && c.EndedAt.IsZero() {
			return
		}
	}
	if p := k.ticket.Promised; p == nil || p.BrokenAt.IsZero() {
		k.settle(muster.ExceptionLate)
	}
}

// unaccept takes back that somebody was assigned at an instant: the clock goes on as if nobody had been.
func (k *desk) unaccept(at time.Time) {
	c := k.ticket.Clock(muster.SLAAcceptance)
	if c == nil || !c.EndedAt.Equal(at) {
		return
	}
	k.ticket.Clocks = slices.Clone(k.ticket.Clocks)
	sla.TakeBack(k.ticket.Clock(muster.SLAAcceptance))
}
