package demo

import (
	"fmt"
	"math"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// uniformSkills are those of a uniform company: one of each family.
var uniformSkills = []string{
	"washing-machine", "refrigerator", "window-unit", "large-television", "laptop", "network", "door-entry", "generator",
}

// Uniform makes a company of one plain shape, for measurements: experts who work from 8 to 18 every day within
// 80 km and have three skills of eight at level 3, tickets that need one of these at level 2 for an hour at any
// time. Both lie where people live. It has no users.
func Uniform(o Options) (*Company, error) {
	if o.Now.IsZero() {
		return nil, muster.Invalid("now", "", "give the moment around which the company is made")
	}
	o = o.filled()
	c := &Company{Seed: o.Seed, Skills: skillParts(), Policy: policy()}
	draw := byWeight(towns(), func(t town) float64 { return math.Pow(float64(t.people), 0.75) })
	names := newNames()
	for n := range o.Experts {
		r := o.dice("uniform expert", n)
		at := &towns()[draw(r)]
		e := muster.Expert{
			ID:       muster.ExpertID(muster.NewID(muster.KindExpert, muster.CommandID(fmt.Sprintf("uniform/%d/expert", o.Seed)), n)),
			Name:     names.next(r),
			Base:     at.place(at.somewhere(r, 0.8), muster.PrecisionStreet),
			City:     at.name + ", " + at.state,
			Capacity: muster.Capacity{VisitsPerTour: 8, DayMinutes: 11 * 60, WeekMinutes: 80 * 60, TravelKm: 80},
		}
		var err error
		if e.Region, err = geo.RegionOf(e.Base.Point); err != nil {
			return nil, err
		}
		for d := time.Sunday; d <= time.Saturday; d++ {
			e.Shifts = append(e.Shifts, muster.Hours{Weekday: d, From: 8 * 60, To: 18 * 60})
		}
		for _, k := range r.Perm(len(uniformSkills))[:3] {
			e.Skills = append(e.Skills, muster.Competence{Skill: skillID(uniformSkills[k]), Level: 3})
		}
		c.Experts = append(c.Experts, e)
	}
	w := &world{now: o.Now}
	w.near = make([][]int, len(towns()))
	for n := range max(o.Tickets, 0) {
		r := o.dice("uniform ticket", n)
		h := w.household(o, r, n, draw(r), names)
		j := job{
			category: "Device", title: "Doesn't work", text: "It worked yesterday.", mode: muster.ModeHomeVisit, minutes: 60, crew: 1,
			needs: needs(pick(r, uniformSkills), 2),
		}
		in := h.intake(o, n, &j)
		in.At = muster.Instant(o.Now.Add(-time.Duration(between(r, 1, 24*60)) * time.Minute))
		c.Tickets = append(c.Tickets, in)
	}
	return c, nil
}
