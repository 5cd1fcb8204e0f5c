package dispatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// resumes are the branches by what an expert reports from whom a visit was taken.
var resumes = map[verb]branch{verbDepart: whoLeft, verbArrive: whoArrived, verbStart: whoStarted}

// lost finds the assignment of a visit that an expert reports a step of, if it was withdrawn from them and the step counts all
// the same: the system gave it to another because nothing was heard of them, or they could not hear that it isn't theirs. Nil:
// they have it, never had it, or know that it was taken from them.
func (k *desk) lost(visit muster.VisitID, e muster.ExpertID) *muster.Assignment {
	open := k.visit != nil && k.visit.ID == visit
	if e == "" || k.ticket.State.Terminal() || open && slices.Contains(k.given(), e) {
		return nil
	}
	for i := len(k.loaded.Assignments) - 1; i >= 0; i-- {
		a := &k.loaded.Assignments[i]
		if a.Visit != visit || a.Expert != e {
			continue
		}
		if a.State == muster.AssignmentWithdrawn && (open && len(k.crew) == 1 && !k.byPerson(a.EndedAt) || k.unheard(a)) {
			return a
		}
		return nil
	}
	return nil
}

// unheard tells whether an expert took the step that they report without having heard that the visit was withdrawn from them:
// it was before that; their phone could not tell of it for longer than anybody is given to answer, so it could not hear either;
// or a person is still to decide which of two stays.
func (k *desk) unheard(had *muster.Assignment) bool {
	at := k.happened
	if !at.IsZero() && (at.Before(had.EndedAt) || k.now.Sub(at) >= k.on.policy.AnswerMinutes.Duration()) {
		return true
	}
	for i := range k.ticket.Exceptions {
		if slices.ContainsFunc(k.ticket.Exceptions[i].Errands, func(o muster.Errand) bool {
			return (o.About == aboutTwoSent || o.About == aboutInVain) && o.Visit == had.Visit && o.Expert == had.Expert
		}) {
			return true
		}
	}
	return false
}

// meant is the visit that an expert's phone is at. Whoever began one that had been withdrawn from them has the ticket's next one
// instead, and their phone goes on to name the one that it knows.
func (k *desk) meant(visit muster.VisitID, e muster.ExpertID) muster.VisitID {
	if k.visit == nil || k.visit.State != muster.VisitInProgress {
		return visit
	}
	theirs := slices.ContainsFunc(k.crew, func(a *muster.Assignment) bool { return a.Expert == e && further(a) })
	were := slices.ContainsFunc(k.loaded.Assignments, func(a muster.Assignment) bool {
		return a.Visit == visit && a.Expert == e && a.State == muster.AssignmentWithdrawn
	})
	if theirs && were {
		return k.visit.ID
	}
	return visit
}

// resume takes in a step of an expert from whom its visit was withdrawn. Whoever is further than the other has it again, unless
// a person chose the other: then only who has begun the work has, and that person hears of it. Who can't have it again has the
// step kept with both its times, and a person decides; what they can still hear at once they are told instead.
func (d *Dispatch) resume(ctx context.Context, k *desk, v verb, had *muster.Assignment, what string) error {
	if err := authorize(v, k.cmd.Actor, k.ticket.Customer, had.Expert); err != nil {
		return err
	}
	err := d.again(ctx, k, v, had)
	no := (*muster.Error)(nil)
	switch {
	case !errors.As(err, &no):
		return err
	case no.Code == muster.CodeUnfit, no.Code == muster.CodeState && k.unheard(had):
		return k.sentInVain(v, had, what, no)
	default:
		return err
	}
}

