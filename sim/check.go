package sim

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// check compares the ledger with what the store holds at the end, and lets fsck look at all of it.
func (l *life) check() (Report, error) {
	r := Report{
		Seed: l.o.Seed, Days: l.o.Days, Experts: l.o.Experts, Tickets: l.ledger.accepted,
		ByState: make(map[string]int), Waits: make(map[string]int), Interventions: l.deeds, Lateness: l.late.sum(),
		Calls: l.faults.calls, Faulted: l.faults.struck, Faults: maps.Clone(l.faults.count),
		Simulated: l.clock.Now().Sub(begin).String(),
	}
	for _, k := range l.o.Faults {
		r.Faults[k] += 0
	}
	c := &checker{life: l, report: &r, marks: make(map[int]muster.TicketID)}
	if err := c.tickets(); err != nil {
		return r, err
	}
	l.left()
	if err := c.failing(); err != nil {
		return r, err
	}
	c.absent()
	if err := c.gone(); err != nil {
		return r, err
	}
	if err := c.traces(); err != nil {
		return r, err
	}
	if n := l.ledger.sent; n > 0 {
		l.ledger.breach("unexplained", "", "%d commands have no answer yet, %s after the last fault", n, quiet)
	}
	fsck, err := dispatch.New(l.store, l.clock).Fsck(l.ctx, l.store)
	if err != nil {
		return r, err
	}
	r.Checked, r.Inspected = fsck.Checked, l.inspected
	for _, b := range fsck.Breaches {
		l.ledger.breach(b.Invariant, b.ID, "%s", b.Text)
	}
	for _, b := range l.ledger.breaches {
		switch b.Invariant {
		case "lost":
			r.Lost++
		case "doubled":
			r.Doubled++
		case "wrong_expert":
			r.WrongExpert++
		}
	}
	r.Breaches, r.More = l.ledger.breaches, l.ledger.more
	if r.Breaches == nil {
		r.Breaches = []Breach{}
	}
	return r, nil
}

// checker goes through the store once.
type checker struct {
	life   *life
	report *Report
	marks  map[int]muster.TicketID // tickets in the store by the call that their title names
	ids    map[muster.TicketID]bool
}

var mark = regexp.MustCompile(`^#(\d+) `)

func (c *checker) tickets() error {
	c.ids = make(map[muster.TicketID]bool, len(c.life.ledger.tickets))
	for after := ""; ; {
		page, err := c.life.store.TicketCases(c.life.ctx, after, 500)
		if err != nil || len(page) == 0 {
			return err
		}
		after = string(page[len(page)-1].Ticket.ID)
		ids := make([]string, 0, len(page))
		for i := range page {
			if !page[i].Ticket.State.Terminal() {
				ids = append(ids, string(page[i].Ticket.ID))
			}
		}
		wakes, err := c.life.store.Wakes(c.life.ctx, ids...)
		if err != nil {
			return err
		}
		for i := range page {
			c.ticket(&page[i], wakes)
			if c.life.letters != nil {
				if err := c.beliefs(&page[i]); err != nil {
					return err
				}
			}
		}
	}
}

// ticket compares one with what people were told of it.
func (c *checker) ticket(k *graph.TicketCase, wakes map[string]graph.Wake) {
	t, led := &k.Ticket, c.life.ledger
	id := string(t.ID)
	c.ids[t.ID] = true
	c.report.ByState[t.Shown()]++
	m := mark.FindStringSubmatch(t.Title)
	if m == nil {
		led.breach("doubled", id, "nobody called about %q", t.Title)
		return
	}
	n, _ := strconv.Atoi(m[1])
	if other, twice := c.marks[n]; twice {
		led.breach("doubled", id, "call %d has two tickets, the other is %s", n, other)
	}
	c.marks[n] = t.ID
	call := led.calls[n]
	switch {
	case call == nil:
		led.breach("doubled", id, "nobody made call %d", n)
		return
	case call.ticket != "" && (call.ticket != t.ID || !c.leads(call.number, t)):
		led.breach("lost", string(call.ticket), "call %d was told T-%d, the store has %s, T-%d", n, call.number, id, t.Number)
		return
	}
	known := led.tickets[t.ID]
	if known == nil {
		led.breach("lost", id, "call %d has a ticket of which its customer was never told", n)
		return
	}
	switch {
	case t.Rev < known.rev:
		led.breach("lost", id, "somebody was told of revision %d, the store has %d", known.rev, t.Rev)
	case t.Rev == known.rev && t.State != known.state:
		led.breach("lost", id, "at revision %d somebody was told that it is %s, the store has %s", t.Rev, known.state, t.State)
	}
	if into, merged := led.merged[t.ID]; merged && t.MergedInto != into {
		led.breach("lost", id, "somebody was told that it is a duplicate of %s, the store has %q", into, t.MergedInto)
	}
	if t.State.Terminal() {
		c.closed(t, known)
	} else {
		c.waits(k, wakes[id])
	}
	c.places(k)
}

