package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Decline says that an expert doesn't take an offer. The ticket keeps the reason, and isn't offered to them
// again where that holds; with no other offer open it is queued again. Not this customer holds for all their
// tickets, for good: the customer keeps it as a block, in the same change.
func (d *Dispatch) Decline(ctx context.Context, cmd muster.Command, req AnswerRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbDecline, req, graph.CaseRef{Offer: req.Offer}, func(k *desk) error {
		if _, err := d.putOff(ctx, k); err != nil {
			return err
		}
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
	k.ticket.Declines = withDecline(k.ticket.Declines, no)
	k.answered(o, muster.OfferDeclined, req.Reason)
	if req.Reason == "not_this_customer" {
		if err := k.block(o.Expert); err != nil {
			return err
		}
	}
	k.reason = "the crew is not complete"
	return k.proceed(verbDecline, k.places())
}

// block keeps an expert away from the ticket's customer from now on.
func (k *desk) block(e muster.ExpertID) error {
	c := k.loaded.Customer
	if slices.ContainsFunc(c.Blocked, func(b muster.Block) bool { return b.Expert == e }) {
		return nil
	}
	c.Blocked = append(slices.Clip(c.Blocked), muster.Block{
		Expert: e, Since: k.now, Why: "declined " + k.ticket.Ref(), Declined: k.ticket.ID,
	})
	c.Rev++
	return k.write("customer.expert_blocked", c.Rev-1, &c)
}
