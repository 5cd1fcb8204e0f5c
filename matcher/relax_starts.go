package matcher

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// scan goes through all starts on the grid and adds up what each would need.
func (r *relaxing) scan(s subject, x set) {
	a := &r.a
	more := time.Duration(0)
	if r.rank == len(classes)-1 {
		more = longestOvertime
	}
	for _, t := range a.m.tours {
		if t.closed || !t.shift.Start.Before(a.q.until) {
			continue
		}
		for at := 0; at <= len(t.stops); at++ {
			if at < len(t.stops) && !a.q.earliest.Before(t.stops[at].Start) {
				continue // in the past
			}
			end := t.last.Add(more)
			if at < len(t.stops) {
				end = earlier(end, t.stops[at].Start)
			}
			end = end.Add(-a.q.length)
			a.enter(t, at)
			for start := onGrid(later(a.q.earliest, a.ready)); !start.After(end) && start.Before(a.q.until); start = start.Add(grid) {
				if r.near(start, &x) {
					a.put(start)
					r.needs(s, x)
				}
			}
		}
	}
}

// near tells whether a start isn't so far from the customer's windows that something smaller is known to do.
func (r *relaxing) near(start time.Time, x *set) bool {
	a := &r.a
	a.start, a.end = start.UTC(), start.UTC().Add(a.q.length)
	if window(a).Code == "" || a.q.allowed[muster.AfterWindow] {
		return true
	}
	r.any = easeWindow(a, r.any[:0])
	for i := range r.any {
		if y, ok := x.and(&r.any[i]); ok && y.rank() <= r.rank && !r.beaten(&y) {
			return true
		}
	}
	return false
}

// needs adds what the slot would need beside some changes that are made already.
func (r *relaxing) needs(s subject, x set) {
	a := &r.a
	sets, spare := append(r.sets[0][:0], x), r.sets[1][:0]
	for i := range constraints {
		c := &constraints[i]
		if !c.timed {
			continue
		}
		if reason := c.test(a); reason.Code == "" || a.q.allows(reason) {
			continue
		}
		if c.ease == nil {
			sets = sets[:0]
			break
		}
		if r.any = c.ease(a, r.any[:0]); a.tour.extra && (c.code == muster.Overtime || c.code == muster.OffShift) {
			r.any = r.any[:0] // nobody is asked for another shift and for overtime on it
		}
		spare = cross(sets, r.any, most, r.rank, spare[:0])
		if sets, spare = spare, sets; len(sets) == 0 {
			break
		}
	}
	for _, y := range sets {
		r.prove(s, y)
	}
	r.sets = [2][]set{sets, spare}
}

// Nobody is asked to work another shift at night.
const dayBegins, dayEnds = 6, 22

// scanShifts goes through all starts on the grid at which the expert has no shift, as if they had one just long enough.
func (r *relaxing) scanShifts(s subject, x set) {
	a := &r.a
	shift := change{easing: extraShift, who: s.m.Expert.ID}
	with := only(shift)
	y, ok := x.and(&with)
	if !ok || r.beaten(&y) {
		return
	}
	breaks := r.breaks(a.m)
	all := muster.Window{Start: a.q.earliest, End: a.q.until}
	for _, w := range append(slices.Clone(a.q.windows), all) { // within the customer's windows most likely nothing else is needed
		for start := onGrid(later(all.Start, w.Start)); start.Before(earlier(all.End, w.End)); start = start.Add(grid) {
			if !r.near(start, &y) {
				continue
			}
			t := r.shiftFor(a, start, breaks)
			if t == nil {
				continue
			}
			a.enter(t, 0)
			a.put(start)
			y.c[y.n-1].span = t.shift
			if r.needs(s, y); r.enough(&y) {
				return
			}
		}
	}
}

// shiftFor makes the shortest tour that holds one visit and its ways, nil if it would be at night or meet another.
func (r *relaxing) shiftFor(a *attempt, start time.Time, breaks []muster.Window) *tour {
	way := r.latest(a.m.Expert.Base, a.q.site, start, a.q.earliest, nil)
	end := start.Add(a.q.length)
	home, _ := r.Travel.Between(a.q.site, a.m.Expert.Base, end)
	span := muster.Window{Start: way.Depart.Truncate(grid).UTC(), End: onGrid(end.Add(home.Duration())).UTC()}
	if span.Start.Before(a.q.earliest) || !r.byDay(span, a.m.zone) {
		return nil
	}
	for _, t := range a.m.tours {
		if t.shift.Overlaps(span) {
			return nil
		}
	}
	t := &tour{shift: span, extra: true}
	for _, b := range breaks {
		if b.Overlaps(span) {
			t.breaks = append(t.breaks, b)
		}
	}
	r.prepare(a.m, t)
	return t
}

func (r *relaxing) byDay(w muster.Window, zone *time.Location) bool {
	from, to := w.Start.In(zone), w.End.In(zone)
	first, _ := calendar(from)
	last, _ := calendar(to)
	return first == last && from.Hour() >= dayBegins && to.Add(-1).Hour() < dayEnds
}