// closed asks whether anybody closed a ticket that is closed.
func (c *checker) closed(t *muster.Ticket, known *told) {
	switch {
	case t.MergedInto != "" && !(known.tried["merge"] && c.life.ledger.tickets[t.MergedInto] != nil):
		c.life.ledger.breach("lost", string(t.ID), "it is a duplicate of %s, and nobody called it one", t.MergedInto)
	case t.State == muster.Cancelled && t.MergedInto == "" && !known.tried["cancel"]:
		c.life.ledger.breach("lost", string(t.ID), "it is cancelled, and nobody cancelled it")
	case t.State == muster.Resolved && !known.tried["end"] && !known.tried["complete"]:
		c.life.ledger.breach("lost", string(t.ID), "it is resolved, and nobody did the work")
	}
}

// overdue is how long after its moment a timer may still stand at the end: a sweep and a lease, with room.
const overdue = 5 * time.Minute

// rings are the timers at which something is done for sure. The others may mean no more than another look.
var rings = []muster.TimerName{
	muster.TimerOffer, muster.TimerWake, muster.TimerQueue, muster.TimerTriage, muster.TimerEnding, muster.TimerResolve,
	muster.TimerException,
}

// failing asks whether any timer's handler fails still: whatever it failed of is over.
func (c *checker) failing() error {
	wakes, err := c.life.store.Failing(c.life.ctx, 1_000)
	for _, w := range wakes {
		c.life.ledger.breach("unexplained", w.ID, "its timer has failed %d times in a row, to the end: %s", w.Failures, w.Why)
	}
	return err
}

// waits explains why a ticket is still open: its state, the timer that brings it up again, and the reason.
func (c *checker) waits(k *graph.TicketCase, w graph.Wake) {
	t, led, now := &k.Ticket, c.life.ledger, c.life.clock.Now()
	name, at, ok := t.Timers.Next()
	switch {
	case !ok || w.ID == "":
		led.breach("lost", string(t.ID), "it is %s and has no timer", t.State)
		return
	case now.Sub(w.At) > overdue && w.Failures == 0:
		led.breach("unexplained", string(t.ID), "it is %s, and its timer %s of %s has not been looked at since %s",
			t.State, name, at.Format(time.RFC3339), w.At.Format(time.RFC3339))
	}
	for _, name := range rings {
		if at, has := t.Timers[name]; has && now.Sub(at) > overdue {
			led.breach("unexplained", string(t.ID), "it is %s, and nothing has come of its timer %s of %s", t.State, name, at.Format(time.RFC3339))
		}
	}
	why := ""
	switch t.State {
	case muster.Queued:
		why = "the next round"
		if t.NoExpert != nil {
			why = "nobody can: " + string(t.NoExpert.Main)
		} else if back := c.changed(t); now.Sub(back) > 2*c.life.world.policy.RoundEvery.Duration() {
			led.breach("unexplained", string(t.ID), "it has been in the queue since %s and no round says why", back.Format(time.RFC3339))
		}
	case muster.Waiting:
		why = string(t.Wait.For)
	case muster.Scheduled:
		why = string(t.Visit.State)
		if now.Sub(t.Visit.End) > 24*time.Hour {
			why += ", overdue"
		}
	case muster.Completed:
		why = "the customer's yes"
	case muster.Triage:
		why = "a person decides"
	}
	c.report.Waits[fmt.Sprintf("%s, timer %s: %s", t.State, name, why)]++
}

