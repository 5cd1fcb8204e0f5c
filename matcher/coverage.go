package matcher

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// Coverage counts who is at work by hour of the week, for each skill and level and for each region. Experts are added one by
// one: it keeps counts alone.
type Coverage struct {
	now     time.Time
	skills  *muster.Skills
	all     tally
	bySkill map[muster.SkillID]*[topLevel]tally
	regions map[muster.RegionID]*tally
}

// tally counts people, and those at work in each hour of the week.
type tally struct {
	experts int
	hours   [muster.HoursOfWeek]int32
}

// week is who works in which hours of it.
type week [muster.HoursOfWeek]bool

func (t *tally) add(w *week) {
	t.experts++
	for h, works := range w {
		if works {
			t.hours[h]++
		}
	}
}

// NewCoverage begins a count for the skills of a tree and the regions that are known; more may come with experts.
func NewCoverage(tree *muster.Skills, skills []muster.Skill, regions []muster.RegionID, now time.Time) *Coverage {
	c := &Coverage{now: now, skills: tree, bySkill: map[muster.SkillID]*[topLevel]tally{}, regions: map[muster.RegionID]*tally{}}
	for _, s := range skills {
		if !s.Retired {
			c.bySkill[s.ID] = &[topLevel]tally{}
		}
	}
	for _, r := range regions {
		c.regions[r] = &tally{}
	}
	return c
}

// Add counts an expert, for the regions given. Who works here no longer doesn't count.
func (c *Coverage) Add(e *muster.Expert, regions []muster.RegionID) {
	if e.Removed {
		return
	}
	w := weekOf(e.Shifts)
	c.all.add(&w)
	for _, r := range regions {
		if c.regions[r] == nil {
			c.regions[r] = &tally{}
		}
		c.regions[r].add(&w)
	}
	for skill, best := range c.levels(e) {
		if counts := c.bySkill[skill]; counts != nil {
			for l := range min(best, topLevel) {
				counts[l].add(&w)
			}
		}
	}
}

// levels gives the best level at which an expert's skills count for each skill now, as the constraints skill, level and
// certificate see it.
func (c *Coverage) levels(e *muster.Expert) map[muster.SkillID]muster.Level {
	best := map[muster.SkillID]muster.Level{}
	for i := range e.Skills {
		k := &e.Skills[i]
		if !k.Expires.IsZero() && k.Expires.Before(c.now) {
			continue
		}
		own, _ := c.skills.Get(k.Skill)
		for s := own; s.ID != ""; {
			if !k.Expires.IsZero() || !own.Licensed && !s.Licensed {
				best[s.ID] = max(best[s.ID], k.Level)
			}
			above := s.Narrows
			s = muster.Skill{}
			if above != "" {
				s, _ = c.skills.Get(above)
			}
		}
	}
	return best
}

// weekOf lists the whole hours of weekly shifts. What runs past Sunday goes on on Monday.
func weekOf(shifts []muster.Hours) (w week) {
	const hour, day, length = 60, 24 * 60, 7 * 24 * 60
	var spans [][2]int
	for _, h := range shifts {
		start := (int(h.Weekday)+6)%7*day + int(h.From)
		end := start + int(h.To-h.From)
		spans = append(spans, [2]int{start, end}, [2]int{start - length, end - length})
	}
	slices.SortFunc(spans, func(a, b [2]int) int { return cmp.Compare(a[0], b[0]) })
	from, to := 0, 0
	mark := func() {
		for h := max(0, (from+hour-1)/hour); (h+1)*hour <= min(to, length); h++ {
			w[h] = true
		}
	}
	for _, s := range spans {
		if s[0] > to {
			mark()
			from, to = s[0], s[1]
			continue
		}
		to = max(to, s[1])
	}
	mark()
	return w
}

// Report tells where nobody is, or one person only.
func (c *Coverage) Report() muster.Coverage {
	out := muster.Coverage{
		At: c.now, Experts: c.all.experts, Skills: []muster.SkillCoverage{}, Regions: []muster.RegionCoverage{},
		Closed: spansOf(func(h int) bool { return c.all.hours[h] == 0 }),
	}
	for id, levels := range c.bySkill {
		for l := range levels {
			t := &levels[l]
			nobody, one := c.gaps(t)
			if len(nobody)+len(one) > 0 {
				out.Skills = append(out.Skills, muster.SkillCoverage{
					Skill: id, Name: c.skills.Name(id), Level: muster.Level(l + 1), Experts: t.experts, Nobody: nobody, One: one,
				})
			}
			if t.experts == 0 {
				break
			}
		}
	}
	for id, t := range c.regions {
		if nobody, one := c.gaps(t); len(nobody)+len(one) > 0 {
			out.Regions = append(out.Regions, muster.RegionCoverage{Region: id, Experts: t.experts, Nobody: nobody, One: one})
		}
	}
	slices.SortFunc(out.Skills, func(a, b muster.SkillCoverage) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.Skill), string(b.Skill)), cmp.Compare(a.Level, b.Level))
	})
	slices.SortFunc(out.Regions, func(a, b muster.RegionCoverage) int { return strings.Compare(string(a.Region), string(b.Region)) })
	return out
}

// gaps are the hours in which somebody works, but nobody of a tally, or one only.
func (c *Coverage) gaps(t *tally) (nobody, one []muster.HourSpan) {
	nobody = spansOf(func(h int) bool { return c.all.hours[h] > 0 && t.hours[h] == 0 })
	one = spansOf(func(h int) bool { return t.hours[h] == 1 })
	return nobody, one
}

// spansOf joins hours.
func spansOf(has func(hour int) bool) []muster.HourSpan {
	out := []muster.HourSpan{}
	for h := range muster.HoursOfWeek {
		switch n := len(out); {
		case !has(h):
		case n > 0 && out[n-1].To == h:
			out[n-1].To++
		default:
			out = append(out, muster.HourSpan{From: h, To: h + 1})
		}
	}
	return out
}
