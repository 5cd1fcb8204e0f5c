package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// AnswerVisit is an expert's word that they are coming, and when they expect to be there, or that they can't. Whoever
// says they come closes the alarm until that time. Said long before they should leave it is a plan, and they are asked when it
// should be carried out. Whoever can't come keeps the visit until a person has given it to
// somebody else: the customer has a promise.
func (d *Dispatch) AnswerVisit(ctx context.Context, cmd muster.Command, req ComingRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbAnswer, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		if err := authorize(verbAnswer, k.cmd.Actor, k.ticket.Customer, k.theirs()...); err != nil {
			return err
		}
		if req.Coming && !req.At.IsZero() {
			if err := k.later("at", req.At); err != nil {
				return err
			}
		}
		if err := k.waitsToLeave(verbAnswer, req.Visit); err != nil {
			return err
		}
		return answerVisit(k, req)
	})
}

func answerVisit(k *desk, req ComingRequest) error {
	v := k.visit
	k.event = verbAnswer.rule().event
	if !req.Coming {
		k.hear(muster.Heard{})
		v.AlarmedAt = k.now
		if v.AskedAt.IsZero() {
			v.AskedAt = k.now
		}
		k.raise(muster.ExceptionLateToLeave, "give the visit to somebody else, then tell the customer",
			fmt.Sprintf("%s said at %s that they can't come", k.cmd.Actor.Name, k.now.Format(time.RFC3339)))
		return nil
	}
	at := muster.Instant(req.At)
	if at.IsZero() {
		at = later(v.Start, k.now)
	}
	k.hear(muster.Heard{ExpectedAt: at})
	if at.After(v.Window.End) {
		k.raise(muster.ExceptionPredicted, "call the customer: the expert will be late",
			fmt.Sprintf("expects to arrive at %s, promised until %s", at.Format(time.RFC3339), v.Window.End.Format(time.RFC3339)))
	}
	return nil
}
