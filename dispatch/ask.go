package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Ask asks the phone of an expert who should have left whether they are coming. Its event is what messages are made of.
// The system does it at the latest leaving time; nothing else follows from it than that an answer is waited for.
func (d *Dispatch) Ask(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbAsk, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		if err := k.waitsToLeave(verbAsk, req.Visit); err != nil {
			return err
		}
		if at := k.leaveBy(); k.now.Before(at) {
			return tooEarly("the expert of "+k.ticket.Ref()+" has time to leave", at)
		}
		if !k.visit.AskedAt.IsZero() {
			return tooEarly("the expert of "+k.ticket.Ref()+" was asked; they have", k.visit.AskedAt.Add(k.on.policy.AnswerMinutes.Duration()))
		}
		k.visit.Heard = slices.DeleteFunc(slices.Clone(k.visit.Heard), k.foretold)
		k.visit.AskedAt = k.now
		k.touch(k.visit)
		k.event = verbAsk.rule().event
		return nil
	})
}

// waitsToLeave refuses a verb on a visit whose expert has left, or that isn't theirs any more.
func (k *desk) waitsToLeave(v verb, id muster.VisitID) error {
	if err := k.current(id, v); err != nil {
		return err
	}
	if err := k.begin(v, k.theirs()...); err != nil {
		return err
	}
	if !k.toLeave() {
		return wrongState(v, &k.ticket, k.visit.State)
	}
	return nil
}