// changed is when a ticket was changed last. QueuedAt would not do: an offer that nobody took leaves it as it is.
func (c *checker) changed(t *muster.Ticket) time.Time {
	events, err := c.life.store.History(c.life.ctx, muster.Scope{Everything: true}, string(t.ID))
	if err != nil || len(events) == 0 {
		return t.QueuedAt
	}
	return events[len(events)-1].At
}

// places asks whether a place of a visit is given to two, and whether people heard of everybody who was sent.
func (c *checker) places(k *graph.TicketCase) {
	type place struct {
		visit muster.VisitID
		n     int
	}
	taken := make(map[place]muster.ExpertID)
	for _, a := range k.Assignments {
		if c.life.ledger.given[string(a.ID)] == nil {
			c.life.ledger.breach("unexplained", string(k.Ticket.ID), "%s gives it to %s, and nobody heard of it", a.ID, a.Expert)
		}
		if a.State == muster.AssignmentWithdrawn {
			continue
		}
		at := place{a.Visit, a.Place}
		if other, twice := taken[at]; twice {
			c.life.ledger.breach("doubled", string(k.Ticket.ID), "place %d of %s is given to %s and %s", a.Place, a.Visit, other, a.Expert)
		}
		taken[at] = a.Expert
	}
}

// absent looks for what people were told and the store doesn't have.
func (c *checker) absent() {
	led := c.life.ledger
	for _, n := range slices.Sorted(maps.Keys(led.calls)) {
		if k := led.calls[n]; k.ticket != "" && !c.ids[k.ticket] {
			led.breach("lost", string(k.ticket), "call %d was told T-%d, and there is no such ticket", n, k.number)
		}
	}
	var gone []string
	for id := range led.given {
		if !c.ids[led.given[id].ticket] {
			gone = append(gone, id)
		}
	}
	slices.Sort(gone)
	for _, id := range gone {
		led.breach("lost", id, "%s was told of it, and there is no such ticket", led.given[id].expert)
	}
}

// stillHere is how long somebody who has left may take to be done with their last visit, and to be taken off.
const stillHere = 12 * time.Hour

// gone asks whether everybody who has left is counted on no more.
func (c *checker) gone() error {
	led := c.life.ledger
	for _, id := range slices.Sorted(maps.Keys(led.left)) {
		if c.life.clock.Now().Sub(led.left[id]) < stillHere {
			continue
		}
		found, err := c.life.store.Records(c.life.ctx, "", string(id))
		if err != nil {
			return err
		}
		if e, ok := found[string(id)].(*muster.Expert); ok && e.Removed {
			continue
		}
		// Who set off and was never heard of again is not taken off before a person has ended that visit.
		if under, err := c.underway(id); err != nil {
			return err
		} else if !under {
			led.breach("wrong_expert", string(id), "they left at %s and still count", led.left[id].Format(time.RFC3339))
		}
	}
	return nil
}

// underway tells whether an expert is on the way to somebody, or there.
func (c *checker) underway(id muster.ExpertID) (bool, error) {
	k, err := c.life.store.ExpertCase(c.life.ctx, "", id, begin)
	if err != nil {
		return false, err
	}
	for _, t := range k.Tours {
		for _, s := range t.Stops {
			if s.EndedAt.IsZero() && !s.LeftAt.IsZero() {
				return true, nil
			}
		}
	}
	return false, nil
}

// traces looks for an event of every command of which somebody was told that it is done. Later changes can hide from a
// ticket that one before them is missing; its history can't. No command may have two on one aggregate.
func (c *checker) traces() error {
	led := c.life.ledger
	missing := maps.Clone(led.done)
	type effect struct {
		command   muster.CommandID
		aggregate string
	}
	seen := make(map[effect]bool)
	for at := int64(0); ; {
		events, err := c.life.store.EventsAfter(c.life.ctx, at, 2_000)
		if err != nil {
			return err
		}
		if len(events) == 0 {
			break
		}
		for _, e := range events {
			delete(missing, e.Command)
			of := effect{e.Command, e.Aggregate}
			if seen[of] {
				led.breach("doubled", e.Aggregate, "command %s has changed it twice", e.Command)
			}
			seen[of] = true
		}
		at = events[len(events)-1].Seq
	}
	for _, id := range slices.Sorted(maps.Keys(missing)) {
		led.breach("lost", string(id), "somebody was told that it is done, and it has left no trace")
	}
	return nil
}
