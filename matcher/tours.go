package matcher

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// tour is one that exists or one that a shift allows, with only the stops that count.
type tour struct {
	shift   muster.Window
	last    time.Time    // its end with the overtime that the expert consented to
	latest  time.Time    // the same with all that escalation may add
	record  *muster.Tour // nil: it comes into being with its first visit
	closed  bool         // takes no new visit: no shift stands behind it any more
	none    bool         // stands for no tour at all, to say what else would be wrong
	extra   bool         // is none yet: another shift that the expert might work
	onCall  bool
	breaks  []muster.Window // merged
	away    []muster.Window // leave
	blocked []muster.Window // breaks and leave, merged
	pauses  []muster.Window // breaks, and leave that ends within the shift, merged: the way home waits for their end
	stops   []muster.Stop
	legs    []leg // the way to each stop, then the way home
	begins  time.Time
	home    time.Time // back at the base; leave until the shift's end doesn't put it off: who is away must be home before
	day     int       // of its start, local
	week    int       // from Monday
}

type leg struct {
	travel muster.Minutes
	km     float64
}

// toursOf lists an expert's tours: those that exist, and for each shift within the horizon that has none
// yet the one that may come to be. Leave doesn't remove a tour: being away is a reason, having no shift another.
func (sc *scene) toursOf(m *member) []*tour {
	shifts := sc.shiftsOf(m)
	var out []*tour
	for _, rec := range m.Tours {
		if rec == nil || rec.Removed {
			continue
		}
		t := &tour{
			shift: muster.Window{Start: rec.Start, End: rec.End}, record: rec, onCall: rec.OnCall,
			breaks: merge(slices.Clone(rec.Breaks)), closed: true, stops: sc.live(rec),
		}
		for i, s := range shifts {
			if s.Start.Equal(rec.Start) {
				t.closed = false
				if s.End.Before(t.shift.End) {
					t.shift.End = s.End
				}
				shifts = slices.Delete(shifts, i, i+1)
				break
			}
		}
		out = append(out, t)
	}
	breaks := sc.breaks(m)
	fresh := make([]tour, len(shifts))
	for i, s := range shifts {
		t := &fresh[i]
		t.shift, t.onCall = s.Window, s.onCall
		from := 0
		for from < len(breaks) && !breaks[from].End.After(s.Start) {
			from++
		}
		to := from
		for to < len(breaks) && breaks[to].Start.Before(s.End) {
			to++
		}
		if to > from {
			t.breaks = breaks[from:to:to]
		}
		out = append(out, t)
	}
	for _, t := range out {
		sc.prepare(m, t)
	}
	slices.SortFunc(out, func(a, b *tour) int { return byStart(a.shift, b.shift) })
	return out
}

// margin is how far beyond the horizon a tour counts as one that somebody may book on: their clock may be ahead.
const margin = 24 * time.Hour

// Bookable lists the tours of a person on which a visit may be booked now, or soon: those that exist and are not
// long over, and those that may come to be.
func (w *World) Bookable(p Person) []muster.TourID {
	sc := w.scene([]Person{p})
	sc.until = sc.until.Add(margin)
	m := sc.members[0]
	var out []muster.TourID
	for _, t := range sc.toursOf(m) {
		if t.last.After(sc.Now.Add(-margin)) {
			out = append(out, m.idOf(t))
		}
	}
	return out
}

// prepare works out what follows from a tour's shift, breaks and stops.
func (sc *scene) prepare(m *member, t *tour) {
	t.last = t.shift.End.Add(m.limits.OvertimeMin.Duration())
	t.latest = t.last.Add(sc.Policy.Widened(len(sc.Policy.Escalation)).Overtime.Duration())
	reach := muster.Window{Start: t.shift.Start, End: t.shift.End.Add(24 * time.Hour)} // overtime may be set aside
	t.away = nil
	for _, l := range m.Expert.Leave {
		if l.Overlaps(reach) {
			t.away = append(t.away, l.Window)
		}
	}
	t.blocked, t.pauses = t.breaks, t.breaks
	if len(t.away) > 0 {
		t.blocked = merge(append(slices.Clone(t.breaks), t.away...))
		back := slices.DeleteFunc(slices.Clone(t.away), func(off muster.Window) bool { return off.End.After(t.shift.End) })
		t.pauses = merge(append(back, t.breaks...))
	}
	t.day, t.week = calendar(t.shift.Start.In(m.zone))
	sc.measure(m, t)
}

