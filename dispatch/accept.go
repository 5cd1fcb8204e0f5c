package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Accept lets an expert take a ticket that was offered to them, or a dispatcher for them. The first
// acceptance wins: in the same change all others who were asked for that place aren't any more, and their openings
// are free. A later one gets CodeOfferGone, one from the offer's deadline on CodeOfferOver, an answer by somebody
// else CodeOfferOthers, a second one CodeAnswered. Every constraint is checked again, as for an assignment.
func (d *Dispatch) Accept(ctx context.Context, cmd muster.Command, req AnswerRequest) (Answer, error) {
	ref := graph.CaseRef{Offer: req.Offer}
	if cmd.Actor.Expert != "" {
		ref.Experts = []muster.ExpertID{cmd.Actor.Expert}
	} else {
		ref.Latest = lastVisits
		c, err := d.store.TicketCase(ctx, "", ref) // whose offer it is decides whose tours are needed
		if err != nil && muster.CodeOf(err) != muster.CodeNotFound {
			return Answer{}, err
		}
		for _, o := range c.Offers {
			if o.ID == req.Offer {
				ref.Experts = []muster.ExpertID{o.Expert}
			}
		}
	}
	return d.onTicket(ctx, cmd, verbAccept, req, ref, func(k *desk) error {
		if _, err := d.putOff(ctx, k); err != nil {
			return err
		}
		return accept(k, req)
	})
}

func accept(k *desk, req AnswerRequest) error {
	o, err := k.asked(verbAccept, req.Offer)
	if err != nil {
		return err
	}
	p, err := k.person(o.Expert)
	if err != nil {
		return err
	}
	j := k.job(o.Place)
	for _, a := range k.crew {
		j.Crew = append(j.Crew, a.Expert)
	}
	if k.visit.Crew > 1 {
		j.Start = o.Start
	}
	c, _, err := k.fit(j, p, o.Start, AssignRequest{})
	if err != nil {
		return err
	}
	k.answered(o, muster.OfferAccepted, "")
	if k.visit.Crew == 1 && !k.visit.Start.Equal(c.Start) {
		k.at(c) // of several who were asked each had a start of their own
	}
	by := o.Decided
	by.Overrides = k.withStep(c, by.Overrides)
	by.By, by.Policy, by.Skills = k.cmd.Actor, k.on.policy.Rev, k.on.skills.Rev // who and what made it true
	k.give(c, p.Expert, o.Place, o, by)
	for i := len(k.offers) - 1; i >= 0; i-- {
		if other := k.offers[i]; other.Place == o.Place {
			k.answered(other, muster.OfferWithdrawn, "another expert was first")
		}
	}
	return k.proceed(verbAccept, k.places())
}

func over(o *muster.Offer) error {
	return muster.E(muster.CodeOfferOver, "the offer ended at "+o.Deadline.Format(time.RFC3339), "ask the dispatcher if it is still free")
}

// asked finds an open offer that the actor may answer, now. Expiry alone comes after the deadline.
func (k *desk) asked(v verb, id muster.OfferID) (*muster.Offer, error) {
	at := slices.IndexFunc(k.loaded.Offers, func(o muster.Offer) bool { return o.ID == id })
	if at < 0 {
		return nil, muster.NotFound(muster.KindOffer, string(id))
	}
	o := &k.loaded.Offers[at]
	if a := k.cmd.Actor; a.Role == muster.RoleExpert && a.Expert != o.Expert {
		return nil, muster.E(muster.CodeOfferOthers, "this offer was made to another expert", "only they can answer it, or a dispatcher for them")
	}
	if err := authorize(v, k.cmd.Actor, k.ticket.Customer, o.Expert); err != nil {
		return nil, err
	}
	switch o.State {
	case muster.OfferOpen:
		if v != verbExpire && !k.now.Before(k.until[id]) {
			return nil, over(o)
		}
		if err := possible(v, &k.ticket, k.visit); err != nil {
			return nil, err
		}
		return k.offers[slices.IndexFunc(k.offers, func(o *muster.Offer) bool { return o.ID == id })], nil
	case muster.OfferExpired:
		return nil, over(o)
	case muster.OfferAccepted, muster.OfferDeclined:
		return nil, muster.E(muster.CodeAnswered, fmt.Sprintf("the offer was %s at %s already", o.State, o.EndedAt.Format(time.RFC3339)), "nothing changes")
	default:
		return nil, muster.E(muster.CodeOfferGone, fmt.Sprintf("the offer was %s at %s", o.State, o.EndedAt.Format(time.RFC3339)), "nothing changes for you")
	}
}
