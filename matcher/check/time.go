package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// drive follows the ways: leaving each place as soon as the work there is done, the expert must be at the
// next in time, and home before the shift and the agreed overtime end.
func (w *walk) drive() {
	at, free := w.Person.Expert.Base, w.Tour.Start
	for _, s := range w.stops {
		leave := free
		if soon := w.World.Now.Add(w.World.Policy.Lead.Duration()); w.Fresh[s.Visit] && soon.After(leave) {
			leave = soon
		}
		if s.EndedAt.IsZero() {
			there := w.arrive(at, s.Place, leave)
			if s.Depart.After(leave) { // waiting can be faster: the way takes longer at another hour
				if waited := w.arrive(at, s.Place, s.Depart); waited.Before(there) {
					there = waited
				}
			}
			if there.After(s.Start) {
				w.add(muster.NoOpening, s.Visit, fmt.Sprintf("leaving at %s one is there at %s, the start is %s", clock(leave), clock(there), clock(s.Start)))
			}
			w.leg(s, at, leave)
		}
		at, free = s.Place, ends(s)
	}
	last := w.stops[len(w.stops)-1].Visit
	home := w.home(at, free)
	if end := w.Tour.End.Add((w.limits.OvertimeMin + w.wider(last).Overtime).Duration()); home.After(end) && !w.anyAllows(muster.Overtime) {
		w.add(muster.Overtime, last, fmt.Sprintf("home at %s, the shift and overtime end %s", clock(home), clock(end)))
	}
	for _, l := range w.Person.Expert.Leave {
		if l.End.After(w.Tour.End) && l.Start.Before(home) && l.End.After(free) { // else they go home after it
			w.add(muster.OnLeave, last, "the way home falls into leave")
		}
	}
}

// leg checks what the stop says about the way to it, if it says anything.
func (w *walk) leg(s muster.Stop, from muster.Place, free time.Time) {
	if s.Depart.IsZero() {
		return
	}
	m, _ := w.World.Travel.Between(from, s.Place, s.Depart)
	if s.Depart.Before(free) || m != s.Travel || w.arrive(from, s.Place, s.Depart).After(s.Start) {
		w.add(muster.NoOpening, s.Visit, fmt.Sprintf("planned to leave at %s for %d min on the road to start at %s; free at %s, it takes %d",
			clock(s.Depart), s.Travel, clock(s.Start), clock(free), m))
	}
}

// arrive drives minute by minute; nobody drives in a break or on leave, which end at any second.
func (w *walk) arrive(from, to muster.Place, leave time.Time) time.Time {
	m, _ := w.World.Travel.Between(from, to, leave)
	left, at := m.Duration(), leave
	for left > 0 {
		if back := w.back(at); back.After(at) {
			at = back
			continue
		}
		step := min(left, time.Minute)
		for _, p := range w.pauses() {
			if p.Start.After(at) {
				step = min(step, p.Start.Sub(at))
			}
		}
		left -= step
		at = at.Add(step)
	}
	return at
}

// back is when whoever pauses at an instant goes on, the zero time if they don't pause.
func (w *walk) back(at time.Time) time.Time {
	for _, p := range w.pauses() {
		if p.Contains(at) {
			return p.End
		}
	}
	return time.Time{}
}

// pauses are the tour's breaks and the expert's leave.
func (w *walk) pauses() []muster.Window {
	out := slices.Clone(w.Tour.Breaks)
	for _, l := range w.Person.Expert.Leave {
		out = append(out, l.Window)
	}
	return out
}

func (w *walk) paused(at time.Time) bool {
	for _, b := range w.Tour.Breaks {
		if b.Contains(at) {
			return true
		}
	}
	return false
}

func (w *walk) away(from, to time.Time) bool {
	for _, l := range w.Person.Expert.Leave {
		if l.Start.Before(to) && l.End.After(from) {
			return true
		}
	}
	return false
}

// work checks every minute at the stop: on shift or overtime, no break, no leave.
func (w *walk) work(s muster.Stop) {
	if !s.EndedAt.IsZero() {
		return // it took place
	}
	end := w.Tour.End.Add(w.limits.OvertimeMin.Duration())
	for at := s.Start; at.Before(s.End); at = at.Add(time.Minute) {
		switch {
		case w.paused(at):
			w.add(muster.BreakMissed, s.Visit, "work at "+clock(at)+", in a break")
			return
		case w.away(at, at.Add(time.Minute)):
			w.add(muster.OnLeave, s.Visit, "work at "+clock(at)+", on leave")
			return
		case at.Before(w.Tour.Start) || !at.Before(end) || at.Before(w.Tour.End) && !w.onDuty(at):
			w.add(muster.OffShift, s.Visit, "work at "+clock(at)+", outside the shift")
			return
		}
	}
}

