package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// Assign gives a ticket's visit to an expert without asking, from the board. Open offers are withdrawn. A
// crew of two needs both experts. Every constraint is checked again; what a dispatcher sets aside is kept
// with the reason on the assignment. CodeUnfit comes with all reasons against.
func (d *Dispatch) Assign(ctx context.Context, cmd muster.Command, req AssignRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbAssign, req, req.ref(), func(k *desk) error {
		if err := d.holders(ctx, k, req); err != nil {
			return err
		}
		return assign(k, req)
	})
}

func assign(k *desk, req AssignRequest) error {
	if err := k.begin(verbAssign); err != nil {
		return err
	}
	s, err := next(verbAssign, "", &k.ticket, k.visit)
	if err != nil {
		return err
	}
	chosen, err := k.seats(req, req.Start)
	if err != nil {
		return err
	}
	k.reason = "assigned by " + k.cmd.Actor.Name
	k.seat(chosen)
	k.take(s)
	return nil
}

func (r AssignRequest) ref() graph.CaseRef {
	return graph.CaseRef{Ticket: r.Ticket, Experts: r.experts()}
}

func (r AssignRequest) experts() []muster.ExpertID {
	if r.Second == "" {
		return []muster.ExpertID{r.Expert}
	}
	return []muster.ExpertID{r.Expert, r.Second}
}

// seated is an expert who has been found to fit a place of the visit.
type seated struct {
	candidate muster.Candidate
	expert    *muster.Expert
	by        muster.Decided
}

// seats finds room for the experts of a request, one for each place of the visit, at one start; zero is the
// cheapest. Where the visit is already doesn't stand in its way.
func (k *desk) seats(req AssignRequest, start time.Time) ([]seated, error) {
	if err := overridesAllowed(k.cmd.Actor, req); err != nil {
		return nil, err
	}
	experts := req.experts()
	if n := k.ticket.Crew; len(experts) != n {
		hint := "leave it out, one expert does this visit"
		if n == 2 {
			hint = "name the second expert of the crew"
		}
		return nil, muster.Invalid("second", string(req.Second), hint)
	}
	crew := make([]matcher.Person, len(experts))
	for i, id := range experts {
		var err error
		if crew[i], err = k.person(id); err != nil {
			if unknown := (*muster.Error)(nil); i > 0 && errors.As(err, &unknown) {
				unknown.Field = "second"
			}
			return nil, err
		}
	}
	if len(crew) > 1 && start.IsZero() {
		if common := k.on.world(k.now).Crew(k.job(0), crew); len(common) > 0 {
			start = common[0].Start
		}
	}
	chosen := make([]seated, 0, len(crew))
	for place, p := range crew {
		j := k.job(place)
		if place > 0 {
			j.Crew, j.Start = experts[:place], start
		}
		c, overrides, err := k.fit(j, p, start, req)
		if err != nil {
			return nil, err
		}
		start = c.Start
		chosen = append(chosen, seated{c, p.Expert, k.decided(c, 0, overrides)})
	}
	return chosen, nil
}

// seat gives the visit to those who were found to fit, in place of whoever has it or was asked. The visit is
// made if there is none, or moved to their start.
func (k *desk) seat(chosen []seated) {
	for len(k.offers) > 0 {
		k.answered(k.offers[0], muster.OfferWithdrawn, k.reason)
	}
	for len(k.crew) > 0 {
		k.relieve(k.crew[0], muster.AssignmentWithdrawn)
	}
	k.at(chosen[0].candidate)
	for place, s := range chosen {
		k.give(s.candidate, s.expert, place, nil, s.by)
	}
}

// at makes the visit at a candidate's time, or moves it there. A promise that still holds stays.
func (k *desk) at(c muster.Candidate) {
	if k.visit == nil {
		k.open(c)
		return
	}
	v := k.visit
	v.Start, v.End = c.Start, c.End
	if !v.Window.Contains(c.Start) {
		v.Window = k.promise(c.Start)
	}
	k.touch(v)
}
