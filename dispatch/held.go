package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// holders loads the tickets for whose offers the experts of a request hold openings, if the request sets
// holds aside: their offers end in the same change.
func (d *Dispatch) holders(ctx context.Context, k *desk, req AssignRequest) error {
	if !slices.Contains(req.Overrides, muster.HeldByOther) {
		return nil
	}
	world := k.on.world(k.now)
	k.holders = make(map[muster.VisitID]*graph.TicketCase)
	for _, s := range k.sheets {
		if !slices.Contains(req.experts(), s.tour.Expert) {
			continue
		}
		for _, stop := range s.tour.Stops {
			if !stop.Held() || stop.Ticket == k.ticket.ID || world.Over(&stop) {
				continue
			}
			c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: stop.Ticket, Latest: lastVisits})
			if err != nil {
				return err
			}
			k.holders[stop.Visit] = &c
		}
	}
	return nil
}

// setAside withdraws the offers whose openings are in the way of a start, one after the other: their tickets
// are queued again, unless others have been asked too.
func (k *desk) setAside(w *matcher.World, j matcher.Job, p matcher.Person, start time.Time, req AssignRequest) {
	if !slices.Contains(j.Allowed, muster.HeldByOther) {
		return
	}
	j.Allowed = slices.DeleteFunc(slices.Clone(j.Allowed), func(c muster.ReasonCode) bool { return c == muster.HeldByOther })
	for range len(k.holders) {
		_, reasons := w.Check(j, p, start)
		at := slices.IndexFunc(reasons, func(r muster.Reason) bool { return r.Code == muster.HeldByOther })
		if at < 0 {
			return
		}
		visit := muster.VisitID(reasons[at].About)
		c, known := k.holders[visit]
		if !known {
			return
		}
		delete(k.holders, visit)
		other := k.desk(c)
		other.reason = "the opening went to " + k.ticket.Ref() + ": " + req.Why
		b := branch("")
		if i := slices.IndexFunc(other.offers, func(o *muster.Offer) bool { return o.Expert == p.Expert.ID }); i >= 0 && other.visit.Crew == 1 && len(other.offers) > 1 {
			other.answered(other.offers[i], muster.OfferWithdrawn, other.reason)
			b = placesAsked
		}
		if other.proceed(verbUnassign, b) != nil { // the offer has ended since: the commit will tell
			k.desks = k.desks[:len(k.desks)-1]
			return
		}
	}
}
