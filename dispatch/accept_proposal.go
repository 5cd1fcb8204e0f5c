package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// AcceptProposal gives a ticket to those whom an exception of it proposes, and sets aside what the proposal names. It is an
// assignment: who may, and what is kept of it, are the same, and every constraint is checked again. The command has to carry
// the revision at which the proposal was shown. They come at the start that was shown, or if time has gone over that, at
// the next that needs no more, within the width of a promise. CodeProposalGone comes with the reasons against.
func (d *Dispatch) AcceptProposal(ctx context.Context, cmd muster.Command, req ProposalRequest) (Answer, error) {
	ask := AssignRequest{Ticket: req.Ticket, Expert: req.Expert, Second: req.Second, Why: req.Why}
	return d.onTicket(ctx, cmd, verbProposal, req, ask.ref(), func(k *desk) error {
		if cmd.Seen == nil {
			return muster.E(muster.CodePrecondition, "the revision at which the proposal was shown is missing", "send the ticket's ETag in If-Match")
		}
		ask := ask
		shown, err := k.proposal(req)
		if err != nil {
			return err
		}
		ask.Start, ask.Overrides = shown.Start, shown.Codes()
		if err := d.holders(ctx, k, ask); err != nil {
			return err
		}
		if !k.fitsAt(ask, ask.Start) {
			ask.Start = k.startAnew(shown)
		}
		err = assign(k, ask)
		if muster.CodeOf(err) == muster.CodeUnfit {
			return k.proposalGone(shown, err)
		}
		return err
	})
}

// proposal finds what is proposed about the experts of a request.
func (k *desk) proposal(req ProposalRequest) (muster.Proposal, error) {
	for _, e := range k.ticket.Exceptions {
		for _, p := range e.Proposals {
			if p.Expert == req.Expert && (p.Second == nil && req.Second == "" || p.Second != nil && p.Second.Expert == req.Second) {
				return p, nil
			}
		}
	}
	who := string(req.Expert)
	if req.Second != "" {
		who += " and " + string(req.Second)
	}
	return muster.Proposal{}, muster.E(muster.CodeProposalGone, fmt.Sprintf("%s are not proposed for %s", who, k.ticket.Ref()),
		"take a proposal of the ticket's exceptions, or assign it with overrides")
}

// startAnew finds the next start of those who were proposed, for which no more is set aside: theirs again if there is none
// that a customer who was told of it would still take for the same.
func (k *desk) startAnew(p muster.Proposal) time.Time {
	var crew []matcher.Person
	for _, id := range p.Experts() {
		who, err := k.person(id)
		if err != nil {
			return p.Start
		}
		crew = append(crew, who)
	}
	fresh := k.on.world(k.now).Propose(k.job(0), crew, 1)
	if len(fresh) == 0 || fresh[0].Start.After(p.Start.Add(k.on.policy.PromiseWidth.Duration())) {
		return p.Start
	}
	for _, c := range fresh[0].Codes() {
		if !slices.Contains(p.Codes(), c) {
			return p.Start
		}
	}
	return fresh[0].Start
}

// proposalGone says that a proposal doesn't hold any more.
func (k *desk) proposalGone(p muster.Proposal, because error) error {
	e := muster.E(muster.CodeProposalGone, fmt.Sprintf("%s can't come to %s any more as was proposed", p.Names(), k.ticket.Ref()), "")
	var unfit *muster.Error
	if errors.As(because, &unfit) {
		e.Hint, e.Reasons = unfit.Hint, unfit.Reasons
	}
	return e.Because(because)
}