// measure works out the ways between a tour's stops, when it begins and when the expert is home.
func (sc *scene) measure(m *member, t *tour) {
	t.legs = t.legs[:0]
	if len(t.stops) == 0 {
		return
	}
	from, free := m.Expert.Base, t.shift.Start
	for i := range t.stops {
		s := &t.stops[i]
		way := sc.latest(from, s.Place, s.Start, free, t.blocked)
		if i == 0 {
			t.begins = way.Depart
		}
		t.legs = append(t.legs, leg{way.Travel, way.Km})
		from, free = s.Place, doneAt(s)
	}
	way, km := sc.Travel.Between(from, m.Expert.Base, free)
	t.legs = append(t.legs, leg{way, km})
	t.home = forward(free, way.Duration(), t.pauses)
}

// doneAt is when the work at a stop ends: when it did, or as planned.
func doneAt(s *muster.Stop) time.Time {
	if !s.EndedAt.IsZero() {
		return s.EndedAt
	}
	return s.End
}

// live gives a tour's stops without openings whose hold is over. The others take the time that they are expected to take.
func (sc *scene) live(t *muster.Tour) []muster.Stop {
	out := slices.DeleteFunc(slices.Clone(t.Stops), func(s muster.Stop) bool { return sc.Over(&s) })
	asExpected(out, t.Start)
	return out
}

type shift struct {
	muster.Window
	onCall bool
}

// shiftsOf lists the spans within the horizon in which an expert works or is on call. Of two with the same
// start, which would be one tour, a shift counts before time on call, then the longer. A single shift or time
// on call longer than a day becomes one tour a day.
func (sc *scene) shiftsOf(m *member) []shift {
	var out []shift
	add := func(w muster.Window, onCall bool) {
		if !w.End.After(later(sc.Now, w.Start)) || !w.Start.Before(sc.until) {
			return
		}
		for i := range out {
			if out[i].Start.Equal(w.Start) {
				if out[i].onCall && !onCall || out[i].onCall == onCall && w.End.After(out[i].End) {
					out[i] = shift{w, onCall}
				}
				return
			}
		}
		out = append(out, shift{w, onCall})
	}
	for _, h := range m.Expert.Shifts {
		for _, w := range sc.weekly(m.zone, h) {
			add(w, false)
		}
	}
	around := muster.Window{Start: sc.Now, End: sc.until}
	for _, w := range m.Expert.Extra {
		eachDay(w, m.zone, around, func(w muster.Window) { add(w, false) })
	}
	for _, w := range m.Expert.OnCall {
		eachDay(w, m.zone, around, func(w muster.Window) { add(w, true) })
	}
	return out
}

// eachDay cuts a span that is longer than a day into one a day, each from the hour of its start, and hands over
// those around another span. The rest of a day stays with the last.
func eachDay(w muster.Window, zone *time.Location, around muster.Window, take func(muster.Window)) {
	const longest = 25 * time.Hour // the day on which the clocks go back
	if w.End.Sub(w.Start) <= longest {
		take(w)
		return
	}
	first := w.Start.In(zone)
	for k := max(0, int(around.Start.Sub(w.Start)/(24*time.Hour))-2); ; k++ {
		day := muster.Window{Start: first.AddDate(0, 0, k).UTC(), End: first.AddDate(0, 0, k+1).UTC()}
		switch {
		case !day.Start.Before(around.End) || !day.Start.Before(w.End):
			return
		case w.End.Sub(day.Start) <= longest:
			take(muster.Window{Start: day.Start, End: w.End})
			return
		}
		take(day)
	}
}

// breaks lists an expert's breaks within the horizon, merged.
func (sc *scene) breaks(m *member) []muster.Window {
	var out []muster.Window
	for _, h := range m.Expert.Breaks {
		for _, w := range sc.weekly(m.zone, h) {
			if w.End.After(w.Start) {
				out = append(out, w)
			}
		}
	}
	return merge(out)
}

// weekly lists the spans of weekly hours around the horizon. Many people share theirs, so it is worked out once.
func (sc *scene) weekly(zone *time.Location, h muster.Hours) []muster.Window {
	key := weekly{zone, h}
	spans, ok := sc.weeks[key]
	if !ok {
		first := midnight(sc.Now.In(zone)).AddDate(0, 0, -2) // a span may run into the second day after
		last := sc.until.In(zone).AddDate(0, 0, 2)
		for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
			if day.Weekday() == h.Weekday {
				spans = append(spans, h.On(day))
			}
		}
		sc.weeks[key] = spans
	}
	return spans
}

type weekly struct {
	zone *time.Location
	muster.Hours
}

func midnight(local time.Time) time.Time {
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, local.Location())
}

// calendar numbers the local day of an instant, and its week from Monday.
func calendar(local time.Time) (day, week int) {
	day = int(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
	return day, (day + 3) / 7 // day 0 was a Thursday
}
