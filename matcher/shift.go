package matcher

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// offShift asks whether a shift holds the way there and the work. Being home in time is for overtime to say.
func offShift(a *attempt) muster.Reason {
	t, over := a.tour, a.m.limits.OvertimeMin
	switch {
	case !a.start.Before(a.q.until):
		return a.because(muster.OffShift, func(r *muster.Reason) {
			r.Have, r.Need = a.start, a.q.until
			r.Text = fmt.Sprintf("Tours are planned until %s; this would be %s.", a.q.date(a.q.until), a.q.date(a.start))
		})
	case t.closed:
		return a.because(muster.OffShift, func(r *muster.Reason) {
			r.Have, r.Need = noValue, a.span()
			r.Text = fmt.Sprintf("No shift %s.", a.q.fromTo(a.span(), a.q.Now))
			if own := a.m.shiftsAround(a.span()); len(own) > 0 {
				r.Have = own
			}
		})
	case a.tooSoon() && a.at == 0 && !t.shift.Start.Before(a.q.earliest) && !a.waitsOut(t.blocked):
		return a.because(muster.OffShift, func(r *muster.Reason) {
			r.Have, r.Need = a.ready, a.start
			r.Text = fmt.Sprintf("Shift starts %s; would arrive %s.", a.q.moment(t.shift.Start, a.start), a.q.moment(a.ready, a.start))
		})
	case a.end.After(t.last):
		return a.because(muster.OffShift, func(r *muster.Reason) {
			r.Have, r.Need = a.end, t.shift.End
			r.Text = fmt.Sprintf("Shift ends %s; the work would end %s.", a.q.moment(t.shift.End, a.start), a.q.moment(a.end, a.start))
			if over > 0 {
				r.Need = t.last
				r.Text = fmt.Sprintf("Shift ends %s, with overtime %s; the work would end %s.", a.q.moment(t.shift.End, a.start),
					a.q.moment(t.last, a.start), a.q.moment(a.end, a.start))
			}
		})
	}
	return muster.Reason{}
}

// tooSoon tells whether the expert can't be there at the start.
func (a *attempt) tooSoon() bool { return a.ready.After(a.start) }

// waitsOut tells whether only spans on the way there make the expert late.
func (a *attempt) waitsOut(spans []muster.Window) bool {
	if a.free.Add(a.first.Duration()).After(a.start) {
		return false
	}
	_, met := hit(spans, muster.Window{Start: a.free, End: a.start})
	return met
}

// shiftsAround lists the shifts within a day of a span.
func (m *member) shiftsAround(w muster.Window) []muster.Window {
	near := muster.Window{Start: w.Start.AddDate(0, 0, -1), End: w.End.AddDate(0, 0, 1)}
	var out []muster.Window
	for _, t := range m.tours {
		if !t.closed && t.shift.Overlaps(near) {
			out = append(out, t.shift)
		}
	}
	return out
}

// longestOvertime is how much more than agreed is asked for at most. Beyond, it is another shift.
const longestOvertime = 4 * time.Hour

// extraShift is added where the expert has none: no longer than the ways and the work, so that it starts as late as can be.
var extraShift = &easing{
	code: muster.OffShift, class: muster.Never, size: 240, shown: true, rule: "the expert works another shift, by day, no longer than for this visit",
	make: func(x *affected, c *change) {
		e := x.expert()
		e.Extra = append(slices.Clone(e.Extra), c.span)
	},
	say: func(q *question, c *change) string { return "works " + q.fromTo(c.span, q.Now) },
}

// easeShift asks for as much overtime as the work and the way home need. Overtime that is agreed and a way home that is
// allowed to be later are two ways to the same, and not mixed.
func easeShift(a *attempt, out []set) []set {
	late := a.end.Sub(a.tour.last)
	switch {
	case a.tour.closed || late <= 0:
		return out
	case a.at == len(a.tour.stops):
		late = max(late, a.home.Sub(a.tour.last)-a.q.Wider.Overtime.Duration())
	}
	return a.agrees(steps(late), out)
}
