package dispatch

import (
	"context"
	"fmt"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// Depart says that the expert of a visit has left for it.
func (d *Dispatch) Depart(ctx context.Context, cmd muster.Command, req VisitRequest) (Answer, error) {
	return d.advance(ctx, cmd, verbDepart, req)
}

// advance takes a visit one step on its way.
func (d *Dispatch) advance(ctx context.Context, cmd muster.Command, v verb, req VisitRequest) (Answer, error) {
	ref := graph.CaseRef{Visit: req.Visit}
	if e := cmd.Actor.Expert; e != "" {
		ref.Experts = []muster.ExpertID{e} // it may have been taken from them while their phone was away
	}
	return d.onTicket(ctx, cmd, v, req, ref, func(k *desk) error {
		k.happened = muster.Instant(req.At)
		visit := k.meant(req.Visit, cmd.Actor.Expert)
		if had := k.lost(visit, cmd.Actor.Expert); had != nil {
			return d.resume(ctx, k, v, had, string(v))
		}
		if v == verbDepart && !k.happened.IsZero() {
			if there, had := k.wasAt(visit, cmd.Actor.Expert); there != nil {
				return k.leftBefore(there, had)
			}
		}
		if err := k.current(visit, v); err != nil {
			return err
		}
		if v == verbDepart && k.follows(cmd.Actor.Expert) {
			return d.follow(ctx, k)
		}
		if err := k.begin(v, k.theirs()...); err != nil {
			return err
		}
		if k.visit.State == muster.VisitAssigned {
			if err := d.nobodyElsewhere(ctx, k); err != nil {
				return err
			}
		}
		return k.proceed(v, "")
	})
}

// nobodyElsewhere refuses to set off for a visit while one of its experts is on the way to another or at it: that one
// must have ended, by them or by a dispatcher. It rests on their other visits as they are, so that two can't begin at
// once.
func (d *Dispatch) nobodyElsewhere(ctx context.Context, k *desk) error {
	for _, a := range k.crew {
		if err := d.notElsewhere(ctx, k, a.Expert); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dispatch) notElsewhere(ctx context.Context, k *desk, e muster.ExpertID) error {
	c, err := d.store.ExpertCase(ctx, "", e, k.now.Add(-around))
	if err != nil {
		return err
	}
	for _, t := range c.Tickets {
		if t.ID == k.ticket.ID || t.Visit == nil || !slices.Contains(t.Visit.Experts, e) {
			continue
		}
		switch t.Visit.State {
		case muster.VisitEnRoute, muster.VisitArrived, muster.VisitInProgress:
			return muster.E(muster.CodeState, fmt.Sprintf("%s has another visit that is %s: that of %s", c.Expert.Name, t.Visit.State, t.Ref()),
				"end the visit of "+t.Ref()+" first")
		}
		k.rest(graph.At(string(t.ID), t.Rev))
	}
	return nil
}

// current refuses a visit that isn't the ticket's open one.
func (k *desk) current(id muster.VisitID, v verb) error {
	if k.visit == nil || k.visit.ID != id {
		return wrongState(v, &k.ticket, muster.VisitEnded)
	}
	return nil
}
