package matcher

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// leave keeps work out of time off, and leaves time for the ways beside it. Who is back before the shift ends can go home
// then; who is not must be home before.
func leave(a *attempt) muster.Reason {
	if len(a.tour.away) == 0 {
		return muster.Reason{}
	}
	off, ok := a.meetsLeave()
	if !ok && a.tooSoon() && a.waitsOut(a.tour.away) {
		off, ok = hit(a.tour.away, muster.Window{Start: a.free, End: a.start})
	}
	if !ok && a.waitsOutOnward(a.tour.away) {
		off, ok = hit(a.tour.away, muster.Window{Start: a.end, End: a.nextStop().Start})
	}
	if !ok {
		return muster.Reason{}
	}
	return a.because(muster.OnLeave, func(r *muster.Reason) {
		r.Have, r.Need = off, a.span()
		r.Text = "On leave " + a.q.fromTo(off, a.q.Now) + "."
	})
}

// afterLeave waits for the end of the time off that the work or the way home would fall into.
func afterLeave(a *attempt) time.Time {
	if off, ok := a.meetsLeave(); ok {
		return off.End
	}
	return time.Time{}
}

// meetsLeave finds the time off that the work falls into, or the way home that can't wait for its end.
func (a *attempt) meetsLeave() (muster.Window, bool) {
	if off, ok := hit(a.tour.away, a.span()); ok || a.at < len(a.tour.stops) {
		return off, ok
	}
	for _, off := range a.tour.away {
		if off.End.After(a.tour.shift.End) && off.Overlaps(muster.Window{Start: a.end, End: a.home}) {
			return off, true
		}
	}
	return muster.Window{}, false
}

var backFromLeave = &easing{
	code: muster.OnLeave, class: muster.Never, size: 480, shown: true, rule: "the time off is moved",
	make: func(x *affected, c *change) {
		e := x.expert()
		e.Leave = slices.DeleteFunc(slices.Clone(e.Leave), func(l muster.Leave) bool { return l.Window.Equal(c.span) })
	},
	say: func(q *question, c *change) string { return "moves the leave of " + q.fromTo(c.span, q.Now) },
}

// leaves lists the time off that could be moved. What blocks the ways too changes more than one start: it is taken away
// before any is looked at.
func (sc *scene) leaves(m *member, out []change) []change {
	for i, l := range m.Expert.Leave {
		same := func(o muster.Leave) bool { return o.Window.Equal(l.Window) }
		if l.End.After(sc.Now) && l.Start.Before(sc.until.Add(margin)) && slices.IndexFunc(m.Expert.Leave, same) == i {
			out = append(out, change{easing: backFromLeave, who: m.Expert.ID, which: i, span: l.Window})
		}
	}
	return out
}
