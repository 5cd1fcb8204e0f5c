package roster

import (
	"slices"
	"strconv"

	"github.com/sysopssquad/muster"
)

// Put takes over an expert's entry as of an event: a new one's, or in place of what was known of them.
func (r *Roster) Put(e Entry, seq uint64) error {
	if err := e.check(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.now.Load().change(seq)
	if !c.knows(&e) {
		c.terms = c.terms.grown()
	}
	next, err := c.keep(&e)
	if err != nil {
		return err
	}
	if more := len(c.ids) - len(c.skills); more > 0 {
		c.skills = slices.Clone(c.skills)
		for range more {
			c.skills = append(c.skills, newPlanes(len(c.blocks)))
		}
	}
	at := vectorOf(next.point)
	n, known := r.number[e.ID]
	if known && !c.layout.keeps(n, at) {
		r.write(c, n, nil)
		known = false
	}
	if !known {
		if c.count == mostExperts {
			return muster.Invalid("experts", string(e.ID), "at most "+strconv.Itoa(mostExperts))
		}
		if n = c.place(next, at); n < 0 {
			c = r.anew(c, next)
			r.now.Store(c)
			return nil
		}
	}
	r.write(c, n, next)
	r.number[e.ID] = n
	r.now.Store(c)
	return nil
}

// Remove takes an expert out as of an event, if they are in.
func (r *Roster) Remove(id muster.ExpertID, seq uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	c := r.now.Load().change(seq)
	if n, ok := r.number[id]; ok {
		r.write(c, n, nil)
		delete(r.number, id)
	}
	r.now.Store(c)
}

// anew numbers everybody and one more, for whom there was no number.
func (r *Roster) anew(c *Snapshot, more *row) *Snapshot {
	rows := append(make([]*row, 0, c.count+1), more)
	for _, b := range c.blocks {
		for _, e := range b.rows {
			if e != nil {
				rows = append(rows, e)
			}
		}
	}
	next := build(c.terms, rows)
	next.seq = c.seq
	r.renumber(next)
	return next
}

func (r *Roster) renumber(s *Snapshot) {
	r.number = make(map[muster.ExpertID]int32, s.count)
	for b, part := range s.blocks {
		for i, e := range part.rows {
			if e != nil {
				r.number[e.id] = int32(b*wide + i)
			}
		}
	}
}

// change is a snapshot to be changed. It shares everything with this one; what is written to is copied first.
func (s *Snapshot) change(seq uint64) *Snapshot {
	c := *s
	c.seq = seq
	return &c
}

// write changes what a number stands for, nil for nobody.
func (r *Roster) write(c *Snapshot, n int32, next *row) {
	b, i := int(n/wide), n%wide
	old := c.row(n)
	r.old.derive(c.terms, old)
	r.next.derive(c.terms, next)
	if !slices.Equal(r.old.skills, r.next.skills) {
		c.skills = slices.Clone(c.skills)
		levels(r.old.skills, r.next.skills, func(skill int16, have, want int8) {
			planes := &c.skills[skill]
			for k := min(have, want); k < max(have, want); k++ {
				planes[k] = planes[k].with(b, i, want > k)
			}
		})
	}
	if r.old.dated != r.next.dated {
		var l *line
		c.dated, l = c.dated.with(b)
		l.put(i, r.next.dated)
	}
	if r.old.may != r.next.may {
		c.slots = slices.Clone(c.slots)
		for k := range c.days {
			each(r.old.may[k]^r.next.may[k], func(h int) {
				var l *line
				c.slots[k*24+h], l = c.slots[k*24+h].with(b)
				l.put(i, r.next.may[k]>>h&1 != 0)
			})
		}
	}
	if r.old.shifts != r.next.shifts {
		c.shifts = slices.Clone(c.shifts)
		for k := range c.shifts {
			if r.old.shifts[k] != r.next.shifts[k] {
				part := *c.shifts[k][b]
				part[i] = r.next.shifts[k]
				c.shifts[k] = slices.Clone(c.shifts[k])
				c.shifts[k][b] = &part
			}
		}
	}
	c.blocks = slices.Clone(c.blocks)
	part := &c.blocks[b]
	rows := *part.rows
	rows[i], part.rows = next, &rows
	switch {
	case old == nil && next != nil:
		c.count++
	case old != nil && next == nil:
		c.count--
	}
	if next != nil && (old == nil || old.point != next.point) {
		at := *part.at
		at[i], part.at = vectorOf(next.point), &at
	}
}

// levels goes through two lists of marks and tells of each skill that differs.
func levels(have, want []mark, do func(skill int16, have, want int8)) {
	for len(have) > 0 || len(want) > 0 {
		switch {
		case len(want) == 0 || len(have) > 0 && have[0].skill < want[0].skill:
			do(have[0].skill, have[0].level, 0)
			have = have[1:]
		case len(have) == 0 || want[0].skill < have[0].skill:
			do(want[0].skill, 0, want[0].level)
			want = want[1:]
		default:
			do(want[0].skill, have[0].level, want[0].level)
			have, want = have[1:], want[1:]
		}
	}
}

// with is the plane with one bit changed.
func (p plane) with(b int, i int32, on bool) plane {
	next, l := p.bitmap.with(b)
	l.put(i, on)
	if some := l.some(); some != p.some[b] {
		p.some = slices.Clone(p.some)
		p.some[b] = some
	}
	return plane{next, p.some}
}

// keeps tells whether somebody may keep a number at a position.
func (l *layout) keeps(n int32, at vector) bool {
	b := int(n / wide)
	return b >= l.blocks || l.balls[b].holds(at)
}

// place finds a number for somebody: in a near block whose ball holds them, else in the spare blocks; -1 if these are full.
func (c *Snapshot) place(e *row, at vector) int32 {
	const near = 8 // blocks tried; the first is theirs by cell
	l := c.layout
	if l.blocks > 0 {
		for _, b := range l.order[l.home(e.cell)][:min(near, l.blocks)] {
			if i := slices.Index(c.blocks[b].rows[:], nil); i >= 0 && l.balls[b].holds(at) {
				return int32(b)*wide + int32(i)
			}
		}
	}
	for k := range l.spare {
		i := slices.Index(c.blocks[l.blocks+k].rows[:], nil)
		if i < 0 {
			continue
		}
		if k >= l.extra {
			more := *l
			more.extra = k + 1
			c.layout = &more
		}
		return int32((l.blocks+k)*wide + i)
	}
	return -1
}
