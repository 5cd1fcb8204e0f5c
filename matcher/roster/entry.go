package roster

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// Entry is what the roster keeps of an expert.
type Entry struct {
	ID     muster.ExpertID
	Base   muster.Place // its Cell, if given, is of geo.ResSite
	Skills []muster.Competence
	Shifts []Shift         // within the horizon
	Leave  []muster.Window // work that meets one is out
}

// Shift is time at work with the number of visits that its tour still takes.
type Shift struct {
	muster.Window
	Room int
}

func (e *Entry) check() error {
	if e.ID == "" {
		return muster.Invalid("id", "", "every expert has an id")
	}
	if err := geo.CheckPoint(e.Base.Point); err != nil {
		return fmt.Errorf("%s: %w", e.ID, err)
	}
	for i, c := range e.Skills {
		if err := c.Level.Check("skills[" + strconv.Itoa(i) + "].level"); err != nil {
			return fmt.Errorf("%s: %w", e.ID, err)
		}
	}
	return nil
}

// row is an entry as it is kept: times in seconds from the beginning of the horizon, skills by number. It never changes.
type row struct {
	id    muster.ExpertID
	point muster.Point
	cell  muster.Cell
	held  []held
	times []span // shifts, then leave
	works int    // how many are shifts
}

func (r *row) shifts() []span { return r.times[:r.works] }
func (r *row) leave() []span  { return r.times[r.works:] }

type held struct {
	until   int32 // the last second at which work under it may end
	skill   int16
	level   int8
	undated bool // it has no expiry; for a need that is licensed it doesn't count then
}

type span struct{ start, end, room int32 }

const forever = math.MaxInt32

// terms are what numbers of skills and days mean.
type terms struct {
	tree     muster.Skills
	numbers  map[muster.SkillID]int16
	ids      []muster.SkillID
	licensed []bool
	up       [][]int16 // itself and the skills that it narrows
	from     time.Time // the horizon, from midnight UTC
	until    int32
	days     int
}

const (
	minute   = 60 // seconds
	hour     = 60 * minute
	day      = 24 * hour
	mostDays = 32
	most     = 1 << 14 // skills
)

func newTerms(skills []muster.Skill, horizon muster.Window) (*terms, error) {
	from, until := horizon.Start.UTC().Truncate(24*time.Hour), horizon.End
	if !horizon.Start.Before(until) || until.Sub(from) > mostDays*24*time.Hour {
		return nil, muster.Invalid("horizon", fmt.Sprint(horizon), fmt.Sprintf("a span of up to %d days", mostDays-1))
	}
	t := &terms{
		tree: muster.NewSkills(0, skills), numbers: make(map[muster.SkillID]int16, len(skills)),
		from: from,
	}
	t.until = t.ceil(until)
	t.days = int((t.until + day - 1) / day)
	for i := range skills {
		if _, err := t.numberOf(skills[i].ID); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// numberOf gives the number of a skill, a new one if it has none yet. Not for terms that a snapshot has.
func (t *terms) numberOf(id muster.SkillID) (int16, error) {
	if n, ok := t.numbers[id]; ok {
		return n, nil
	}
	if len(t.ids) == most {
		return 0, muster.Invalid("skill", string(id), fmt.Sprintf("at most %d skills", most))
	}
	n := int16(len(t.ids))
	t.numbers[id] = n
	t.ids = append(t.ids, id)
	k, _ := t.tree.Get(id)
	t.licensed = append(t.licensed, k.Licensed)
	t.up = append(t.up, nil)
	up := []int16{n}
	for next := k.Narrows; next != "" && len(up) < 32; {
		m, err := t.numberOf(next)
		if err != nil {
			return 0, err
		}
		up = append(up, m)
		broader, _ := t.tree.Get(next)
		next = broader.Narrows
	}
	t.up[n] = up
	return n, nil
}

// grown is a copy that has room for skills that it doesn't know yet.
func (t *terms) grown() *terms {
	g := *t
	g.numbers = make(map[muster.SkillID]int16, len(t.numbers)+8)
	for id, n := range t.numbers {
		g.numbers[id] = n
	}
	g.ids, g.licensed, g.up = t.ids[:len(t.ids):len(t.ids)], t.licensed[:len(t.licensed):len(t.licensed)], t.up[:len(t.up):len(t.up)]
	return &g
}

// knows tells whether all skills of an entry have numbers.
func (t *terms) knows(e *Entry) bool {
	for i := range e.Skills {
		if _, ok := t.numbers[e.Skills[i].Skill]; !ok {
			return false
		}
	}
	return true
}

func (t *terms) keep(e *Entry) (*row, error) {
	r := &row{id: e.ID, point: e.Base.Point, cell: e.Base.Cell}
	if r.cell.Resolution() != geo.ResSite || geo.Valid("cell", r.cell) != nil {
		c, err := geo.CellOf(r.point, geo.ResSite)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.ID, err)
		}
		r.cell = c
	}
	if len(e.Skills) > 0 {
		r.held = make([]held, 0, len(e.Skills))
	}
	for i := range e.Skills {
		c := &e.Skills[i]
		n, err := t.numberOf(c.Skill)
		if err != nil {
			return nil, err
		}
		h := held{skill: n, level: int8(c.Level), until: forever, undated: c.Expires.IsZero()}
		if !h.undated {
			h.until = t.floor(c.Expires)
		} else if t.licensed[n] {
			continue // never counts
		}
		r.held = append(r.held, h)
	}
	times := make([]span, 0, len(e.Shifts)+len(e.Leave))
	for _, s := range e.Shifts {
		times = append(times, span{t.ceil(s.Start), t.floor(s.End), int32(min(max(s.Room, 0), math.MaxInt32))})
	}
	r.works = len(times)
	for _, l := range e.Leave {
		times = append(times, span{start: t.floor(l.Start), end: t.ceil(l.End)})
	}
	r.times = times
	return r, nil
}

// floor is the second of the horizon that an instant lies in. What is decades away is taken as the last that there is.
func (t *terms) floor(at time.Time) int32 {
	const far = 50 * 365 * 24 * time.Hour
	d := at.Sub(t.from)
	if d < 0 {
		return int32(-((min(-d, far) + time.Second - 1) / time.Second))
	}
	if d > far {
		return forever
	}
	return int32(d / time.Second)
}

// ceil is the first second of the horizon at or after an instant.
func (t *terms) ceil(at time.Time) int32 {
	s := t.floor(at)
	if s != forever && at.After(t.from.Add(time.Duration(s)*time.Second)) {
		s++
	}
	return s
}

// has tells whether a competence at the level is valid until the end of the work.
func (t *terms) has(r *row, need int16, level int8, end int32) bool {
	for i := range r.held {
		h := &r.held[i]
		if h.level >= level && h.until >= end && !(h.undated && t.licensed[need]) && t.counts(h.skill, need) {
			return true
		}
	}
	return false
}

// counts tells whether having a skill counts for needing another.
func (t *terms) counts(has, need int16) bool {
	for _, n := range t.up[has] {
		if n == need {
			return true
		}
	}
	return false
}

// free tells whether a shift with room holds the work and no leave meets it.
func (r *row) free(start, end int32) bool {
	shifts := r.shifts()
	for i := range shifts {
		if s := &shifts[i]; s.room > 0 && s.start <= start && end <= s.end {
			return !meets(r.leave(), start, end)
		}
	}
	return false
}
