package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Offer asks an expert whether they take a ticket's visit. The opening is held until the deadline.
func (d *Dispatch) Offer(ctx context.Context, cmd muster.Command, req OfferRequest) (Answer, error) {
	ref := graph.CaseRef{Ticket: req.Ticket, Experts: []muster.ExpertID{req.Expert}}
	return d.onTicket(ctx, cmd, verbOffer, req, ref, func(k *desk) error {
		return offer(k, req)
	})
}

func offer(k *desk, req OfferRequest) error {
	if err := k.begin(verbOffer); err != nil {
		return err
	}
	if k.ticket.Crew > 1 {
		return muster.Invalid("expert", string(req.Expert), "a crew of two is asked by rounds, or assigned from the board")
	}
	s, err := next(verbOffer, "", &k.ticket, k.visit)
	if err != nil {
		return err
	}
	p, err := k.person(req.Expert)
	if err != nil {
		return err
	}
	c, _, err := k.fit(k.job(0), p, req.Start, AssignRequest{})
	if err != nil {
		return err
	}
	k.at(c)
	k.ask(c, p.Expert, 0, k.deadline(c, p.Expert), k.decided(c, 0, nil))
	k.take(s)
	return nil
}
