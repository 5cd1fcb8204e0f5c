package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// OfferPath names an offer in a path.
type OfferPath struct {
	ID muster.OfferID `path:"id" example:"off_2x9d1k4trw7q0m5c"`
}

// DeclineBody says no.
type DeclineBody struct {
	Reason string `json:"reason" enum:"not_then,too_far,not_this_customer,other" doc:"The no is bound to it: not_then keeps other times open."`
}

func (s *server) offers(api huma.API) {
	type list struct {
		Body List[muster.Offer]
	}
	op := read("/v1/tickets/{id}/offers", "list-offers", "offers", "A ticket's offers, in order of time", "")
	register(s, api, op, func(ctx context.Context, in *TicketPath) (*list, error) {
		c, err := s.ticketCase(ctx, in.ID)
		return &list{Body: List[muster.Offer]{Items: filled(c.Offers)}}, err
	})

	type one struct {
		OfferPath
		Conditional
	}
	op = readOne("/v1/offers/{id}", "show-offer", "offers", "One offer", "Its revision is its ticket's.")
	register(s, api, op, func(ctx context.Context, in *one) (*Single[muster.Offer], error) {
		c, err := s.visibleCase(ctx, graph.CaseRef{Offer: in.ID}, muster.KindOffer, string(in.ID))
		if err != nil {
			return nil, err
		}
		for _, o := range c.Offers {
			if o.ID == in.ID {
				return single(in.Conditional, c.Ticket.Rev, o), nil
			}
		}
		return nil, muster.NotFound(muster.KindOffer, string(in.ID))
	})

	type accept struct {
		OfferPath
		Commanded
		Body *Empty
	}
	op = change(http.MethodPost, "/v1/offers/{id}/accept", "accept-offer", "offers", "Take the ticket",
		"The first acceptance wins: nobody else is asked any more. Later ones get offer_gone, from the deadline on offer_over, somebody else offer_others, a second answer answered.")
	op.Responses["410"] = refusals(http.StatusGone)["410"]
	register(s, api, op, func(ctx context.Context, in *accept) (*TicketOutcome, error) {
		return carry(ctx, &in.Commanded, dispatch.AnswerRequest{Offer: in.ID}, s.Dispatch.Accept, outcome(http.StatusOK))
	})

	type decline struct {
		OfferPath
		Commanded
		Body DeclineBody
	}
	op = change(http.MethodPost, "/v1/offers/{id}/decline", "decline-offer", "offers", "Say no, with a reason", "")
	op.Responses["410"] = refusals(http.StatusGone)["410"]
	register(s, api, op, func(ctx context.Context, in *decline) (*TicketOutcome, error) {
		req := dispatch.AnswerRequest{Offer: in.ID, Reason: in.Body.Reason}
		return carry(ctx, &in.Commanded, req, s.Dispatch.Decline, outcome(http.StatusOK))
	})
}
