package matcher

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// Predict works out when an expert will be at the stops of a tour, from what has happened by now: who set off, arrived
// and ended when. It gives the stops with Expected and Until where these differ from the plan; Start and End stay. The
// ways take as long as the matcher plans them, breaks are kept, nobody begins before the planned start, work takes as
// long as planned; what is over its end takes another overrun from now. Openings that are only held count for nothing.
// Base is where the expert starts.
func Predict(t *muster.Tour, base muster.Place, travel Travel, now time.Time, overrun time.Duration) []muster.Stop {
	stops := slices.Clone(t.Stops)
	order := make([]*muster.Stop, 0, len(stops))
	for i := range stops {
		stops[i].Expected, stops[i].Until = time.Time{}, time.Time{}
		if !stops[i].Held() {
			order = append(order, &stops[i])
		}
	}
	slices.SortStableFunc(order, func(a, b *muster.Stop) int { return ahead(a) - ahead(b) })
	breaks := merge(slices.Clone(t.Breaks))
	from, free := base, t.Start
	for _, s := range order {
		if !s.EndedAt.IsZero() {
			from, free = s.Place, later(free, s.EndedAt)
			continue
		}
		arrive := s.ArrivedAt
		if arrive.IsZero() {
			leave := s.LeftAt
			if leave.IsZero() {
				leave = later(free, now)
			}
			way, _ := travel.Between(from, s.Place, leave)
			arrive = forward(leave, way.Duration(), breaks)
			if !s.LeftAt.IsZero() {
				arrive = later(arrive, now)
			}
			if arrive.After(s.Start) {
				s.Expected = arrive
			}
		}
		begin := arrive
		if s.ArrivedAt.IsZero() {
			begin = later(arrive, s.Start)
		}
		end := forward(begin, s.End.Sub(s.Start), breaks)
		if !s.ArrivedAt.IsZero() && !end.After(now) {
			end = now.Add(overrun)
		}
		if end.After(s.End) {
			s.Until = end
		}
		from, free = s.Place, end
	}
	return stops
}

// ahead sorts stops by what has happened: those that ended, the one that the expert is at or on the way to, the rest;
// within these they stay in the order of the plan.
func ahead(s *muster.Stop) int {
	switch {
	case !s.EndedAt.IsZero():
		return 0
	case !s.LeftAt.IsZero() || !s.ArrivedAt.IsZero():
		return 1
	default:
		return 2
	}
}

// asExpected lets the stops of a tour that begins at a moment take the time that they are expected to take, for planning
// around them: one at which work will end later than planned lasts until then, and so does what comes after it at the
// least. Up to the one for which the expert has set off there is no gap any more, since nothing can come before it; whatever
// order they take their visits in, their plan keeps its own.
func asExpected(stops []muster.Stop, begins time.Time) {
	under := len(stops) - 1
	for under >= 0 && (stops[under].LeftAt.IsZero() || !stops[under].EndedAt.IsZero()) {
		under--
	}
	done := begins
	for i := range stops {
		s := &stops[i]
		if i <= under {
			s.Start = earlier(s.Start, later(done, stops[under].LeftAt))
		}
		if s.EndedAt.IsZero() {
			s.End = later(later(s.End, s.Until), done)
		} else {
			s.EndedAt = later(s.EndedAt, done)
		}
		done = doneAt(s)
	}
}
