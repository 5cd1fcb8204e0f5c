package dispatch

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Undo takes back what the actor has just done on the ticket: an assignment, an offer, an acceptance or a
// reassignment. The visit is as it was before: whoever had it has it again, at its time, with its promise, and on
// their way if they had left; whoever was asked is asked again until the same deadline. Where there was no visit
// before, or nobody can answer in time any more, the ticket is queued. It is a new entry in the history, and can be
// taken back itself. Once the policy's seconds are over, if anybody acted since, or if the visit doesn't fit any more
// where it was, it is CodeUndoOver; once somebody has left for the visit, CodeState.
func (d *Dispatch) Undo(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	ref := graph.CaseRef{Ticket: req.Ticket, Latest: lastVisits}
	c, err := d.store.TicketCase(ctx, "", ref) // whom it may go back to decides whose tours are needed
	if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
		return Answer{}, err
	}
	var history []muster.Event
	if v := c.Ticket.Visit; v != nil {
		for _, a := range c.Assignments {
			if a.Visit == v.ID && !slices.Contains(ref.Experts, a.Expert) {
				ref.Experts = append(ref.Experts, a.Expert)
			}
		}
		for _, o := range c.Offers {
			if o.Visit == v.ID && !slices.Contains(ref.Experts, o.Expert) {
				ref.Experts = append(ref.Experts, o.Expert)
			}
		}
		if history, err = d.store.History(ctx, everything, string(c.Ticket.ID)); err != nil {
			return Answer{}, err
		}
	}
	return d.onTicket(ctx, cmd, verbUndo, req, ref, func(k *desk) error {
		if err := undo(k, history); err != nil {
			return err
		}
		if k.visit != nil && k.visit.State == muster.VisitEnRoute {
			return d.nobodyElsewhere(ctx, k) // they may have set off for another since
		}
		return nil
	})
}

func undo(k *desk, history []muster.Event) error {
	if err := k.begin(verbUndo, k.theirs()...); err != nil {
		return err
	}
	if n := len(history); n == 0 || history[n-1].Rev < k.base {
		return muster.E(muster.CodeUnavailable, "the history of "+k.ticket.Ref()+" can't be read up to now", "try again")
	}
	c, err := choiceOn(k.visit.ID, history)
	if err != nil {
		return err
	}
	if c.at.IsZero() {
		return k.undoOver("its history doesn't tell any more what that was")
	}
	if left := k.visit.DepartedAt; !left.IsZero() && !left.Equal(c.after.DepartedAt) {
		return muster.E(muster.CodeState, "somebody has left for the visit of "+k.ticket.Ref()+" at "+left.Format(time.RFC3339),
			"unassign it with a reason instead")
	}
	switch left := c.at.Add(time.Duration(k.on.policy.UndoSeconds) * time.Second); {
	case c.by != k.cmd.Actor.ID:
		return muster.E(muster.CodeUndoOver, "the last change of "+k.ticket.Ref()+" was somebody else's", "unassign it with a reason instead")
	case !k.now.Before(left):
		return muster.E(muster.CodeUndoOver, "the time to take it back ended at "+left.Format(time.RFC3339), "unassign it with a reason instead")
	}
	k.reason = "taken back by " + k.cmd.Actor.Name
	if p := k.ticket.Promised; p != nil && p.At.Equal(c.at) {
		k.ticket.Promised, k.visit.Told = c.promised, muster.Window{} // nobody was told yet
	}
	k.unaccept(c.at)
	if !k.leave(c) {
		return k.undoOver("it isn't there any more")
	}
	if c.before == nil {
		return k.proceed(verbUndo, placesEmpty)
	}
	return k.restore(c)
}

func (k *desk) undoOver(why string) *muster.Error {
	return muster.E(muster.CodeUndoOver, "the visit of "+k.ticket.Ref()+" can't go back to where it was: "+why, "reassign it instead")
}

// leave withdraws what a choice gave and asked. It tells whether all of that was there.
func (k *desk) leave(c choice) bool {
	left := 0
	for _, a := range slices.Clone(k.crew) {
		if slices.ContainsFunc(c.gave, func(o muster.Assignment) bool { return o.ID == a.ID }) {
			k.relieve(a, muster.AssignmentWithdrawn)
			left++
		}
	}
	for _, o := range slices.Clone(k.offers) {
		if slices.ContainsFunc(c.asked, func(p muster.Offer) bool { return p.ID == o.ID }) {
			k.answered(o, muster.OfferWithdrawn, k.reason)
			left++
		}
	}
	return left == len(c.gave)+len(c.asked)
}

// restore gives the visit back to those who had it before a choice, and asks again whom it was asked from, as it was
// and with what had been set aside for it. A hold that was set aside is gone; one that is there now stays.
func (k *desk) restore(c choice) error {
	v := k.visit
	v.Start, v.End, v.Window = c.before.Start, c.before.End, c.before.Window
	k.touch(v)
	slices.SortStableFunc(c.took, func(a, b muster.Assignment) int { return a.Place - b.Place })
	for _, a := range c.took {
		s, err := k.back(a.Expert, a.Place, a.Start, a.Decided.Overrides)
		if err != nil {
			return err
		}
		k.give(s.candidate, s.expert, a.Place, nil, s.by)
	}
	for _, o := range c.answered {
		if !k.now.Before(o.Deadline) {
			continue // it would be over by now
		}
		s, err := k.back(o.Expert, o.Place, o.Start, o.Decided.Overrides)
		if err != nil {
			return err
		}
		k.ask(s.candidate, s.expert, o.Place, o.Deadline, s.by)
	}
	b := k.places()
	if b == placesFilled && c.before.State == muster.VisitEnRoute {
		b = placesLeft
	}
	if err := k.proceed(verbUndo, b); err != nil {
		return err
	}
	if b == placesLeft {
		v.DepartedAt, v.Heard = c.before.DepartedAt, c.before.Heard
	}
	return nil
}

// back finds an expert's place on the visit again.
func (k *desk) back(id muster.ExpertID, place int, start time.Time, set []muster.Override) (seated, error) {
	p, err := k.person(id)
	if err != nil {
		return seated{}, k.undoOver("it was given to another since")
	}
	j := k.job(place)
	j.Since = k.firstPlanned(k.visit.ID, id, start)
	for _, a := range k.crew {
		j.Crew = append(j.Crew, a.Expert)
	}
	if k.visit.Crew > 1 {
		j.Start = start
	}
	req := AssignRequest{}
	for _, o := range set {
		if o.Code != muster.HeldByOther && o.Step == 0 {
			req.Overrides, req.Why = append(req.Overrides, o.Code), o.Why
		}
	}
	c, overrides, err := k.fit(j, p, start, req)
	if unfit := (*muster.Error)(nil); errors.As(err, &unfit) {
		e := k.undoOver(unfit.Hint)
		e.Reasons = unfit.Reasons
		return seated{}, e
	}
	return seated{c, p.Expert, k.decided(c, 0, overrides)}, err
}

// firstPlanned tells when a visit was first given to an expert at a start, or asked from them. From then on they
// could leave for it: the time that has passed since doesn't count against them, however often it went to and fro.
func (k *desk) firstPlanned(visit muster.VisitID, e muster.ExpertID, start time.Time) time.Time {
	first := k.now
	for _, a := range k.loaded.Assignments {
		if a.Visit == visit && a.Expert == e && a.Start.Equal(start) && a.At.Before(first) {
			first = a.At
		}
	}
	for _, o := range k.loaded.Offers {
		if o.Visit == visit && o.Expert == e && o.Start.Equal(start) && o.At.Before(first) {
			first = o.At
		}
	}
	return first
}
