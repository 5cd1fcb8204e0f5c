package dispatch

import (
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// A sheet is one tour inside a draft.
type sheet struct {
	tour  muster.Tour
	base  int64 // revision that was loaded, 0 for a new tour
	was   []muster.Stop
	dirty bool
	by    *muster.Expert // whose it is, where the draft books on it
}

// lay puts a loaded tour into the draft; it keeps the one that is there.
func (d *draft) lay(t muster.Tour) *sheet {
	if s := d.sheet(t.ID); s != nil {
		return s
	}
	s := &sheet{tour: t, base: t.Rev, was: t.Stops}
	s.tour.Stops = slices.Clone(t.Stops)
	d.sheets = append(d.sheets, s)
	return s
}

func (d *draft) sheet(id muster.TourID) *sheet {
	for _, s := range d.sheets {
		if s.tour.ID == id {
			return s
		}
	}
	return nil
}

// book puts a stop on a candidate's tour, which comes into being with its first stop. The decision rests on
// the expert's revision, and on the customer's: whom they block, and when their site is open. Holds that are over
// make room.
func (k *desk) book(c muster.Candidate, e *muster.Expert, stop muster.Stop) {
	s := k.sheet(c.Tour)
	if s == nil {
		s = k.lay(tourOf(c, e))
	}
	s.dirty, s.by = true, e
	world := k.on.world(k.now)
	for _, o := range slices.Clone(s.tour.Stops) {
		if world.Over(&o) { // its offer is over, whether or not its timer has rung yet
			matcher.Remove(&s.tour, o.Visit, e, k.on.travel)
		}
	}
	c.Onward.Visit = s.visit(c.Onward.Visit)
	matcher.Insert(&s.tour, c, stop)
	k.rest(graph.At(string(e.ID), e.Rev))
	k.rest(graph.At(string(k.loaded.Customer.ID), k.loaded.Customer.Rev))
}

// restOnOthers adds guards on the tours beside a booked one that limits between tours rest on: at the revision
// that was loaded, or absent.
func (d *draft) restOnOthers(s *sheet) {
	p := matcher.Person{Expert: s.by}
	for _, o := range d.sheets {
		if o.tour.Expert == s.by.ID {
			p.Tours = append(p.Tours, &o.tour)
		}
	}
	for _, id := range d.on.world(d.now).Rests(p, s.tour.ID) {
		if o := d.sheet(id); o != nil && o.base > 0 {
			d.rest(graph.At(string(id), o.base))
		} else {
			d.rest(graph.Absent(string(id)))
		}
	}
}

// visit gives the id of the stop that a candidate's way leads on to. A plan's own stops have no visit yet, it
// names them by ticket and place; on the tour that ticket has its visit by now.
func (s *sheet) visit(planned muster.VisitID) muster.VisitID {
	if muster.KindOf(string(planned)) != muster.KindTicket {
		return planned
	}
	ticket, _, _ := strings.Cut(string(planned), "/")
	for _, stop := range s.tour.Stops {
		if stop.Ticket == muster.TicketID(ticket) && stop.EndedAt.IsZero() {
			return stop.Visit
		}
	}
	return planned
}

// clear takes a visit's stop off a tour. It may be gone already: a hold that is over makes room for others.
func (k *desk) clear(tour muster.TourID, visit muster.VisitID) {
	s := k.sheet(tour)
	if s == nil {
		return
	}
	e := k.loaded.Experts[s.tour.Expert]
	if _, there := matcher.Remove(&s.tour, visit, &e, k.on.travel); there {
		s.dirty = true
	}
}

// past marks a visit's stop as having taken place: it stays on the tour, for the day's history and limits. One
// that was over before its planned start keeps its place in the order, at no length.
func (k *desk) past(tour muster.TourID, visit muster.VisitID) {
	s := k.sheet(tour)
	if s == nil {
		return
	}
	for i := range s.tour.Stops {
		if p := &s.tour.Stops[i]; p.Visit == visit {
			s.dirty = true
			p.EndedAt = k.now
			if k.visit != nil && k.visit.ID == visit {
				p.EndedAt = k.visit.EndedAt
			}
			if p.EndedAt.Before(p.Start) {
				p.EndedAt = p.Start
			}
		}
	}
}
