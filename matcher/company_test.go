package matcher_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/matcher"
)

// company is a made-up one, the same for the same seed: towns of very different size, 80 skills in 8 families,
// experts with shifts, breaks, leave, time on call and certificates, tickets with windows, parts and crews.
type company struct {
	world  *matcher.World
	people []matcher.Person
	jobs   []matcher.Job
}

type figures struct {
	seed             uint64
	experts, tickets int
	towns            int
	spreadKm         float64 // of a town
	needs            int     // of the skills that tickets ask for, out of 80
}

func found(t require.TestingT, f figures) *company {
	r := rand.New(rand.NewPCG(f.seed, 7))
	p := muster.DefaultPolicy()
	travel, err := geo.NewTravel(p.Travel, p.BufferMin)
	require.NoError(t, err)
	var parts []muster.Skill
	for i := range 8 {
		family := muster.SkillID(fmt.Sprintf("skl_family-%d", i))
		parts = append(parts, muster.Skill{ID: family, Name: string(family)})
		for k := range 9 {
			id := muster.SkillID(fmt.Sprintf("skl_%d-%d", i, k))
			parts = append(parts, muster.Skill{ID: id, Name: string(id), Narrows: family, Licensed: k == 8})
		}
	}
	skills := muster.NewSkills(1, parts)
	// A Friday at 11:00 in New York.
	c := &company{world: &matcher.World{Now: time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC), Policy: &p, Skills: &skills, Travel: travel}}

	centres := make([]muster.Point, f.towns)
	weights := make([]float64, f.towns)
	sum := 0.0
	for i := range centres {
		centres[i] = muster.Point{Lat: 30 + 16*r.Float64(), Lng: -120 + 45*r.Float64()}
		sum += 1 / float64(i+1)
		weights[i] = sum
	}
	place := func(precision muster.Precision) muster.Place {
		x, town := r.Float64()*sum, 0
		for weights[town] < x {
			town++
		}
		const degree = 111.195
		at := muster.Point{
			Lat: centres[town].Lat + r.NormFloat64()*f.spreadKm/degree,
			Lng: centres[town].Lng + r.NormFloat64()*f.spreadKm/degree/math.Cos(centres[town].Lat*math.Pi/180),
		}
		cell, err := geo.CellOf(at, geo.ResSite)
		require.NoError(t, err)
		zones := []string{"America/Los_Angeles", "America/Denver", "America/Chicago", "America/New_York"}
		return muster.Place{Point: at, Cell: cell, Precision: precision, Zone: zones[min(3, int((at.Lng+124)/13))]}
	}
	chance := func(p float64) bool { return r.Float64() < p }

	for i := range f.experts {
		e := &muster.Expert{
			ID: muster.ExpertID(fmt.Sprintf("exp_%05d", i)), Base: place(muster.PrecisionSet),
			Carries: []string{"multimeter"}, PaidWeeks: muster.Minutes(r.IntN(160 * 60)),
		}
		family := r.IntN(8)
		for k := range 3 + r.IntN(3) {
			s := parts[10*((family+k/4)%8)+1+(i+k*3)%9]
			know := muster.Competence{Skill: s.ID, Level: muster.Level(2 + r.IntN(4)), Visits: r.IntN(60)}
			know.Fixed = know.Visits * 4 / 5
			if s.Licensed {
				know.Expires = c.world.Now.AddDate(0, 0, r.IntN(60)-5)
			}
			e.Skills = append(e.Skills, know)
		}
		from := muster.Minutes(7+r.IntN(4)) * 60
		for d := time.Monday; d <= time.Friday; d++ {
			e.Shifts = append(e.Shifts, muster.Hours{Weekday: d, From: from, To: from + 8*60 + 30})
			e.Breaks = append(e.Breaks, muster.Hours{Weekday: d, From: from + 4*60, To: from + 4*60 + 30})
		}
		if chance(0.1) {
			start := c.world.Now.AddDate(0, 0, r.IntN(10))
			e.Leave = append(e.Leave, muster.Leave{Window: muster.Window{Start: start, End: start.AddDate(0, 0, 3)}})
		}
		if chance(0.1) {
			e.OnCall = append(e.OnCall, muster.Window{Start: c.world.Now.Add(5 * time.Hour), End: c.world.Now.Add(40 * time.Hour)})
		}
		if chance(0.05) {
			e.Territory = []muster.Cell{e.Base.Cell.Parent(5)}
		}
		c.people = append(c.people, matcher.Person{Expert: e})
	}
	for i := range f.tickets {
		id := fmt.Sprintf("%06d", r.IntN(1_000_000_000))
		customer := &muster.Customer{ID: muster.CustomerID("cus_" + id)}
		site := &muster.Site{ID: muster.SiteID("sit_" + id), Place: place(muster.PrecisionStreet)}
		skill := parts[(1+r.IntN(f.needs))%len(parts)]
		queued := c.world.Now.Add(-time.Duration(r.IntN(5*24*60)) * time.Minute)
		ticket := &muster.Ticket{
			ID: muster.TicketID(fmt.Sprintf("tic_%06d", i)), Mode: muster.ModeHomeVisit, Crew: 1,
			Needs: []muster.Need{{Skill: skill.ID, Level: muster.Level(1 + r.IntN(3))}}, Duration: muster.Minutes(30 + 15*r.IntN(7)),
			Priority:  []muster.Priority{muster.PriorityCritical, muster.PriorityHigh, muster.PriorityNormal, muster.PriorityNormal, muster.PriorityLow}[r.IntN(5)],
			CreatedAt: queued, QueuedAt: queued,
		}
		ticket.DueAt = queued.Add(p.Due[ticket.Priority].Duration())
		if chance(0.3) {
			day := time.Date(2026, 11, 23+r.IntN(5), 14+2*r.IntN(4), 0, 0, 0, time.UTC)
			ticket.Windows = append(ticket.Windows, muster.Window{Start: day, End: day.Add(2 * time.Hour)})
		}
		if chance(0.05) {
			ticket.Carry = []string{"multimeter"}
		}
		if chance(0.02) {
			ticket.Crew = 2
		}
		if chance(0.05) {
			e := c.people[r.IntN(len(c.people))].Expert
			customer.Blocked = append(customer.Blocked, muster.Block{Expert: e.ID})
		}
		if chance(0.05) {
			site.AccessHours = []muster.Hours{{Weekday: time.Monday, From: 9 * 60, To: 17 * 60}, {Weekday: time.Tuesday, From: 9 * 60, To: 17 * 60}}
		}
		c.jobs = append(c.jobs, matcher.Job{Ticket: ticket, Customer: customer, Site: site})
	}
	experts := make([]*muster.Expert, len(c.people))
	for i := range c.people {
		experts[i] = c.people[i].Expert
	}
	c.world.Peers = matcher.NewPeers(experts)
	return c
}

