package demo

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// world knows who could do what where, so that the company's tickets are such as it would take: nearly all
// of them have somebody. It is a rough answer; the exact one is the matcher's.
type world struct {
	now   time.Time
	staff []muster.Expert
	near  [][]int // by town, those whose travel limit reaches beyond its people; worked out when needed
	zones locations
}

func newWorld(o Options, staff []muster.Expert) *world {
	return &world{now: o.Now, staff: staff, near: make([][]int, len(towns())), zones: locations{}}
}

// reachable lists experts who visit a town.
func (w *world) reachable(t int) []int {
	if w.near[t] != nil {
		return w.near[t]
	}
	at := towns()[t].point
	out := []int{}
	for i := range w.staff {
		e := &w.staff[i]
		if d := e.Base.Point.Lat - at.Lat; d > 2 || d < -2 || e.Capacity.CarryInOnly || len(e.Territory) > 0 {
			continue
		}
		if geo.Km(e.Base.Point, at)*1.35+15 < e.Capacity.TravelKm {
			out = append(out, i)
		}
	}
	w.near[t] = out
	return out
}

// able lists those of a town's experts who have all that a job takes, licences for two weeks ahead included.
func (w *world) able(t int, j *job, brand string) []int {
	var out []int
	for _, i := range w.reachable(t) {
		e := &w.staff[i]
		ok := brand == "" || len(e.Brands) == 0 || slices.Contains(e.Brands, brand)
		for _, n := range j.needs {
			ok = ok && w.knows(e, n)
		}
		for _, c := range j.carry {
			ok = ok && slices.Contains(e.Carries, c)
		}
		if ok {
			out = append(out, i)
		}
	}
	return out
}

func (w *world) knows(e *muster.Expert, n muster.Need) bool {
	return slices.ContainsFunc(e.Skills, func(c muster.Competence) bool {
		return c.Level >= n.Level && tree().Satisfies(c.Skill, n.Skill) &&
			(c.Expires.IsZero() || c.Expires.After(w.now.AddDate(0, 0, 15)))
	})
}

// onShift tells whether an expert works through a span, with two hours before and after it for the road.
func (w *world) onShift(i int, span muster.Window) bool {
	e := &w.staff[i]
	zone, err := w.zones.of(e.Base.Zone)
	if err != nil {
		return false
	}
	for _, l := range e.Leave {
		if l.Overlaps(span) {
			return false
		}
	}
	day := span.Start.In(zone)
	for _, h := range e.Shifts {
		if h.Weekday != day.Weekday() {
			continue
		}
		on := h.On(time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, zone))
		if !span.Start.Before(on.Start.Add(2*time.Hour)) && !span.End.After(on.End.Add(-2*time.Hour)) {
			return true
		}
	}
	return false
}
