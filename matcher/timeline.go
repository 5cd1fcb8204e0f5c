package matcher

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// merge sorts spans and joins those that touch or overlap, in place.
func merge(ws []muster.Window) []muster.Window {
	slices.SortFunc(ws, byStart)
	out := ws[:0]
	for _, w := range ws {
		if n := len(out); n > 0 && !w.Start.After(out[n-1].End) {
			if w.End.After(out[n-1].End) {
				out[n-1].End = w.End
			}
			continue
		}
		out = append(out, w)
	}
	return out
}

// forward gives the instant by which d has passed since t, the blocked spans (merged) left out.
func forward(t time.Time, d time.Duration, blocked []muster.Window) time.Time {
	if d <= 0 {
		return t
	}
	for _, b := range blocked {
		if !b.End.After(t) {
			continue
		}
		if free := b.Start.Sub(t); free > 0 {
			if free >= d {
				break
			}
			d -= free
		}
		t = b.End
	}
	return t.Add(d)
}

// backward gives the instant from which d passes until t, the blocked spans (merged) left out.
func backward(t time.Time, d time.Duration, blocked []muster.Window) time.Time {
	if d <= 0 {
		return t
	}
	for _, b := range slices.Backward(blocked) {
		if !b.Start.Before(t) {
			continue
		}
		if free := t.Sub(b.End); free > 0 {
			if free >= d {
				break
			}
			d -= free
		}
		t = b.Start
	}
	return t.Add(-d)
}

// between is the time from a to b, the blocked spans (merged) left out; negative if b is before a.
func between(a, b time.Time, blocked []muster.Window) time.Duration {
	d := b.Sub(a)
	for _, w := range blocked {
		from, to := later(w.Start, a), earlier(w.End, b)
		if to.After(from) {
			d -= to.Sub(from)
		}
	}
	return d
}

// hit finds the first span that overlaps w.
func hit(spans []muster.Window, w muster.Window) (muster.Window, bool) {
	for _, s := range spans {
		if s.Overlaps(w) {
			return s, true
		}
	}
	return muster.Window{}, false
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// latest finds when to leave at the latest to be there at start, not before free. The way may take longer
// at another hour, so the leaving time is moved ahead until the way that begins then is short enough.
func (sc *scene) latest(from, to muster.Place, start, free time.Time, blocked []muster.Window) muster.Leg {
	guess, km := sc.Travel.Between(from, to, start)
	for range 4 {
		depart := backward(start, guess.Duration(), blocked)
		if !depart.After(free) {
			break
		}
		m, _ := sc.Travel.Between(from, to, depart)
		if m <= guess {
			return muster.Leg{Depart: depart, Travel: m, Km: km}
		}
		guess = m
	}
	m, _ := sc.Travel.Between(from, to, free)
	return muster.Leg{Depart: free, Travel: m, Km: km}
}
