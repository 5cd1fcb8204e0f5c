package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Stuck puts before a person that the handler of a timer keeps failing: on the ticket whose timer it is, whose message, or
// whose events a consumer breaks over; for an expert on each ticket of theirs that has a visit ahead. It is written once:
// the failures after that are for the log, and for the back-off. The timer goes on being tried; a success settles it.
func (d *Dispatch) Stuck(ctx context.Context, wake graph.Wake, failures int, cause error) error {
	why := fmt.Sprintf("failed %d times in a row: %v", failures, cause)
	switch wake.Kind {
	case muster.KindTicket:
		return d.stuck(ctx, muster.TicketID(wake.ID), "decide what is next for it, and tell who runs Muster", why)
	case muster.KindExpert:
		return d.stuckExpert(ctx, muster.ExpertID(wake.ID), why)
	case muster.KindMessage:
		m, err := load[muster.Message](ctx, d, "", wake.ID)
		if err != nil {
			return err
		}
		return d.stuck(ctx, m.Ticket, "tell them what the message would have, and tell who runs Muster",
			fmt.Sprintf("message %s (%s) can't be sent: %s", m.ID, m.Topic, why))
	case muster.KindDuty:
		consumer, aggregate, ok := muster.DutyID(wake.ID).Aside()
		if ok && muster.KindOf(aggregate) == muster.KindTicket {
			return d.stuck(ctx, muster.TicketID(aggregate), "see that who waits for it knows, and tell who runs Muster", consumer+" "+why)
		}
	}
	return nil // the others are nobody's in particular: the log and the queue tell
}

// stuckExpert puts the visits that an expert has before a person: nobody looks whether they can still make them.
func (d *Dispatch) stuckExpert(ctx context.Context, id muster.ExpertID, why string) error {
	var failure error
	err := eachPage(ctx, d.store, graph.TicketFilter{Expert: id, States: openVisits()}, func(tickets []*muster.Ticket) error {
		for _, t := range tickets {
			if t.Visit == nil || !slices.Contains(t.Visit.Experts, id) {
				continue // they had an earlier visit of it
			}
			failure = errors.Join(failure, d.stuck(ctx, t.ID, "find out whether they can make it, and tell who runs Muster",
				"the work of "+string(id)+" can't be looked at: "+why))
		}
		return nil
	})
	return errors.Join(failure, err)
}

func (d *Dispatch) stuck(ctx context.Context, id muster.TicketID, next, why string) error {
	c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: id})
	if err != nil {
		return err
	}
	if c.Ticket.State.Terminal() || slices.ContainsFunc(c.Ticket.Exceptions, isStuck) {
		return nil
	}
	cmd := muster.Command{ID: muster.CommandID(fmt.Sprintf("stuck/%s/%d", id, c.Ticket.Rev)), Actor: muster.System("timers")}
	req := TicketRequest{Ticket: id, Reason: why}
	_, err = d.onTicket(ctx, cmd, verbStuck, req, graph.CaseRef{Ticket: id}, func(k *desk) error {
		if err := k.begin(verbStuck); err != nil {
			return err
		}
		k.raise(muster.ExceptionStuck, next, req.Reason)
		k.event = verbStuck.rule().event
		return nil
	})
	return err
}

func isStuck(e muster.Exception) bool { return e.Kind == muster.ExceptionStuck }
