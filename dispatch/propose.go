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
	if c.Ticket.Crew > 1 {
		return nil, nil // two would have to be chosen together: the board shows why each can't
	}
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
	next, note := "assign one of those proposed and set aside what it takes, or tell the customer when somebody comes", ""
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
	news := before < 0 || !slices.EqualFunc(k.ticket.Exceptions[before].Proposals, found, sameProposal)
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
	var texts []string
	for _, r := range p.Reasons {
		texts = append(texts, r.Text)
	}
	return p.Name + " could come, but: " + strings.Join(texts, " ")
}

// sameProposal tells whether two are about the same expert and constraints; the start moves from round to round.
func sameProposal(a, b muster.Proposal) bool {
	return a.Expert == b.Expert && slices.EqualFunc(a.Reasons, b.Reasons, func(x, y muster.Reason) bool { return x.Code == y.Code })
}
