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
// reassignment. The ticket is queued again; after a reassignment those who had the visit have it again, at the
// time that it had. It is a new entry in the history, and can be taken back itself. Once the policy's seconds are
// over, if anybody acted since, or if the visit doesn't fit any more where it was, it is CodeUndoOver.
func (d *Dispatch) Undo(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	ref := graph.CaseRef{Ticket: req.Ticket}
	c, err := d.store.TicketCase(ctx, "", ref) // whom it may go back to decides whose tours are needed
	if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
		return Answer{}, err
	}
	for _, a := range c.Assignments {
		if a.State == muster.AssignmentWithdrawn && c.Ticket.Visit != nil && a.Visit == c.Ticket.Visit.ID {
			ref.Experts = append(ref.Experts, a.Expert)
		}
	}
	return d.onTicket(ctx, cmd, verbUndo, req, ref, func(k *desk) error {
		return undo(k)
	})
}

func undo(k *desk) error {
	if err := k.begin(verbUndo, k.theirs()...); err != nil {
		return err
	}
	by, at := k.lastChoice()
	switch left := at.Add(time.Duration(k.on.policy.UndoSeconds) * time.Second); {
	case by != k.cmd.Actor.ID:
		return muster.E(muster.CodeUndoOver, "the last change of "+k.ticket.Ref()+" was somebody else's", "unassign it with a reason instead")
	case !k.now.Before(left):
		return muster.E(muster.CodeUndoOver, "the time to take it back ended at "+left.Format(time.RFC3339), "unassign it with a reason instead")
	}
	k.reason = "taken back by " + k.cmd.Actor.Name
	if was := k.replaced(at); len(was) > 0 {
		return k.restore(was)
	}
	return k.proceed(verbUndo, placesEmpty)
}

// replaced lists, by place, the assignments that the choice of a moment took the visit from.
func (k *desk) replaced(at time.Time) []muster.Assignment {
	var out []muster.Assignment
	for _, a := range k.loaded.Assignments {
		if a.State == muster.AssignmentWithdrawn && a.Visit == k.visit.ID && a.EndedAt.Equal(at) {
			out = append(out, a)
		}
	}
	slices.SortStableFunc(out, func(a, b muster.Assignment) int { return a.Place - b.Place })
	return out
}

// restore gives the visit back to those who had it, at their time, with what had been set aside for it. A hold
// that was set aside is gone; one that is there now stays.
func (k *desk) restore(was []muster.Assignment) error {
	over := func(why string) *muster.Error {
		return muster.E(muster.CodeUndoOver, "the visit of "+k.ticket.Ref()+" can't go back to where it was: "+why, "reassign it instead")
	}
	if len(was) != k.visit.Crew {
		return over("it has been given to several since")
	}
	chosen := make([]seated, 0, len(was))
	for place, a := range was {
		p, err := k.person(a.Expert)
		if err != nil {
			return over("it was given to another since")
		}
		j := k.job(place)
		if place > 0 {
			j.Crew, j.Start = []muster.ExpertID{was[0].Expert}, a.Start
		}
		req := AssignRequest{}
		for _, o := range a.Decided.Overrides {
			if o.Code != muster.HeldByOther {
				req.Overrides, req.Why = append(req.Overrides, o.Code), o.Why
			}
		}
		c, overrides, err := k.fit(j, p, a.Start, req)
		if unfit := (*muster.Error)(nil); errors.As(err, &unfit) {
			e := over(unfit.Hint)
			e.Reasons = unfit.Reasons
			return e
		} else if err != nil {
			return err
		}
		chosen = append(chosen, seated{c, p.Expert, k.decided(c, 0, overrides)})
	}
	s, err := next(verbUndo, placesFilled, &k.ticket, k.visit)
	if err != nil {
		return err
	}
	if came := k.promise(k.visit.Start); k.visit.Window.Start.Equal(came.Start) && k.visit.Window.End.Equal(came.End) {
		k.visit.Window = k.promise(was[0].Start) // what was promised came with the other time
	}
	k.seat(chosen)
	k.take(s)
	return nil
}

// lastChoice tells who made the last choice on the ticket's open visit, and when: "" if something
// else came after it.
func (k *desk) lastChoice() (by muster.UserID, at time.Time) {
	for _, o := range k.offers {
		if o.At.After(at) {
			by, at = o.Decided.By.ID, o.At
		}
	}
	for _, a := range k.crew {
		if !a.At.Before(at) {
			by, at = a.Decided.By.ID, a.At
		}
	}
	for _, o := range k.loaded.Offers {
		if o.EndedAt.After(at) {
			return "", o.EndedAt
		}
	}
	for _, a := range k.loaded.Assignments {
		if a.EndedAt.After(at) {
			return "", a.EndedAt
		}
	}
	return by, at
}
