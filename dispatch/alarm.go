package dispatch

import (
	"context"
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Alarm puts before a person that an expert has neither left nor answered, or hasn't left although they said they would
// come. The system does it when the time to answer is over.
func (d *Dispatch) Alarm(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbAlarm, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		if err := k.waitsToLeave(verbAlarm, req.Visit); err != nil {
			return err
		}
		v := k.visit
		waited := k.awaited()
		if v.AskedAt.IsZero() && waited == nil || !v.AlarmedAt.IsZero() {
			return muster.E(muster.CodeState, "there is no question to the expert of "+k.ticket.Ref()+" that waits for an answer", "nothing is to be done")
		}
		why := fmt.Sprintf("should have left by %s; asked at %s, no answer", k.leaveBy().Format(time.RFC3339), v.AskedAt.Format(time.RFC3339))
		next := "call the expert, then the customer"
		if silent := k.silent(); len(silent) > 0 {
			next = "call whom nothing is known of, then the customer"
			for _, e := range silent {
				why += " by " + string(e)
			}
		}
		if !v.AnsweredAt.IsZero() {
			why = fmt.Sprintf("said at %s that they come by %s, and hasn't left", v.AnsweredAt.Format(time.RFC3339), v.ExpectedAt.Format(time.RFC3339))
		}
		if waited != nil {
			next, why = "call them, then the customer", fmt.Sprintf("%s said at %s that they come by %s, and hasn't left; the other is on the way",
				waited.Expert, waited.At.Format(time.RFC3339), waited.ExpectedAt.Format(time.RFC3339))
		}
		busy, err := d.busyElsewhere(ctx, k)
		if err != nil {
			return err
		}
		if busy != "" { // we know where they are: that is an answer
			why, next = why+"; "+busy, "see whether they still come in time, else give the visit to somebody else"
			v.AnsweredAt = k.now
		}
		v.AlarmedAt = k.now
		k.touch(v)
		k.raise(muster.ExceptionLateToLeave, next, why)
		k.event = verbAlarm.rule().event
		return nil
	})
}
