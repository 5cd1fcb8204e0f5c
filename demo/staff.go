package demo

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// post is a job at the company: a town and a trade.
type post struct {
	town  *town
	trade *trade
	core  bool // one of the two that every town has
}

// hire fills all posts: the two technicians of every town, then specialists where people live. A company too
// small for that has people in the largest towns only.
func hire(o Options) ([]muster.Expert, error) {
	ts := towns()
	var posts []post
	core := min(len(ts), (o.Experts*9/10)/2)
	for i := range core {
		posts = append(posts, post{&ts[i], &homeTechnician, true}, post{&ts[i], &electronicsTechnician, true})
	}
	r := o.dice("posts", 0)
	draw := byWeight(ts[:max(core, 1)], func(t town) float64 { return math.Pow(float64(t.people), 0.75) })
	trades := byWeight(specialists, func(t trade) float64 { return t.share })
	for len(posts) < o.Experts {
		posts = append(posts, post{town: &ts[draw(r)], trade: &specialists[trades(r)]})
	}
	zones := locations{}
	names := newNames()
	out := make([]muster.Expert, len(posts))
	for i, p := range posts {
		r := o.dice("expert", i)
		e, err := employ(r, o, i, p, zones)
		if err != nil {
			return nil, err
		}
		e.Name = names.next(r)
		if p.core && p.trade == &homeTechnician && p.town.name == liftTown {
			e.Skills = append(e.Skills, muster.Competence{
				Skill: skillID("stair-lift"), Level: 3, Evidence: "lift licence 20417",
				Expires: muster.Instant(o.Now.Truncate(24*time.Hour).AddDate(0, 0, -12)),
			})
		}
		out[i] = e
	}
	return out, nil
}

// byWeight draws indexes of a list with probability by weight.
func byWeight[T any](list []T, weight func(T) float64) func(*rand.Rand) int {
	sums := make([]float64, len(list))
	sum := 0.0
	for i, x := range list {
		sum += weight(x)
		sums[i] = sum
	}
	return func(r *rand.Rand) int {
		at := r.Float64() * sum
		lo, hi := 0, len(sums)-1
		for lo < hi {
			if mid := (lo + hi) / 2; sums[mid] > at {
				hi = mid
			} else {
				lo = mid + 1
			}
		}
		return lo
	}
}

// employ makes one expert, but for the name.
func employ(r *rand.Rand, o Options, n int, p post, zones locations) (muster.Expert, error) {
	zone, err := zones.of(p.town.zone)
	if err != nil {
		return muster.Expert{}, err
	}
	e := muster.Expert{
		ID:   muster.ExpertID(muster.NewID(muster.KindExpert, muster.CommandID(fmt.Sprintf("demo/%d/expert", o.Seed)), n)),
		Base: p.town.place(p.town.somewhere(r, 0.8), muster.PrecisionStreet),
		City: p.town.name + ", " + p.town.state,
	}
	if e.Region, err = geo.RegionOf(e.Base.Point); err != nil {
		return e, err
	}
	e.Skills = learned(r, o.Now, p)
	e.Languages = languages(r)
	for _, part := range p.trade.carries {
		if p.core || odds(r, 0.7) {
			e.Carries = append(e.Carries, part)
		}
	}
	e.Capacity = capacity(r, p)
	roster(r, o.Now, zone, p, &e)
	if !p.core && odds(r, 0.08) {
		if cell, err := geo.CellOf(e.Base.Point, 4); err == nil { // 1,770 km2: some 60 km around
			e.Territory, _ = geo.Disk(cell, 1)
		}
	}
	if !p.core && odds(r, 0.06) {
		e.Brands = makes[r.IntN(3) : 3+r.IntN(4)]
	}
	return e, nil
}

// learned gives an expert's skills. Licences run out: one in twenty has, one in thirty will soon.
func learned(r *rand.Rand, now time.Time, p post) []muster.Competence {
	senior := 0
	if odds(r, 0.12) {
		senior = 1
	}
	var out []muster.Competence
	for _, c := range p.trade.crafts() {
		if !odds(r, c.odds) {
			continue
		}
		level := between(r, c.lo, c.hi)
		level = max(level, min(c.hi, level+senior))
		k := muster.Competence{Skill: c.skill, Level: muster.Level(level)}
		k.Visits = level * level * between(r, 2, 20)
		k.Fixed = int(float64(k.Visits) * min(0.97, 0.52+0.08*float64(level)+0.1*r.Float64()))
		if s, _ := tree().Get(c.skill); s.Licensed {
			k.Evidence = fmt.Sprintf("licence %05d", between(r, 10000, 99999))
			days := between(r, 40, 1000)
			switch x := r.Float64(); {
			case x < 0.05:
				days = -between(r, 5, 200)
			case x < 0.083:
				days = between(r, 2, 12)
			}
			k.Expires = muster.Instant(now.Truncate(24*time.Hour).AddDate(0, 0, days))
		} else {
			k.Evidence = pick(r, evidence)
		}
		out = append(out, k)
	}
	if len(out) == 0 {
		c := p.trade.crafts()[0]
		out = append(out, muster.Competence{Skill: c.skill, Level: muster.Level(c.lo), Evidence: evidence[0]})
	}
	return out
}

// capacity gives an expert's limits: those far from cities drive farther and longer.
func capacity(r *rand.Rand, p post) muster.Capacity {
	c := muster.Capacity{VisitsPerTour: between(r, 4, 8), OvertimeMin: muster.Minutes(30 * r.IntN(3))}
	switch {
	case p.core && p.town.people < 300_000:
		c.TravelKm, c.DayMinutes, c.VisitsPerTour = widest, 12*60, 6
	case p.core:
		c.TravelKm, c.DayMinutes = 150, 11*60
	case p.town.people < 100_000:
		c.TravelKm = float64(between(r, 9, 14) * 10)
	default:
		c.TravelKm = float64(between(r, 4, 8) * 10)
	}
	if p.trade.workshop && odds(r, 0.8) {
		c.CarryInOnly = true
	}
	c.Relocates = !p.core && odds(r, 0.05)
	return c
}

// languages that an expert speaks, BCP 47; Spanish is the second one where there is one.
func languages(r *rand.Rand) []string {
	out := []string{"en"}
	if odds(r, 0.28) {
		out = append(out, "es")
	}
	if odds(r, 0.12) {
		out = append(out, pick(r, []string{"zh", "vi", "tl", "fr", "ar", "ko", "pt", "ru", "hi", "pl", "so", "hmn"}))
	}
	return out
}

var evidence = []string{
	"trained by the maker", "technical college", "apprenticeship", "nine years at work", "five years at work",
	"in-house course", "certified technician", "trained on the job",
}

// makes are invented, like everything here.
var makes = []string{"Altura", "Brix", "Corvane", "Dunmore", "Eskil", "Farrow", "Halden", "Kestrel", "Lumo", "Norvik", "Orlen", "Tavish"}
