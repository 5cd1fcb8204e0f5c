package matcher

import (
	"fmt"

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
