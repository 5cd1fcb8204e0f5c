package dispatch

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// deadline is when an offer that is made now ends: after the policy's minutes, of which only those count in
// which the expert is on shift or on call, and not later than they must leave. Where there are fewer until then it is
// the end of these.
func (k *desk) deadline(c muster.Candidate, e *muster.Expert) time.Time {
	m := k.offerMinutes()
	left, at := m.Duration(), k.now
	for _, w := range Duty(e, k.now, c.Depart) {
		if w.Start.After(at) {
			at = w.Start
		}
		if work := w.End.Sub(at); work >= left {
			return earlier(at.Add(left), c.Depart, k.now)
		} else if work > 0 {
			left -= work
			at = w.End
		}
	}
	if at.After(k.now) {
		return earlier(at, c.Depart, k.now) // what is left of their time on duty is all that they have
	}
	return earlier(k.now.Add(m.Duration()), c.Depart, k.now)
}

// offerMinutes is how long those who are asked now have to answer.
func (k *desk) offerMinutes() muster.Minutes {
	if k.ticket.Urgent(k.now) {
		return k.on.policy.UrgentOffer
	}
	return k.on.policy.OfferMinutes
}

// answers tells whether an expert who is asked now has time on shift or on call to answer in, before an instant.
// Nobody is asked in their free time about what they would have to leave for in it.
func answers(e *muster.Expert, now, leave time.Time) bool {
	return isOnDuty(e, now) || len(Duty(e, now, leave)) > 0
}

// isOnDuty tells whether an expert is on shift or on call at an instant.
func isOnDuty(e *muster.Expert, at time.Time) bool {
	return len(Duty(e, at, at.Add(time.Microsecond))) > 0
}

// earlier is the first of two instants, unless that is over already.
func earlier(a, b, now time.Time) time.Time {
	if b.After(now) && b.Before(a) {
		return b
	}
	return a
}

// Duty lists the spans in which an expert works or is on call around two instants, by start, without leave.
func Duty(e *muster.Expert, from, to time.Time) []muster.Window {
	var out []muster.Window
	add := func(w muster.Window) {
		if w.End.After(from) && w.Start.Before(to) {
			out = append(out, w)
		}
	}
	zone := muster.Location(e.Base.Zone)
	local := from.In(zone)
	day := time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, zone).AddDate(0, 0, -2)
	for ; day.Before(to); day = day.AddDate(0, 0, 1) {
		for _, h := range e.Shifts {
			if h.Weekday == day.Weekday() {
				add(h.On(day))
			}
		}
	}
	for _, w := range slices.Concat(e.Extra, e.OnCall) {
		add(w)
	}
	for _, l := range e.Leave {
		out = without(out, l.Window)
	}
	slices.SortFunc(out, func(a, b muster.Window) int { return a.Start.Compare(b.Start) })
	return out
}

// without cuts a span out of others.
func without(spans []muster.Window, off muster.Window) []muster.Window {
	var out []muster.Window
	for _, w := range spans {
		if !w.Overlaps(off) {
			out = append(out, w)
			continue
		}
		if w.Start.Before(off.Start) {
			out = append(out, muster.Window{Start: w.Start, End: off.Start})
		}
		if off.End.Before(w.End) {
			out = append(out, muster.Window{Start: off.End, End: w.End})
		}
	}
	return out
}
