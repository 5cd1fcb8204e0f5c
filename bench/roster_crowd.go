package bench

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
	"github.com/sysopssquad/muster/matcher/roster"
)

// crowd is who is searched in muster bench roster, and what is asked.
type crowd struct {
	tree    []muster.Skill
	horizon muster.Window
	entries []roster.Entry
	sites   []muster.Place
	level   [][]uint8 // by skill, then expert: the best level, by narrower skills too
	holders [][5]int  // by skill, then level
}

const (
	days      = 14
	trade     = 5         // every fifth skill is a broad one, the four after it narrow it
	rarest    = 0.005     // share of experts with the rarest narrow skill
	commonest = 0.40      // and with the commonest
	onShift   = 0.30      // share who are at work for all of a visit
	withRoom  = 0.70      // share of tours with room
	visit     = time.Hour // how long
	licence   = 0.2       // share of narrow skills that need a certificate
	away      = 1.0 / 30  // share of experts on leave for some days
	quarter   = 15 * time.Minute
)

// newCrowd puts experts at random ZIP codes. Each has narrow skills independently of each other, some of them for a limited time,
// and works one shift a day at any hour.
func newCrowd(folder string, experts, skills int, seed uint64) (*crowd, error) {
	r := rand.New(rand.NewPCG(seed, 5))
	c := &crowd{horizon: muster.Window{Start: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)}}
	c.horizon.End = c.horizon.Start.AddDate(0, 0, days)
	points, err := zipPlaces(filepath.Join(folder, "us_zips.csv.gz"))
	if err != nil {
		return nil, err
	}
	c.sites = points
	share := make([]float64, skills)
	for s := range skills {
		k := muster.Skill{ID: muster.SkillID(fmt.Sprintf("skl_%03d", s))}
		if s%trade != 0 {
			k.Narrows = c.tree[s-s%trade].ID
			k.Licensed = r.Float64() < licence
			share[s] = rarest * math.Pow(commonest/rarest, r.Float64())
		}
		c.tree = append(c.tree, k)
		c.level = append(c.level, make([]uint8, experts))
	}
	long := time.Duration(onShift*24*float64(time.Hour)) + visit
	for i := range experts {
		e := roster.Entry{ID: muster.ExpertID(fmt.Sprintf("exp_%08x", r.Uint32())), Base: points[r.IntN(len(points))]}
		for s, k := range c.tree {
			if r.Float64() >= share[s] {
				continue
			}
			h := muster.Competence{Skill: k.ID, Level: muster.Level(1 + r.IntN(5))}
			if k.Licensed {
				h.Expires = c.horizon.Start.AddDate(0, 0, r.IntN(2*365))
			}
			e.Skills = append(e.Skills, h)
			for _, n := range []int{s, s - s%trade} {
				c.level[n][i] = max(c.level[n][i], uint8(h.Level))
			}
		}
		first := c.horizon.Start.Add(time.Duration(r.IntN(24*4))*quarter).AddDate(0, 0, -1)
		for d := range days + 1 {
			from := first.AddDate(0, 0, d)
			room := 0
			if r.Float64() < withRoom {
				room = 1 + r.IntN(4)
			}
			e.Shifts = append(e.Shifts, roster.Shift{Window: muster.Window{Start: from, End: from.Add(long)}, Room: room})
		}
		if r.Float64() < away {
			from := c.horizon.Start.Add(time.Duration(r.IntN(24*days)) * time.Hour)
			e.Leave = append(e.Leave, muster.Window{Start: from, End: from.AddDate(0, 0, 1+r.IntN(7))})
		}
		c.entries = append(c.entries, e)
	}
	c.holders = make([][5]int, skills)
	for s, levels := range c.level {
		for _, have := range levels {
			for k := range have {
				c.holders[s][k]++
			}
		}
	}
	ids := map[muster.ExpertID]bool{}
	for i := range c.entries { // 32 random bits are the same sometimes
		for ids[c.entries[i].ID] {
			c.entries[i].ID += "x"
		}
		ids[c.entries[i].ID] = true
	}
	return c, nil
}

// band is how many experts have both skills that are asked for.
type band struct {
	name      string
	low, high float64
}

var bands = []band{{"10 %", 0.08, 0.12}, {"0.2-2 %", 0.002, 0.02}, {"0.01 %", 0.00005, 0.0002}}

// asks makes distinct queries of a band, in random order.
func (c *crowd) asks(b band, n int, r *rand.Rand) ([]ask, error) {
	const kinds = 500
	var pairs []ask
	for tries := 0; len(pairs) < min(kinds, n); tries++ {
		if tries == 200*kinds {
			return nil, fmt.Errorf("too few pairs of skills are held by %s", b.name)
		}
		a := ask{skill: [2]int{r.IntN(len(c.tree)), r.IntN(len(c.tree))}, least: [2]uint8{uint8(1 + r.IntN(5)), uint8(1 + r.IntN(5))}}
		if a.skill[0] == a.skill[1] || c.share(a.skill[0], a.least[0]) < b.low || c.share(a.skill[1], a.least[1]) < b.low {
			continue
		}
		if sample := min(len(c.entries), 4000); a.count(c, sample) > int(3*b.high*float64(sample))+10 {
			continue // far too many
		}
		a.holders = a.count(c, len(c.entries))
		if share := float64(a.holders) / float64(len(c.entries)); share >= b.low && share <= b.high {
			pairs = append(pairs, a)
		}
	}
	type key struct {
		skill [2]int
		least [2]uint8
		site  muster.Point
		at    time.Time
	}
	seen := map[key]bool{}
	var out []ask
	for len(out) < n {
		a := pairs[r.IntN(len(pairs))]
		at := c.horizon.Start.Add(time.Duration(r.IntN(24*4*days)) * quarter)
		a.Query = roster.Query{Site: c.sites[r.IntN(len(c.sites))], Work: muster.Window{Start: at, End: at.Add(visit)}}
		for i, s := range a.skill {
			a.Needs = append(a.Needs, muster.Need{Skill: c.tree[s].ID, Level: muster.Level(a.least[i])})
		}
		if k := (key{a.skill, a.least, a.Site.Point, at}); !seen[k] {
			seen[k] = true
			out = append(out, a)
		}
	}
	return out, nil
}

// share is how many of all experts have a skill.
func (c *crowd) share(skill int, least uint8) float64 {
	return float64(c.holders[skill][least-1]) / float64(len(c.entries))
}

// ask is a query with what the peers need of it.
type ask struct {
	roster.Query
	skill   [2]int
	least   [2]uint8
	holders int
}

func (a *ask) holds(c *crowd, i int) bool {
	return c.level[a.skill[0]][i] >= a.least[0] && c.level[a.skill[1]][i] >= a.least[1]
}

// count is how many of the first experts have both.
func (a *ask) count(c *crowd, first int) (n int) {
	for i := range first {
		if a.holds(c, i) {
			n++
		}
	}
	return n
}

// zipPlaces are all ZIP codes, Alaska and Hawaii too.
func zipPlaces(path string) (out []muster.Place, err error) {
	var wrong error
	err = eachZIP(path, func(_ string, p muster.Point) {
		cell, e := geo.CellOf(p, geo.ResSite)
		out, wrong = append(out, muster.Place{Point: p, Cell: cell, Precision: muster.PrecisionZIP}), cmp.Or(wrong, e)
	})
	return out, cmp.Or(err, wrong)
}
