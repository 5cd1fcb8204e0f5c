package dispatch

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Offer asks one expert, or several at once, whether they take a ticket's visit; others may be asked while it is offered.
// Each is asked for a start of their own, in the ticket's windows, and that opening is held until they answer or their
// deadline passes. The first who accepts has the visit, at the start that they were asked for. The deadline of each runs
// while they are on shift or on call; who would have to leave before that can't be asked. If one of them can't be asked, or
// can't take the visit, nobody is: it is CodeUnfit with their reasons.
func (d *Dispatch) Offer(ctx context.Context, cmd muster.Command, req OfferRequest) (Answer, error) {
	ref := graph.CaseRef{Ticket: req.Ticket, Experts: req.everybody()}
	return d.onTicket(ctx, cmd, verbOffer, req, ref, func(k *desk) error {
		return offer(k, req)
	})
}

// everybody who is asked.
func (r OfferRequest) everybody() []muster.ExpertID {
	if r.Expert == "" {
		return r.Experts
	}
	return append([]muster.ExpertID{r.Expert}, r.Experts...)
}

func offer(k *desk, req OfferRequest) error {
	if err := k.begin(verbOffer); err != nil {
		return err
	}
	if k.ticket.Crew > 1 {
		return muster.Invalid("expert", string(req.Expert), "a crew of two is asked by rounds, or assigned from the board")
	}
	asked := req.everybody()
	if err := askable(asked, k.offers); err != nil {
		return err
	}
	s, err := next(verbOffer, "", &k.ticket, k.visit)
	if err != nil {
		return err
	}
	found := make([]seated, 0, len(asked))
	for _, id := range asked {
		p, err := k.person(id)
		if err != nil {
			return err
		}
		c, _, err := k.fit(k.job(0), p, req.Start, AssignRequest{})
		if err != nil {
			return err
		}
		if !answers(p.Expert, k.now, c.Depart) {
			return k.offDuty(p.Expert, c)
		}
		found = append(found, seated{c, p.Expert, muster.Decided{}})
	}
	slices.SortStableFunc(found, func(a, b seated) int { return a.candidate.Start.Compare(b.candidate.Start) })
	if k.visit == nil {
		k.open(found[0].candidate)
	}
	for _, f := range found {
		k.ask(f.candidate, f.expert, 0, k.deadline(f.candidate, f.expert), k.decided(f.candidate, 0, nil))
	}
	k.take(s)
	return nil
}

// askable refuses a list of nobody, of too many with those who have been asked, or with somebody twice.
func askable(experts []muster.ExpertID, asked []*muster.Offer) error {
	if len(experts) == 0 {
		return muster.Invalid("experts", "[]", "name at least one expert to ask")
	}
	if n := len(experts) + len(asked); n > muster.MaxOffers {
		return muster.Invalid("experts", strconv.Itoa(n)+" experts", fmt.Sprintf("ask at most %d at once", muster.MaxOffers))
	}
	for i, e := range experts {
		if slices.ContainsFunc(asked, func(o *muster.Offer) bool { return o.Expert == e }) {
			return muster.Invalid("experts", string(e), "they have been asked, and have until their deadline to answer")
		}
		if slices.Contains(experts[:i], e) {
			return muster.Invalid("experts", string(e), "name everybody once")
		}
	}
	return nil
}

// offDuty says that nobody is asked in their free time about what they would have to leave for in it.
func (k *desk) offDuty(e *muster.Expert, c muster.Candidate) error {
	leave := c.Depart.In(muster.Location(e.Base.Zone)).Format("Mon 15:04")
	text := "Is neither on shift nor on call before " + leave + ", when they would have to leave."
	err := muster.E(muster.CodeUnfit, e.Name+" can't be asked about "+k.ticket.Ref()+" in time",
		text+" Ask for a later start, or assign the ticket without asking")
	err.Reasons = []muster.Reason{{Code: muster.OffShift, Class: muster.OffShift.Class(), Have: k.now, Need: c.Depart, Text: text}}
	return err
}
