package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Reopen takes a completed or resolved ticket up again: it gets a new visit, if it can by the same expert. Within the
// policy's days after completion that is under warranty, with a target of its own. After that a customer submits a new
// ticket instead; staff may reopen it all the same, as work that is paid for.
func (d *Dispatch) Reopen(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbReopen, req, graph.CaseRef{Ticket: req.Ticket}, reopen)
}

func reopen(k *desk) error {
	if err := k.begin(verbReopen); err != nil {
		return err
	}
	c, s := &k.loaded.Customer, &k.loaded.Site
	if c.Removed || s.Removed {
		return muster.E(muster.CodeState, "the customer or site of "+k.ticket.Ref()+" has been removed", "take it into service again, or submit a new ticket")
	}
	k.rest(graph.At(string(c.ID), c.Rev))
	if err := k.warranty(); err != nil {
		return err
	}
	for _, a := range k.loaded.Assignments {
		if a.State == muster.AssignmentDone {
			k.ticket.Prefer = a.Expert // the last one; they are in order of time
		}
	}
	if err := k.proceed(verbReopen, branchOf(&k.ticket)); err != nil {
		return err
	}
	if len(k.ticket.Clocks) == 0 { // another system closed it
		k.startClocks(k.now)
	}
	return nil
}

// warranty marks a ticket that is reopened as under warranty, or not any more.
func (k *desk) warranty() error {
	t, p := &k.ticket, &k.on.policy
	done := t.CompletedAt
	if done.IsZero() {
		done = t.ClosedAt
	}
	ends := done.AddDate(0, 0, p.WarrantyDays)
	t.ReopenedAt, t.Warranty = k.now, k.now.Before(ends)
	if !t.Warranty && k.cmd.Actor.Role == muster.RoleCustomer {
		return muster.E(muster.CodeState, "the warranty of "+t.Ref()+" ended at "+ends.Format(time.RFC3339), "submit a new ticket")
	}
	t.DueAt = k.now.Add(k.target(muster.SLAResponse).Duration()) // its clock says it exactly, if it has one
	return nil
}
