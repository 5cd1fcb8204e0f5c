package matcher

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// Insert puts a stop at a candidate's time into its tour and sets the way to it and the way onward. Openings
// whose hold is over, or was set aside, give way where they share its time; their offers are for the
// caller to end.
func Insert(t *muster.Tour, c muster.Candidate, s muster.Stop) {
	s.Start, s.End, s.Depart, s.Travel, s.Km = c.Start, c.End, c.Depart, c.Travel, c.Km
	span := muster.Window{Start: c.Start, End: c.End}
	stops := make([]muster.Stop, 0, len(t.Stops)+1)
	for _, o := range t.Stops {
		if o.Visit == s.Visit || o.Held() && span.Overlaps(muster.Window{Start: o.Start, End: o.End}) {
			continue
		}
		if !c.Onward.Start.IsZero() && o.Start.Equal(c.Onward.Start) {
			o.Depart, o.Travel, o.Km = c.Onward.Depart, c.Onward.Travel, c.Onward.Km
		}
		stops = append(stops, o)
	}
	t.Stops = slices.Insert(stops, position(stops, s.Start), s)
}

// Remove takes a visit's stop out of an expert's tour, and joins the way of those around it, which nobody drives in
// a break or on leave. It tells whether there was one. The other stops stay feasible if they were: the way past a place is
// never longer than the way over it. Leave that has come since may make them impossible, before as after.
func Remove(t *muster.Tour, v muster.VisitID, e *muster.Expert, travel Travel) (muster.Stop, bool) {
	at := slices.IndexFunc(t.Stops, func(s muster.Stop) bool { return s.Visit == v })
	if at < 0 {
		return muster.Stop{}, false
	}
	gone := t.Stops[at]
	t.Stops = slices.Delete(slices.Clone(t.Stops), at, at+1)
	if at == len(t.Stops) {
		return gone, true
	}
	from, free := e.Base, t.Start
	if at > 0 {
		from, free = t.Stops[at-1].Place, doneAt(&t.Stops[at-1])
		if end := t.Stops[at-1].End; free.After(end) {
			free = end // late in truth, not in the plan: who has to leave before is late, and the plan must say so
		}
	}
	next := &t.Stops[at]
	sc := scene{World: &World{Travel: travel}}
	blocked := slices.Clone(t.Breaks)
	for _, l := range e.Leave {
		blocked = append(blocked, l.Window)
	}
	way := sc.latest(from, next.Place, next.Start, free, merge(blocked))
	next.Depart, next.Travel, next.Km = way.Depart, way.Travel, way.Km
	return gone, true
}
