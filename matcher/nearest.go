package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// miss is an attempt that failed, for telling why. The nearest miss is the one with the fewest reasons;
// of equal ones that with more reasons which somebody may set aside, then the one that lacks least time.
type miss struct {
	reasons []muster.Reason
	never   int
	lacks   int
}

func (a *attempt) miss() miss {
	m := miss{reasons: a.judge(true, nil)}
	for _, r := range m.reasons {
		if r.Class == muster.Never {
			m.never++
		}
		have, ok := r.Have.(int)
		need, ok2 := r.Need.(int)
		if r.Code == muster.NoOpening && ok && ok2 {
			m.lacks += need - have
		}
	}
	return m
}

func (m miss) nearer(o miss) bool {
	if len(o.reasons) == 0 {
		return true
	}
	if len(m.reasons) != len(o.reasons) {
		return len(m.reasons) < len(o.reasons)
	}
	if m.never != o.never {
		return m.never < o.never
	}
	return m.lacks < o.lacks
}

// nearest tells why an expert has no start at all: it goes through all openings of all tours that could
// matter, in each through the starts that soonest jumps to, and tells the reasons of the nearest miss.
func (a *attempt) nearest() []muster.Reason {
	q := a.q
	if !q.Start.IsZero() {
		return a.nearestAt(q.Start)
	}
	spans := q.windows
	if len(spans) == 0 || q.allowed[muster.AfterWindow] {
		spans = []muster.Window{{Start: q.earliest, End: q.until}}
	}
	var best miss
	for _, w := range spans {
		met := false
		for _, t := range a.m.tours {
			if t.closed || !t.last.After(later(w.Start, q.earliest)) || !t.shift.Start.Before(earlier(w.End, q.until)) {
				continue
			}
			met = true
			for at := range len(t.stops) + 1 {
				if at < len(t.stops) && !q.earliest.Before(t.stops[at].Start) {
					continue
				}
				if m := a.nearestIn(t, at, w.Start); len(m.reasons) > 0 && m.nearer(best) {
					best = m
				}
			}
		}
		if !met {
			if m := a.withoutTour(onGrid(later(w.Start, q.earliest))); m.nearer(best) {
				best = m
			}
		}
	}
	if len(best.reasons) == 0 { // nothing but full tours and the past
		best.reasons = []muster.Reason{a.because(muster.NoOpening, func(r *muster.Reason) {
			r.Have, r.Need, r.Unit = 0, int(q.Ticket.Duration), "min"
			r.Text = fmt.Sprintf("No opening until %s.", q.date(q.until))
		})}
	}
	return best.reasons
}

// nearestIn follows soonest's jumps at one position and keeps the nearest miss.
func (a *attempt) nearestIn(t *tour, at int, from time.Time) miss {
	a.enter(t, at)
	end := a.endOf(t, at)
	start := onGrid(later(from, a.free.Add(a.first.Duration()))) // as if the way were free: what blocks it is a reason
	var best miss
	for range 20 {
		a.put(start)
		if m := a.miss(); m.nearer(best) {
			best = m
		}
		next := a.waitFor()
		if !next.After(start) || next.After(end) {
			break
		}
		start = onGrid(next)
	}
	return best
}

// nearestAt tells why one exact start doesn't fit: the reasons of the tour that it fits best.
func (a *attempt) nearestAt(start time.Time) []muster.Reason {
	a.asked = true
	defer func() { a.asked = false }()
	var best miss
	for _, t := range a.m.tours {
		if a.around(t, start) {
			a.enter(t, t.position(start))
			a.put(start)
			if m := a.miss(); m.nearer(best) {
				best = m
			}
		}
	}
	if len(best.reasons) == 0 {
		best = a.withoutTour(start)
	}
	return best.reasons
}

// withoutTour tells what speaks against a start at which the expert has no tour, beside that.
func (a *attempt) withoutTour(start time.Time) miss {
	t := &tour{
		shift:  muster.Window{Start: start.AddDate(0, 0, -1), End: start.AddDate(0, 0, 1)},
		closed: true, none: true,
	}
	a.q.prepare(a.m, t)
	t.day, t.week = calendar(start.In(a.m.zone))
	a.enter(t, 0)
	if !a.asked {
		start = onGrid(later(start, a.ready))
	}
	a.put(start)
	return a.miss()
}