// again gives an expert the visit that was withdrawn from them, or says why not: CodeState if it is for another to do, CodeUnfit
// if it has no place on their tour any more.
func (d *Dispatch) again(ctx context.Context, k *desk, v verb, had *muster.Assignment) error {
	began := v == verbStart
	chosen := k.visit == nil || k.visit.ID != had.Visit || k.byPerson(had.EndedAt)
	s, err := next(verbResume, resumes[v], &k.ticket, k.visit)
	if err != nil || k.ticket.Crew > 1 || chosen && !began {
		return muster.E(muster.CodeState, k.named(had.Expert)+" has the visit of "+k.ticket.Ref()+" no more: "+k.withdrawn(had),
			"you are not needed there; the dispatcher can say what is next")
	}
	if err := d.notElsewhere(ctx, k, had.Expert); err != nil {
		return err
	}
	p, err := k.person(had.Expert)
	if err != nil {
		return err
	}
	c, overrides, err := k.fitsAgain(p, had, began)
	if err != nil {
		return err
	}
	for _, o := range had.Decided.Overrides { // it is what the ticket's step allowed when it was given to them
		k.ticket.Step = max(k.ticket.Step, o.Step)
	}
	was := k.withdrawn(had)
	k.reason = p.Expert.Name + " was further: " + string(resumes[v])
	k.seat([]seated{{c, p.Expert, k.decided(c, 0, overrides)}})
	k.visit.DepartedAt, k.visit.ArrivedAt = time.Time{}, time.Time{} // those were the other's
	if at := k.told(had, muster.VisitEnRoute); v != verbDepart && !at.IsZero() {
		k.visit.DepartedAt = later(at, k.firstPlanned(had.Visit, had.Expert, had.Start))
	}
	if at := k.told(had, muster.VisitArrived); began && !at.IsZero() {
		k.visit.ArrivedAt = later(at, k.visit.DepartedAt)
	}
	k.take(s)
	if chosen {
		k.call(muster.Errand{
			About: aboutBegan, Visit: k.visit.ID, Expert: had.Expert,
			Next: p.Expert.Name + " is at work and keeps the visit that had been withdrawn: make sure that nobody else goes",
			Note: fmt.Sprintf("%s began at %s, which is known since %s; %s",
				p.Expert.Name, k.visit.StartedAt.Format(time.RFC3339), k.now.Format(time.RFC3339), was),
		})
	}
	return nil
}

// fitsAgain finds the place that an expert's visit had. For one whose work has begun everything is set aside that may be at all:
// they are there.
func (k *desk) fitsAgain(p matcher.Person, had *muster.Assignment, began bool) (muster.Candidate, []muster.Override, error) {
	j := k.had(0)
	j.Since = k.firstPlanned(had.Visit, had.Expert, had.Start)
	allowed, wider := k.on.setAside(had.Decided)
	j.Allowed, j.Wider = allowed, j.Wider.And(wider)
	overrides := had.Decided.Overrides
	for {
		c, reasons := k.on.world(k.now).Check(j, p, had.Start)
		if len(reasons) == 0 {
			return c, overrides, nil
		}
		for _, r := range reasons {
			if !began || r.Class == muster.Never || r.Code == muster.HeldByOther || slices.Contains(j.Allowed, r.Code) {
				return c, nil, k.unfit(p.Expert, had.Start, reasons)
			}
			overrides = append(slices.Clip(overrides), muster.Override{Code: r.Code, Reason: r, Why: "they are at work there"})
			j.Allowed = append(slices.Clip(j.Allowed), r.Code)
		}
	}
}

// told is when an expert took a step of a visit of which they told after it had been withdrawn from them, not ahead of our
// clock; zero: they didn't.
func (k *desk) told(had *muster.Assignment, state muster.VisitState) (at time.Time) {
	for _, v := range k.visits() {
		if v.ID != had.Visit {
			continue
		}
		for _, r := range v.Reports {
			if r.Expert == had.Expert && r.State == state {
				at = r.Happened
				if r.Received.Before(at) {
					at = r.Received
				}
			}
		}
	}
	return at
}

// withdrawn says what became of a visit after it was withdrawn from an expert.
func (k *desk) withdrawn(had *muster.Assignment) string {
	text := fmt.Sprintf("it was withdrawn at %s: %s", had.EndedAt.Format(time.RFC3339), had.Reason)
	if others := k.others(had.Expert); others != "" {
		text += fmt.Sprintf("; %s has it, and is %s", others, k.visit.State)
	}
	return text
}

// others names who has the open visit besides an expert.
func (k *desk) others(e muster.ExpertID) string {
	var names []string
	for _, o := range k.given() {
		if o != e {
			names = append(names, k.named(o))
		}
	}
	return strings.Join(names, " with ")
}

// named is an expert's name, as far as they are loaded.
func (k *desk) named(e muster.ExpertID) string {
	if known, ok := k.loaded.Experts[e]; ok {
		return known.Name
	}
	return string(e)
}

// byPerson tells whether a person has chosen who comes, at an instant or later. Whoever was further than the other has
// the visit without anybody's choice.
func (k *desk) byPerson(from time.Time) bool {
	return slices.ContainsFunc(k.loaded.Assignments, func(a muster.Assignment) bool {
		return a.Visit == k.visit.ID && !a.At.Before(from) && a.Decided.By.Role != muster.RoleSystem && !further(&a)
	})
}

// further tells whether somebody has a visit by nobody's choice, because they were further than who had it before.
func further(a *muster.Assignment) bool {
	by := a.Decided.By
	return by.Role == muster.RoleExpert && by.Expert == a.Expert && a.Offer == ""
}
