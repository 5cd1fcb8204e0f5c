package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Undo takes back what the actor has just done on the ticket: an assignment, an offer or an acceptance.
// It is a new entry in the history. Once the policy's seconds are over, or if anybody acted since, it is
// CodeUndoOver.
func (d *Dispatch) Undo(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbUndo, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
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
	return k.proceed(verbUndo, "")
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
