package matcher

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// window asks whether arrival is within one of the customer's windows. Too early is waiting, unless a
// start was asked for.
func window(a *attempt) muster.Reason {
	if len(a.q.windows) == 0 && !a.q.lapsed {
		return muster.Reason{}
	}
	for _, w := range a.q.windows {
		if w.Contains(a.start) {
			return muster.Reason{}
		}
	}
	return a.because(muster.AfterWindow, func(r *muster.Reason) {
		w := a.q.nearestWindow(a.start)
		r.Have, r.Need = a.start, w
		arrive := a.q.moment(a.start, w.Start)
		if prev := a.previousStop(); prev != nil && !a.asked && !a.free.After(doneAt(prev)) && a.start.Equal(onGrid(a.ready)) {
			r.About = string(prev.Visit)
			arrive += ", after the visit of " + a.q.fromTo(taken(prev), a.start)
		}
		if a.start.Before(w.Start) {
			r.Text = fmt.Sprintf("Would arrive %s; the window opens %s.", arrive, a.q.moment(w.Start, w.Start))
			return
		}
		r.Unit = "min"
		r.Text = fmt.Sprintf("Would arrive %s; the window closes %s (%d min late).", arrive, a.q.moment(w.End, w.Start), muster.MinutesOf(a.start.Sub(w.End)))
	})
}

// nextWindow waits for the next window.
func nextWindow(a *attempt) time.Time {
	for _, w := range a.q.windows {
		if w.Contains(a.start) {
			return time.Time{}
		}
	}
	for _, w := range a.q.windows {
		if w.Start.After(a.start) {
			return w.Start
		}
	}
	return time.Time{}
}

// nearestWindow is the last that opened before an instant, else the first.
func (q *question) nearestWindow(at time.Time) muster.Window {
	ws := q.windows
	if len(ws) == 0 {
		ws = q.Ticket.Windows
	}
	best := ws[0]
	for _, w := range ws {
		if !w.Start.After(at) && (best.Start.After(at) || w.End.After(best.End)) {
			best = w
		}
	}
	return best
}

var windowLonger = &easing{
	code: muster.AfterWindow, class: muster.ByDispatcher, unit: "min", size: 1, shown: true, rule: "the customer's window ends so much later",
	make: func(x *affected, c *change) {
		t := x.ticket()
		t.Windows = slices.Clone(t.Windows)
		w := &t.Windows[c.which]
		w.End = w.End.Add(muster.Minutes(c.amount).Duration())
	},
	say: func(q *question, c *change) string {
		w := q.Ticket.Windows[c.which]
		return "the window to " + q.moment(w.End.Add(muster.Minutes(c.amount).Duration()), w.Start)
	},
}

var windowSooner = &easing{
	code: muster.AfterWindow, class: muster.ByDispatcher, unit: "min", size: 1, shown: true, rule: "the customer's window begins so much sooner",
	make: func(x *affected, c *change) {
		t := x.ticket()
		t.Windows = slices.Clone(t.Windows)
		w := &t.Windows[c.which]
		w.Start = w.Start.Add(-muster.Minutes(c.amount).Duration())
	},
	say: func(q *question, c *change) string {
		w := q.Ticket.Windows[c.which]
		return "the window from " + q.moment(w.Start.Add(-muster.Minutes(c.amount).Duration()), w.End)
	},
}

// easeWindow lets a window before the start end later, or one after it begin sooner.
func easeWindow(a *attempt, out []set) []set {
	for i, w := range a.q.Ticket.Windows {
		if w.Start.After(a.start) {
			out = append(out, only(change{easing: windowSooner, which: i, amount: steps(w.Start.Sub(a.start)), span: a.span()}))
			continue
		}
		late := steps(a.start.Sub(w.End) + 1) // it must end after the start
		out = append(out, only(change{easing: windowLonger, which: i, amount: late, span: a.span()}))
	}
	return out
}
