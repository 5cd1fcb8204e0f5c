// Package check judges tours and plans without the matcher: it shares the words and the inputs with it, but
// no line of its tests of time. It walks through a tour minute by minute and asks of each minute
// whether the expert may be doing then what the plan says. So it is slow and plain, and a mistake in one
// of the two packages shows as a disagreement. Tests, simulations and fsck use it.
package check

import (
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// Breach is a rule that a tour breaks.
type Breach struct {
	Code  muster.ReasonCode
	Tour  muster.TourID
	Visit muster.VisitID // empty where it is about the tour as a whole
	Text  string
}

// Case is a tour with all that its rightness rests on.
type Case struct {
	World  *matcher.World
	Person matcher.Person // with all tours, for rest, day and week
	Tour   *muster.Tour
	Jobs   map[muster.VisitID]matcher.Job     // what is known of its visits; of others only the time is checked
	Wider  map[muster.VisitID]muster.Widening // limits of class policy that were set aside for a visit; where there is none, those of its job
	Fresh  map[muster.VisitID]bool            // decided now, so that now, the lead and ordered parts bind them
}

// walk is a case under way.
type walk struct {
	Case
	zone     *time.Location
	limits   muster.Capacity
	stops    []muster.Stop
	breaches []Breach
}

// Tour finds every rule that a tour breaks; nil: it is right.
func Tour(c Case) []Breach {
	w := &walk{Case: c, zone: muster.Location(c.Person.Expert.Base.Zone), limits: limits(c.World.Policy, c.Person.Expert)}
	w.stops = standing(c.Tour, c.World)
	if len(w.stops) == 0 {
		return nil
	}
	if !slices.IsSortedFunc(c.Tour.Stops, func(a, b muster.Stop) int { return a.Start.Compare(b.Start) }) {
		w.add(muster.NoOpening, "", "its stops are not in order of time")
	}
	most := w.limits.VisitsPerTour
	for _, s := range w.stops {
		most = max(most, w.limits.VisitsPerTour+w.wider(s.Visit).Visits)
	}
	if len(w.stops) > most && !w.anyAllows(muster.OverCapacity) {
		w.add(muster.OverCapacity, "", fmt.Sprintf("%d visits, at most %d", len(w.stops), most))
	}
	w.drive()
	for _, s := range w.stops {
		w.work(s)
		if job, ok := c.Jobs[s.Visit]; ok {
			w.expert(s, job)
			w.customer(s, job)
		}
	}
	w.apart()
	w.hours()
	return w.breaches
}

func (w *walk) add(code muster.ReasonCode, v muster.VisitID, text string) {
	w.breaches = append(w.breaches, Breach{code, w.Tour.ID, v, text})
}

// allows tells whether the visit's job has the constraint set aside.
func (w *walk) allows(v muster.VisitID, code muster.ReasonCode) bool {
	return code.Class() != muster.Never && slices.Contains(w.Jobs[v].Allowed, code)
}

// wider is how far the policy has set limits aside for a visit.
func (w *walk) wider(v muster.VisitID) muster.Widening {
	if by, told := w.Wider[v]; told {
		return by
	}
	return w.Jobs[v].Wider
}

func (w *walk) anyAllows(code muster.ReasonCode) bool {
	return slices.ContainsFunc(w.stops, func(s muster.Stop) bool { return w.allows(s.Visit, code) })
}

// standing gives the stops that count: not the openings whose hold is over.
func standing(t *muster.Tour, w *matcher.World) []muster.Stop {
	var out []muster.Stop
	for _, s := range t.Stops {
		if s.Assignment != "" || s.HeldUntil.IsZero() || w.Now.Before(s.HeldUntil) || w.Now.Before(w.Hold) && w.Broke.Before(s.HeldUntil) {
			out = append(out, s)
		}
	}
	return out
}

func limits(p *muster.Policy, e *muster.Expert) muster.Capacity {
	c := e.Capacity
	if c.VisitsPerTour == 0 {
		c.VisitsPerTour = p.Capacity.VisitsPerTour
	}
	if c.DayMinutes == 0 {
		c.DayMinutes = p.Capacity.DayMinutes
	}
	if c.WeekMinutes == 0 {
		c.WeekMinutes = p.Capacity.WeekMinutes
	}
	if c.RestMinutes == 0 {
		c.RestMinutes = p.Capacity.RestMinutes
	}
	if c.TravelKm == 0 {
		c.TravelKm = p.Capacity.TravelKm
	}
	if c.OvertimeMin == 0 {
		c.OvertimeMin = p.Capacity.OvertimeMin
	}
	return c
}

func ends(s muster.Stop) time.Time {
	if s.EndedAt.IsZero() {
		return s.End
	}
	return s.EndedAt
}
