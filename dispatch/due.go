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
	name, at, open := firstDue(t.Timers, now)
	switch {
	case !open:
		return time.Time{}, nil
	case now.Before(at):
		return at, nil
	}
	cmd := muster.Command{
		ID:    muster.CommandID(fmt.Sprintf("due/%s/%d/%s", t.ID, t.Rev, name)),
		Actor: muster.System("timers"), Seen: &t.Rev,
	}
	next, err := d.ring(ctx, name, cmd, &c, now)
	if muster.CodeOf(err) == muster.CodeStale {
		return time.Time{}, nil // whoever was faster has set the timers anew
	}
	return next, err
}

// ring does what a timer of a ticket means, on the ticket as it was read: the command names that revision, and is refused
// on any other. So a worker that was held up for an hour does nothing to what was decided meanwhile.
func (d *Dispatch) ring(
	ctx context.Context, name muster.TimerName, cmd muster.Command, c *graph.TicketCase, now time.Time,
) (at time.Time, err error) {
	t := &c.Ticket
	var done Answer
	switch name {
	case muster.TimerOffer:
		done, err = d.Expire(ctx, cmd, AnswerRequest{Offer: firstLapsed(c.Offers, now)})
	case muster.TimerWake:
		done, err = d.Wake(ctx, cmd, TicketRequest{Ticket: t.ID})
	case muster.TimerQueue, muster.TimerTriage:
		done, err = d.Escalate(ctx, cmd, TicketRequest{Ticket: t.ID})
	case muster.TimerEnding:
		done, err = d.EndingOffer(ctx, cmd, TicketRequest{Ticket: t.ID})
	case muster.TimerResolve:
		done, err = d.Resolve(ctx, cmd, TicketRequest{Ticket: t.ID})
	case muster.TimerOverrun:
		if at, err = d.overrunOf(ctx, c); err != nil || now.Before(at) {
			return firstAhead(t.Timers, now, at), err // the tour expects the end later than this ticket was told
		}
		done, err = d.Overrun(ctx, cmd, TicketRequest{Ticket: t.ID})
	case muster.TimerSLA:
		done, err = d.Miss(ctx, cmd, TicketRequest{Ticket: t.ID})
	case muster.TimerDepart, muster.TimerAnswer, muster.TimerReplace:
		at, err := d.dueLeave(ctx, name, cmd, c)
		return firstAhead(t.Timers, now, at), err
	case muster.TimerVisit:
		return d.dueVisit(ctx, cmd, c)
	case muster.TimerException:
		done, err = d.GiveBackExceptions(ctx, cmd, TicketRequest{Ticket: t.ID})
	default: // of a newer Muster: nothing but to look again
		again, err := d.renewed(ctx, now, func(p *muster.Policy) muster.Minutes { return p.TriageEvery })
		return firstAhead(t.Timers, now, again), err
	}
	if err != nil {
		return time.Time{}, err
	}
	_, at, _ = done.Ticket.Timers.Next()
	return at, nil
}

// looks are the timers that may mean no more than another look: then they change nothing, and stay as they are on the
// ticket. They are seen to in this order, after all others.
var looks = []muster.TimerName{
	muster.TimerOverrun, muster.TimerDepart, muster.TimerAnswer, muster.TimerReplace, muster.TimerVisit,
}

// firstDue is the timer that is to be seen to: of those that are due the first by which something is done for sure, else
// one by which something may be done. If none is due it is the next one.
func firstDue(all muster.Timers, now time.Time) (name muster.TimerName, at time.Time, open bool) {
	acts := maps.Clone(all)
	maps.DeleteFunc(acts, func(n muster.TimerName, at time.Time) bool { return slices.Contains(looks, n) || now.Before(at) })
	if name, at, open = acts.Next(); open {
		return name, at, open
	}
	for _, n := range looks {
		if at, open = all[n]; open && !now.Before(at) {
			return n, at, true
		}
	}
	return all.Next()
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

// firstLapsed finds an open offer whose deadline has passed.
func firstLapsed(offers []muster.Offer, now time.Time) muster.OfferID {
	for _, o := range offers {
		if o.State == muster.OfferOpen && !now.Before(o.Deadline) {
			return o.ID
		}
	}
	return ""
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
