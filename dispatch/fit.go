package dispatch

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// job describes a place of the ticket's visit to the matcher. Stops of a visit that is open don't count:
// it is this one that is being moved.
func (k *desk) job(place int) matcher.Job {
	j := matcher.Job{
		Ticket: &k.ticket, Customer: &k.loaded.Customer, Site: &k.loaded.Site, Device: k.loaded.Device,
		Served: k.loaded.Served, Place: place, Wider: k.wider(),
	}
	if k.visit != nil {
		j.Ignore = k.visit.ID
	}
	return j
}

// wider is how far the ticket's step of escalation sets limits aside.
func (k *desk) wider() muster.Widening { return k.on.policy.Widened(k.ticket.Step) }

// had describes a place to whom it was given already: what was ordered since doesn't take it from them.
func (k *desk) had(place int) matcher.Job {
	j := k.job(place)
	t := k.ticket
	t.Parts = nil
	j.Ticket = &t
	return j
}

// person describes an expert with the tours of the draft as they are by now.
func (k *desk) person(id muster.ExpertID) (matcher.Person, error) {
	e, ok := k.loaded.Experts[id]
	if !ok {
		return matcher.Person{}, muster.NotFound(muster.KindExpert, string(id))
	}
	p := matcher.Person{Expert: &e}
	for _, s := range k.sheets {
		if s.tour.Expert == id {
			p.Tours = append(p.Tours, &s.tour)
		}
	}
	slices.SortFunc(p.Tours, func(a, b *muster.Tour) int { return a.Start.Compare(b.Start) })
	return p, nil
}

// fit finds an expert's place for a job, at a start or, if that is zero, at the cheapest. Overrides of a
// dispatcher are applied where they are needed, and only then. The error is CodeUnfit with every reason.
func (k *desk) fit(j matcher.Job, p matcher.Person, start time.Time, req AssignRequest) (muster.Candidate, []muster.Override, error) {
	w := k.on.world(k.now)
	c, reasons := w.Check(j, p, start)
	if len(reasons) == 0 {
		return c, nil, nil
	}
	var overrides []muster.Override
	for len(reasons) > 0 {
		// Only what is in the way is set aside: with more allowed than that another start would do, for which nobody
		// had to decide anything.
		n := len(overrides)
		for _, r := range reasons {
			if slices.Contains(req.Overrides, r.Code) && !slices.Contains(j.Allowed, r.Code) {
				overrides = append(overrides, muster.Override{Code: r.Code, Reason: r, Why: req.Why})
				j.Allowed = append(j.Allowed[:len(j.Allowed):len(j.Allowed)], r.Code)
			}
		}
		if len(overrides) == n {
			return muster.Candidate{}, nil, k.unfit(p.Expert, start, reasons)
		}
		k.setAside(w, j, p, start, req)
		c, reasons = w.Check(j, p, start)
	}
	return c, overrides, nil
}

// unfit says why an expert can't take the ticket.
func (k *desk) unfit(e *muster.Expert, start time.Time, reasons []muster.Reason) error {
	when := ""
	if !start.IsZero() {
		when = " at " + start.Format(time.RFC3339)
	}
	var texts []string
	for _, r := range reasons {
		texts = append(texts, r.Text)
	}
	err := muster.E(muster.CodeUnfit, fmt.Sprintf("%s can't take %s%s", e.Name, k.ticket.Ref(), when), strings.Join(texts, " "))
	err.Reasons = reasons
	return err
}

// overridesAllowed refuses overrides by anybody but a dispatcher or administrator, without a reason why,
// and of constraints that no person may set aside.
func overridesAllowed(a muster.Actor, req AssignRequest) error {
	if len(req.Overrides) == 0 {
		return nil
	}
	if a.Role != muster.RoleDispatcher && a.Role != muster.RoleAdministrator {
		return muster.E(muster.CodeForbidden, roleName(a.Role)+" may not set constraints aside", "ask a dispatcher or an administrator")
	}
	for i, c := range req.Overrides {
		if c.Class() != muster.ByDispatcher {
			return muster.Invalid(fmt.Sprintf("overrides[%d]", i), string(c),
				"only these may be set aside: level (by one), window, territory, declined, held")
		}
	}
	return reasonGiven("why", req.Why)
}

// decided records what a choice rests on. Overrides are those of a person; those of the ticket's step are the candidate's.
func (k *desk) decided(c muster.Candidate, rank int, overrides []muster.Override) muster.Decided {
	return muster.Decided{
		By: k.cmd.Actor, Policy: k.on.policy.Rev, Skills: k.on.skills.Rev,
		Cost: c.Cost, Terms: c.Terms, Rank: rank, Overrides: k.withStep(c, overrides),
	}
}

// withStep adds to what a person has set aside what the ticket's step of escalation does for a candidate.
func (k *desk) withStep(c muster.Candidate, overrides []muster.Override) []muster.Override {
	var out []muster.Override
	for _, o := range overrides {
		if o.Step == 0 {
			out = append(out, o)
		}
	}
	for _, r := range c.Beyond {
		out = append(out, muster.Override{Code: r.Code, Reason: r, Why: fmt.Sprintf("step %d of escalation", k.ticket.Step), Step: k.ticket.Step})
	}
	return out
}

// setAside says which constraints were set aside for a choice: by a person, and how far by the policy.
func (s *setup) setAside(by muster.Decided) (allowed []muster.ReasonCode, wider muster.Widening) {
	for _, o := range by.Overrides {
		if o.Step == 0 {
			allowed = append(allowed, o.Code)
		} else {
			wider = wider.And(s.policy.Widened(o.Step).For(o.Code))
		}
	}
	return allowed, wider
}

// agreed is what whoever takes the open visit over within its promised window inherits: if a person promised another time
// than the customer's wishes, that stands.
func (k *desk) agreed() []muster.Override {
	for _, a := range k.crew {
		for _, o := range a.Decided.Overrides {
			if o.Code == muster.AfterWindow {
				return []muster.Override{o}
			}
		}
	}
	return nil
}