// whole is a company of the size of a big round: 5,000 experts and 10,000 queued tickets over a country.
func whole(t require.TestingT) *company {
	return found(t, figures{seed: 1, experts: 5000, tickets: 10000, towns: 300, spreadKm: 20, needs: 80})
}

// dense is the same in one great city, where all experts can reach most sites.
func dense(t require.TestingT) *company {
	return found(t, figures{seed: 2, experts: 5000, tickets: 10000, towns: 1, spreadKm: 12, needs: 80})
}

func BenchmarkBatch(b *testing.B) {
	for name, build := range map[string]func(require.TestingT) *company{"country": whole, "city": dense} {
		b.Run(name, func(b *testing.B) {
			c := build(b)
			for b.Loop() {
				plan := c.world.Batch(c.jobs, c.people)
				b.ReportMetric(float64(len(plan.Choices)), "chosen")
				b.ReportMetric(float64(len(plan.Left)), "left")
			}
		})
	}
}

func BenchmarkRank(b *testing.B) {
	c := found(b, figures{seed: 3, experts: 2000, tickets: 50, towns: 100, spreadKm: 20, needs: 80})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		c.world.Rank(c.jobs[i%len(c.jobs)], c.people)
		i++
	}
}

func BenchmarkCheck(b *testing.B) {
	c := found(b, figures{seed: 3, experts: 2000, tickets: 50, towns: 100, spreadKm: 20, needs: 80})
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		c.world.Check(c.jobs[i%len(c.jobs)], c.people[i%len(c.people)], time.Time{})
		i++
	}
}
