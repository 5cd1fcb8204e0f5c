package dispatch

import (
	"maps"
	"slices"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// people are the experts of some regions with their tours, as a plan has made them so far.
type people struct {
	regions map[muster.RegionID][]*matcher.Person // by expert id
	experts map[muster.ExpertID]*matcher.Person
	tours   map[muster.TourID]muster.Tour // as they were loaded
}

func newPeople() *people {
	return &people{
		regions: make(map[muster.RegionID][]*matcher.Person),
		experts: make(map[muster.ExpertID]*matcher.Person),
		tours:   make(map[muster.TourID]muster.Tour),
	}
}

// add takes in what was loaded for a region.
func (p *people) add(r graph.Round) {
	for i := range r.Experts {
		e := &r.Experts[i]
		if p.experts[e.ID] != nil {
			continue
		}
		person := &matcher.Person{Expert: e}
		p.experts[e.ID] = person
		p.regions[e.Region] = append(p.regions[e.Region], person)
	}
	for i := range r.Tours {
		t := &r.Tours[i]
		if _, known := p.tours[t.ID]; known || p.experts[t.Expert] == nil {
			continue
		}
		p.tours[t.ID] = *t
		own := *t
		own.Stops = slices.Clone(t.Stops)
		p.experts[t.Expert].Tours = append(p.experts[t.Expert].Tours, &own)
	}
}

// keep leaves out those who don't pass.
func (p *people) keep(pass func(*muster.Expert) bool) {
	maps.DeleteFunc(p.experts, func(_ muster.ExpertID, m *matcher.Person) bool { return !pass(m.Expert) })
	for id, all := range p.regions {
		p.regions[id] = slices.DeleteFunc(all, func(m *matcher.Person) bool { return p.experts[m.Expert.ID] == nil })
	}
}

// near lists the people who may come into a region.
func (p *people) near(r reach) []matcher.Person {
	n := 0
	for _, id := range r.regions {
		n += len(p.regions[id])
	}
	out := make([]matcher.Person, 0, n)
	for _, id := range r.regions {
		for _, person := range p.regions[id] {
			if !r.far[id] || person.Expert.Capacity.TravelKm > r.usual {
				out = append(out, *person)
			}
		}
	}
	return out
}

// tour finds a candidate's tour among the plan's, or makes it.
func (p *people) tour(c muster.Candidate) *muster.Tour {
	person := p.experts[c.Expert]
	for _, t := range person.Tours {
		if t.ID == c.Tour {
			return t
		}
	}
	t := tourOf(c, person.Expert)
	person.Tours = append(person.Tours, &t)
	return &t
}

// tourOf is a candidate's tour before its first stop.
func tourOf(c muster.Candidate, e *muster.Expert) muster.Tour {
	return muster.Tour{
		ID: c.Tour, Expert: c.Expert, Region: e.Region, Start: c.Shift.Start, End: c.Shift.End,
		OnCall: c.OnCall, Breaks: c.Breaks,
	}
}
