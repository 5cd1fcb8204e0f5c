package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// replacements is how many of those who can come are tried.
const replacements = 3

// Replace gives a visit to somebody else who can still arrive within the promised window, if its expert has neither left
// nor answered and no person looks after it. Replaced is false if nobody can: then it stays with them, and before a person.
func (d *Dispatch) Replace(ctx context.Context, cmd muster.Command, req VisitRequest) (a Answer, replaced bool, err error) {
	k, err := d.look(ctx, graph.CaseRef{Visit: req.Visit})
	if err != nil {
		return Answer{}, false, err
	}
	if k.visit == nil || k.visit.ID != req.Visit || k.replaceable() != nil {
		return Answer{}, false, nil
	}
	who, err := d.inTime(ctx, k)
	if err != nil {
		return Answer{}, false, err
	}
	for _, c := range who {
		one := cmd
		one.ID = muster.CommandID(fmt.Sprintf("%s/%s", cmd.ID, c.Expert))
		ref := graph.CaseRef{Visit: req.Visit, Experts: []muster.ExpertID{c.Expert}}
		a, err = d.onTicket(ctx, one, verbReplace, req, ref, func(k *desk) error { return sendOther(k, req, c) })
		if err == nil {
			return a, true, nil
		}
		if code := muster.CodeOf(err); code != muster.CodeUnfit && code != muster.CodeConflict && code != muster.CodeState {
			return Answer{}, false, err
		}
	}
	return Answer{}, false, nil
}

// inTime ranks who else can arrive within the promised window.
func (d *Dispatch) inTime(ctx context.Context, k *desk) ([]muster.Candidate, error) {
	reach, err := k.on.reach(k.ticket.Region, k.wider().TravelKm)
	if err != nil {
		return nil, err
	}
	near, err := d.store.Round(ctx, graph.RoundRef{Region: k.ticket.Region, Reach: reach.regions, Span: k.on.span(k.now)})
	if err != nil {
		return nil, err
	}
	everyone := newPeople()
	everyone.add(near)
	others := slices.DeleteFunc(everyone.near(reach), func(p matcher.Person) bool { return slices.Contains(k.theirs(), p.Expert.ID) })
	ranked := k.on.world(k.now).Rank(k.promised(), others).Candidates
	ranked = slices.DeleteFunc(ranked, func(c muster.Candidate) bool { return !k.visit.Window.Contains(c.Start) })
	return ranked[:min(len(ranked), replacements)], nil
}

// promised is the job of the open visit within the window that the customer was promised.
func (k *desk) promised() matcher.Job {
	j := k.job(0)
	t := k.ticket
	t.Windows = []muster.Window{k.visit.Window}
	j.Ticket = &t
	return j
}

func sendOther(k *desk, req VisitRequest, c muster.Candidate) error {
	if err := k.waitsToLeave(verbReplace, req.Visit); err != nil {
		return err
	}
	if err := k.replaceable(); err != nil {
		return err
	}
	p, err := k.person(c.Expert)
	if err != nil {
		return err
	}
	fits, _, err := k.fit(k.promised(), p, c.Start, AssignRequest{})
	if err != nil {
		return err
	}
	k.reason = "neither left by " + k.leaveBy().Format(time.RFC3339) + " nor answered"
	k.seat([]seated{{fits, p.Expert, k.decided(fits, 0, k.agreed())}})
	return k.proceed(verbReplace, "")
}
