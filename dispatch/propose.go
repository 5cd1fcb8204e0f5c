package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// proposals is how many experts a person is shown at most.
const proposals = 3

// asksPerson tells whether a person is to be shown what they can do about a ticket for which a round has found nobody: from
// the policy's step on, at once in each further step, then no more often than it is looked at. The proposals of one who
// looks after it are kept up to date as often.
func (r *round) asksPerson(t *muster.Ticket) bool {
	if !r.on.policy.Proposes(t.Step) {
		return false
	}
	old := t.NoExpert
	if old == nil || old.Step != t.Step {
		return true
	}
	age, every := r.now.Sub(old.At), r.on.policy.QueueEvery.Duration()
	if age < every {
		return false
	}
	asked := slices.ContainsFunc(t.Exceptions, func(e muster.Exception) bool {
		return e.Kind == muster.ExceptionOverride || e.Kind == muster.ExceptionNoExpert
	})
	return !asked || age%every < r.on.policy.RoundEvery.Duration()
}

// proposalsFor finds whom a person could send to a ticket by setting something aside, among those that the round knows.
func (r *round) proposalsFor(c *graph.TicketCase, among *people) ([]muster.Proposal, error) {
	job := r.on.jobOf(c)
	reach, err := r.on.reach(c.Ticket.Region, job.Wider.TravelKm)
	if err != nil {
		return nil, err
	}
	return r.world.Propose(job, among.near(reach), proposals), nil
}

// propose puts before a person whom they could send, or that there is nobody. It tells whether that is news.
func (k *desk) propose(main muster.ReasonCode, found []muster.Proposal) bool {
	kind, other := muster.ExceptionOverride, muster.ExceptionNoExpert
	next, note := "accept a proposal, which sets aside what it names, or tell the customer when somebody comes", ""
	if len(found) == 0 {
		kind, other = other, kind
		next, note = "find somebody, or tell the customer when somebody comes", fmt.Sprintf("nobody can come in step %d, mostly because of: %s", k.ticket.Step, main)
		if main == muster.OffShift {
			next, note = "call somebody in and assign it, or tell the customer when somebody comes", "nobody who could come is on shift or on call in time"
		}
	} else {
		note = said(found[0])
	}
	before := slices.IndexFunc(k.ticket.Exceptions, func(e muster.Exception) bool { return e.Kind == kind && e.Visit == "" })
	over := func(p muster.Proposal) bool { return !k.now.Before(p.Start.Add(k.on.policy.PromiseWidth.Duration())) }
	news := before < 0 || slices.ContainsFunc(k.ticket.Exceptions[before].Proposals, over) || // nobody can accept it any more
		!slices.EqualFunc(k.ticket.Exceptions[before].Proposals, found, sameProposal)
	k.settle(other)
	k.raiseFor("", kind, next, note)
	for i := range k.ticket.Exceptions {
		if e := &k.ticket.Exceptions[i]; e.Kind == kind && e.Visit == "" {
			e.Proposals = found
		}
	}
	return news
}

// said puts a proposal into a sentence.
func said(p muster.Proposal) string {
	if p.Second == nil {
		return p.Names() + " could come, but: " + texts(p.Reasons)
	}
	text := p.Names() + " could come, but:"
	for _, of := range []muster.Colleague{{Name: p.Name, Reasons: p.Reasons}, *p.Second} {
		if len(of.Reasons) > 0 {
			text += " " + of.Name + ": " + texts(of.Reasons)
		}
	}
	return text
}

// texts are what reasons say, one after the other.
func texts(reasons []muster.Reason) string {
	var all []string
	for _, r := range reasons {
		all = append(all, r.Text)
	}
	return strings.Join(all, " ")
}

// sameProposal tells whether two are about the same experts and constraints; the start moves from round to round.
func sameProposal(a, b muster.Proposal) bool {
	if (a.Second == nil) != (b.Second == nil) {
		return false
	}
	if a.Second != nil && (a.Second.Expert != b.Second.Expert || !sameCodes(a.Second.Reasons, b.Second.Reasons)) {
		return false
	}
	return a.Expert == b.Expert && sameCodes(a.Reasons, b.Reasons)
}

func sameCodes(a, b []muster.Reason) bool {
	return slices.EqualFunc(a, b, func(x, y muster.Reason) bool { return x.Code == y.Code })
}
