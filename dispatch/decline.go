package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Decline says that an expert doesn't take an offer. The ticket keeps the reason, and isn't offered to them
// again where that holds; with no other offer open it is queued again.
func (d *Dispatch) Decline(ctx context.Context, cmd muster.Command, req AnswerRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbDecline, req, graph.CaseRef{Offer: req.Offer}, func(k *desk) error {
		return decline(k, req)
	})
}

func decline(k *desk, req AnswerRequest) error {
	o, err := k.asked(verbDecline, req.Offer)
	if err != nil {
		return err
	}
	no := muster.Decline{Expert: o.Expert, At: k.now, Reason: req.Reason}
	switch req.Reason {
	case "not_then":
		no.Window = muster.Window{Start: o.Start, End: o.End}
	case "", "too_far", "not_this_customer", "other":
	default:
		return muster.Invalid("reason", req.Reason, "one of not_then, too_far, not_this_customer, other, or none")
	}
	k.ticket.Declines = append(k.ticket.Declines[:len(k.ticket.Declines):len(k.ticket.Declines)], no)
	k.answered(o, muster.OfferDeclined, req.Reason)
	k.reason = "the crew is not complete"
	return k.proceed(verbDecline, k.places())
}
