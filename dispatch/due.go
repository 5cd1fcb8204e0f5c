package dispatch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Due does what a due timer of a ticket, region or expert means. Next is when to look at it again, to settle the
// wake with; it is zero if nothing is left to do. Where a command was carried out the wake's fence is gone
// with it, and settling is reported as lost: the commit has set the timer already.
func (d *Dispatch) Due(ctx context.Context, wake graph.Wake) (next time.Time, err error) {
	switch wake.Kind {
	case muster.KindTicket:
		return d.dueTicket(ctx, wake)
	case muster.KindRegion:
		return d.dueRegion(ctx, wake)
	case muster.KindExpert:
		return d.dueExpert(ctx, muster.ExpertID(wake.ID))
	default:
		return time.Time{}, muster.E(muster.CodeInternal, "a due timer of "+wake.ID, "tickets, regions and experts are what dispatch knows")
	}
}

// dueTicket looks at a ticket whose time has come. What it does rests on the ticket's state, not on which
// timer rang: the wake may be older than the last command.
func (d *Dispatch) dueTicket(ctx context.Context, wake graph.Wake) (time.Time, error) {
	c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: muster.TicketID(wake.ID), Latest: lastVisits})
	if err != nil {
		return time.Time{}, err
	}
	t := &c.Ticket
	now := d.clock.Now()
	_, next, open := t.Timers.Next()
	switch {
	case !open:
		return time.Time{}, nil
	case now.Before(next):
		return next, nil
	}
	on, err := d.setup(ctx, now)
	if err != nil {
		return time.Time{}, err
	}
	k := newDraft(muster.Command{}, now, on).desk(&c)
	next = now.Add(on.policy.QueueEvery.Duration())
	for _, name := range dueOf(t.Timers, now) {
		cmd := muster.Command{
			ID:    muster.CommandID(fmt.Sprintf("due/%s/%d/%s", t.ID, t.Rev, name)),
			Actor: muster.System("timers"), Seen: &t.Rev,
		}
		again, done, err := d.ring(ctx, name, cmd, k)
		switch {
		case muster.CodeOf(err) == muster.CodeStale:
			return time.Time{}, nil // whoever was faster has set the timers anew
		case err != nil:
			return time.Time{}, err
		case done != nil:
			_, at, _ := done.Ticket.Timers.Next()
			return at, nil
		case again.Before(next):
			next = again
		}
	}
	return firstAhead(t.Timers, now, next), nil
}

// ring does what a timer of a ticket means, on the ticket as it was read: the command names that revision, and is refused
// on any other. So a worker that was held up for an hour does nothing to what was decided meanwhile. Where there is nothing
// to do yet it gives when to look again, and no answer.
func (d *Dispatch) ring(ctx context.Context, name muster.TimerName, cmd muster.Command, k *desk) (again time.Time, done *Answer, err error) {
	if again, err = d.hearable(ctx, name, k); err != nil || k.now.Before(again) {
		return again, nil, err
	}
	var a Answer
	req := TicketRequest{Ticket: k.ticket.ID}
	switch name {
	case muster.TimerOffer:
		var first *muster.Offer
		if first, err = d.putOff(ctx, k); err != nil || first == nil {
			return again, nil, err
		}
		if again = k.until[first.ID]; k.now.Before(again) {
			return again, nil, nil
		}
		a, err = d.Expire(ctx, cmd, AnswerRequest{Offer: first.ID})
	case muster.TimerWake:
		a, err = d.Wake(ctx, cmd, req)
	case muster.TimerQueue, muster.TimerTriage:
		a, err = d.Escalate(ctx, cmd, req)
	case muster.TimerEnding:
		a, err = d.EndingOffer(ctx, cmd, req)
	case muster.TimerResolve:
		a, err = d.Resolve(ctx, cmd, req)
	case muster.TimerOverrun:
		if again, err = d.overrunOf(ctx, k.loaded); err != nil || k.now.Before(again) {
			return again, nil, err // the tour expects the end later than this ticket was told
		}
		a, err = d.Overrun(ctx, cmd, req)
	case muster.TimerSLA:
		a, err = d.Miss(ctx, cmd, req)
	case muster.TimerDepart, muster.TimerAnswer, muster.TimerReplace:
		return d.dueLeave(ctx, name, cmd, k)
	case muster.TimerVisit:
		if !k.outOfSight() {
			return k.now.Add(k.on.policy.QueueEvery.Duration()), nil, nil
		}
		a, err = d.LostSight(ctx, cmd, VisitRequest{Visit: k.visit.ID})
	case muster.TimerException:
		a, err = d.GiveBackExceptions(ctx, cmd, req)
	default: // of a newer Muster: nothing but to look again
		return k.now.Add(k.on.policy.QueueEvery.Duration()), nil, nil
	}
	return time.Time{}, &a, err
}

// looks are the timers that may mean no more than another look: then they change nothing, and stay as they are on the
// ticket. They are seen to in this order, after all others.
var looks = []muster.TimerName{
	muster.TimerOffer, muster.TimerSLA, muster.TimerOverrun, muster.TimerDepart, muster.TimerAnswer, muster.TimerReplace,
	muster.TimerVisit,
}

// dueOf are the timers that are to be seen to: of those that are due the first by which something is done for sure, else all
// by which something may be done.
func dueOf(all muster.Timers, now time.Time) (names []muster.TimerName) {
	due := func(n muster.TimerName) bool {
		at, has := all[n]
		return has && !now.Before(at)
	}
	acts := maps.Clone(all)
	maps.DeleteFunc(acts, func(n muster.TimerName, _ time.Time) bool { return slices.Contains(looks, n) || !due(n) })
	if name, _, acting := acts.Next(); acting {
		return []muster.TimerName{name}
	}
	for _, n := range looks {
		if due(n) {
			names = append(names, n)
		}
	}
	return names
}

// firstAhead is the first of the timers that are not due yet, but no later than next.
func firstAhead(all muster.Timers, now, next time.Time) time.Time {
	for _, at := range all {
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}

// renewed is the next look at something for which there is nothing to do. It changes no revision; the wake's
// fence keeps a late worker from setting it back.
func (d *Dispatch) renewed(ctx context.Context, now time.Time, every func(*muster.Policy) muster.Minutes) (time.Time, error) {
	on, err := d.setup(ctx, now)
	if err != nil {
		return time.Time{}, err
	}
	return now.Add(every(&on.policy).Duration()), nil
}

// dueRegion holds a region's round.
func (d *Dispatch) dueRegion(ctx context.Context, wake graph.Wake) (time.Time, error) {
	if _, err := d.Round(ctx, muster.RegionID(wake.ID)); err != nil {
		return time.Time{}, err
	}
	return d.renewed(ctx, d.clock.Now(), func(p *muster.Policy) muster.Minutes { return p.RoundEvery })
}

// dueExpert looks at what an expert has ahead, and lets them go when their time has come. It ends with a commit that
// takes the timer off.
func (d *Dispatch) dueExpert(ctx context.Context, id muster.ExpertID) (time.Time, error) {
	now := d.clock.Now()
	e, err := load[muster.Expert](ctx, d, "", string(id))
	if err != nil {
		return time.Time{}, err
	}
	if _, at, open := e.Timers.Next(); !open || now.Before(at) {
		return at, nil
	}
	if _, err := d.Redecide(ctx, id); err != nil {
		return time.Time{}, err
	}
	if at, leaves := e.Timers[muster.TimerLeave]; !leaves || now.Before(at) {
		return at, nil
	}
	return d.letGo(ctx, id)
}
