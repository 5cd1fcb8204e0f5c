package dispatch

import (
	"context"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Expire ends an offer whose deadline has passed, and with it all others of the ticket that are over too.
// That is no decline: the same expert may be asked again.
func (d *Dispatch) Expire(ctx context.Context, cmd muster.Command, req AnswerRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbExpire, req, graph.CaseRef{Offer: req.Offer}, func(k *desk) error {
		if _, err := d.putOff(ctx, k); err != nil {
			return err
		}
		return expire(k, req)
	})
}

func expire(k *desk, req AnswerRequest) error {
	o, err := k.asked(verbExpire, req.Offer)
	if err != nil {
		return err
	}
	if until := k.until[o.ID]; k.now.Before(until) {
		return tooEarly("the offer is open", until)
	}
	for _, o := range slices.Clone(k.offers) {
		if !k.now.Before(k.until[o.ID]) {
			k.answered(o, muster.OfferExpired, "")
		}
	}
	k.reason = "the crew is not complete"
	return k.proceed(verbExpire, k.places())
}
