package roster

import (
	"math/bits"
	"slices"
)

const (
	wide   = 512 // numbers of a block
	words  = wide / 64
	steps  = 5  // levels
	bundle = 32 // blocks whose lines lie together, and are copied together when one of them changes
)

// line is a block's part of a bitmap: one cache line.
type line [words]uint64

func (l *line) has(i int32) bool { return l[i/64]>>(i%64)&1 != 0 }

func (l *line) put(i int32, on bool) {
	if on {
		l[i/64] |= 1 << (i % 64)
	} else {
		l[i/64] &^= 1 << (i % 64)
	}
}

// some tells which words have bits.
func (l *line) some() (m uint8) {
	for w, x := range l {
		if x != 0 {
			m |= 1 << w
		}
	}
	return m
}

// bitmap has lines of all blocks. Bundles lie one after the other until they are changed.
type bitmap[L any] []*[bundle]L

func newBitmap[L any](blocks int) bitmap[L] {
	all := make([][bundle]L, blocks/bundle)
	m := make(bitmap[L], len(all))
	for i := range all {
		m[i] = &all[i]
	}
	return m
}

func (m bitmap[L]) at(b int) *L { return &m[b/bundle][b%bundle] }

// with is a copy in which a block's line may be changed.
func (m bitmap[L]) with(b int) (bitmap[L], *L) {
	next, part := slices.Clone(m), *m[b/bundle]
	next[b/bundle] = &part
	return next, next.at(b)
}

// plane tells who has a skill at a level or above, at some time of the horizon.
type plane struct {
	bitmap[line]
	some []uint8 // by block, which words have bits
}

// block is what a block has beside bitmaps.
type block struct {
	at   *[wide]vector
	rows *[wide]*row
}

// derived is what bitmaps say of an entry.
type derived struct {
	skills []mark
	dated  bool             // whether a competence ends within the horizon
	may    [mostDays]uint32 // a bit for each hour: a shift with room shares an instant with it, no leave holds it
	shifts [mostDays]brief  // by the day of the horizon
}

// brief is what can be told shortly of the shifts with room that begin on a day or the day before.
type brief [2]window

// window is a shift with room in brief: the minute of the day at which it begins, and how long it is; 0 is none.
type window uint32

const (
	ask      window = 1 << 31 // there is more to it: a leave, a second shift, seconds; the entry knows
	longBits        = 12
	longest         = 24 * 60 // minutes; what is longer isn't told in brief
)

// holds tells whether a shift that begins on a day of the horizon holds the work.
func (w window) holds(on int, start, end int32) bool {
	begin := int32(on)*day + int32(w>>longBits)*minute
	return begin <= start && end <= begin+int32(w&(1<<longBits-1))*minute
}

// mark is the best level of a skill.
type mark struct {
	skill int16
	level int8
}

// derive works out what bitmaps say of an entry; nil has nothing.
func (d *derived) derive(t *terms, r *row) {
	*d = derived{skills: d.skills[:0]}
	if r == nil {
		return
	}
	for i := range r.held {
		h := &r.held[i]
		if h.until < 0 {
			continue // before the horizon
		}
		d.dated = d.dated || h.until < int32(t.days)*day
		for _, n := range t.up[h.skill] {
			if !h.undated || !t.licensed[n] {
				d.mark(mark{n, h.level})
			}
		}
	}
	shifts, leave := r.shifts(), r.leave()
	for i := range shifts {
		s := &shifts[i]
		first, last := max(s.start, 0), min(s.end, int32(t.days)*day)
		if s.room <= 0 || first >= last {
			continue
		}
		for slot := first / hour; slot <= (last-1)/hour; slot++ {
			if !within(leave, slot*hour, (slot+1)*hour) {
				d.may[slot/24] |= 1 << (slot % 24)
			}
		}
		d.brief(s, meets(leave, s.start, s.end))
	}
}

// brief notes a shift under the day on which it begins.
func (d *derived) brief(s *span, more bool) {
	long := s.end - s.start
	if s.start < -day || long > longest*minute || s.start%minute != 0 || long%minute != 0 {
		for k := range d.shifts {
			d.shifts[k] = brief{ask, ask}
		}
		return
	}
	on := int(s.start+day)/day - 1
	w := window((s.start+day)%day/minute)<<longBits | window(long/minute)
	for k := range 2 {
		if on+k >= 0 && on+k < len(d.shifts) {
			if o := &d.shifts[on+k][k]; *o != 0 || more {
				*o = ask
			} else {
				*o = w
			}
		}
	}
}

// meets tells whether one of the spans shares an instant with another.
func meets(spans []span, start, end int32) bool {
	for i := range spans {
		if s := &spans[i]; s.start < end && start < s.end {
			return true
		}
	}
	return false
}

// within tells whether one of the spans holds another.
func within(spans []span, start, end int32) bool {
	for i := range spans {
		if s := &spans[i]; s.start <= start && end <= s.end {
			return true
		}
	}
	return false
}

// mark adds to what is known of a skill; marks are in the order of skills.
func (d *derived) mark(m mark) {
	at := len(d.skills)
	for at > 0 && d.skills[at-1].skill >= m.skill {
		at--
	}
	if at < len(d.skills) && d.skills[at].skill == m.skill {
		d.skills[at].level = max(d.skills[at].level, m.level)
		return
	}
	d.skills = slices.Insert(d.skills, at, m)
}

// each calls for the numbers of the bits.
func each(x uint32, do func(int)) {
	for ; x != 0; x &= x - 1 {
		do(bits.TrailingZeros32(x))
	}
}