// onDuty tells whether any weekly span, single shift or time on call covers an instant.
func (w *walk) onDuty(at time.Time) bool {
	e := w.Person.Expert
	if weekly(e.Shifts, at.In(w.zone)) {
		return true
	}
	for _, x := range e.Extra {
		if x.Contains(at) {
			return true
		}
	}
	for _, x := range e.OnCall {
		if x.Contains(at) {
			return true
		}
	}
	return false
}

// weekly tells whether an instant, in its own zone, is inside one of weekly spans, which may have begun up to
// two days before.
func weekly(hours []muster.Hours, local time.Time) bool {
	for back := range 3 {
		day := time.Date(local.Year(), local.Month(), local.Day()-back, 12, 0, 0, 0, local.Location())
		for _, h := range hours {
			if h.Weekday == day.Weekday() && h.On(day).Contains(local) {
				return true
			}
		}
	}
	return false
}

// apart checks that no two visits of the expert share time and that tours keep their rest.
func (w *walk) apart() {
	begins, home := w.span(w.Tour)
	for i, s := range w.stops {
		for _, o := range w.stops[i+1:] {
			if s.Start.Before(ends(o)) && o.Start.Before(ends(s)) {
				w.add(muster.Overlaps, o.Visit, "runs into "+string(s.Visit))
			}
		}
	}
	for _, t := range w.Person.Tours {
		if t == w.Tour || t.ID == w.Tour.ID || t.Removed || len(standing(t, w.World)) == 0 {
			continue
		}
		for _, s := range w.stops {
			for _, o := range standing(t, w.World) {
				if s.Start.Before(ends(o)) && o.Start.Before(ends(s)) {
					w.add(muster.Overlaps, s.Visit, "runs into "+string(o.Visit)+" of another tour")
				}
			}
		}
		b, h := w.span(t)
		gap := begins.Sub(h)
		if b.After(begins) {
			gap = b.Sub(home)
		}
		need := w.limits.RestMinutes.Duration()
		if date(w.Tour, w.zone) == date(t, w.zone) {
			need = 0
		}
		if gap < need {
			w.add(muster.RestTooShort, "", fmt.Sprintf("%s between it and %s, %s are due", gap, t.ID, need))
		}
	}
}

// hours adds up the day and the week.
func (w *walk) hours() {
	day, week := time.Duration(0), time.Duration(0)
	year, number := w.Tour.Start.In(w.zone).ISOWeek()
	seen := false
	for _, t := range w.Person.Tours {
		if t.Removed || len(standing(t, w.World)) == 0 {
			continue
		}
		if t.ID == w.Tour.ID {
			t, seen = w.Tour, true
		}
		b, h := w.span(t)
		if date(t, w.zone) == date(w.Tour, w.zone) {
			day += h.Sub(b)
		}
		if y, n := t.Start.In(w.zone).ISOWeek(); y == year && n == number {
			week += h.Sub(b)
		}
	}
	if !seen {
		b, h := w.span(w.Tour)
		day += h.Sub(b)
		week += h.Sub(b)
	}
	if day > w.limits.DayMinutes.Duration() {
		w.add(muster.DayTooLong, "", fmt.Sprintf("%s of work, at most %s", day, w.limits.DayMinutes.Duration()))
	}
	if week > w.limits.WeekMinutes.Duration() {
		w.add(muster.WeekTooLong, "", fmt.Sprintf("%s of work, at most %s", week, w.limits.WeekMinutes.Duration()))
	}
}

// span is from the latest minute at which one can leave for the first stop to the return.
func (w *walk) span(t *muster.Tour) (begins, home time.Time) {
	other := *w
	other.Tour = t
	stops := standing(t, w.World)
	first, last := stops[0], stops[len(stops)-1]
	begins = first.Start
	for begins.After(t.Start) && other.arrive(w.Person.Expert.Base, first.Place, begins).After(first.Start) {
		begins = begins.Add(-time.Minute)
	}
	if !last.EndedAt.IsZero() { // it took place, and so did the way home, whatever leave began meanwhile
		m, _ := w.World.Travel.Between(last.Place, w.Person.Expert.Base, last.EndedAt)
		return begins, last.EndedAt.Add(m.Duration())
	}
	return begins, other.home(last.Place, ends(last))
}

// home is when they are back at their base. Leave that goes on after the shift doesn't put that off: they must be home
// before it begins, and where it has begun since they drive all the same.
func (w *walk) home(from muster.Place, leave time.Time) time.Time {
	e := *w.Person.Expert
	e.Leave = nil
	for _, l := range w.Person.Expert.Leave {
		if !l.End.After(w.Tour.End) {
			e.Leave = append(e.Leave, l)
		}
	}
	back := *w
	back.Person.Expert = &e
	return back.arrive(from, e.Base, leave)
}

func date(t *muster.Tour, zone *time.Location) string { return t.Start.In(zone).Format(time.DateOnly) }

func clock(t time.Time) string { return t.UTC().Format("2 Jan 15:04") }
