package roster

import (
	"math"
	"math/bits"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// Query asks for those who may take a visit at a time: all skills at their levels, by competences valid until the work ends;
// a shift that holds the work and has room; no leave in it.
type Query struct {
	Site  muster.Place // its Cell, if given, is where the search begins
	Needs []muster.Need
	Work  muster.Window
}

// Hit is somebody found.
type Hit struct {
	Number int32   // see Snapshot.Expert
	Square float64 // of the chord to their base on a unit sphere
}

// Km is how far it is, as geo.Km computes it.
func (s *Snapshot) Km(q *Query, h Hit) float64 { return geo.Km(q.Site.Point, s.row(h.Number).point) }

// Find fills a buffer with the nearest, by geo.Km and then by id, and returns the part that is filled. It allocates nothing.
// Work that begins outside the horizon finds nobody.
func (s *Snapshot) Find(q *Query, into []Hit) ([]Hit, error) {
	var f search
	ok, err := f.begin(s, q, into)
	if ok && len(into) > 0 {
		f.walk()
	}
	return into[:f.found], err
}

// slack is what the square of a chord may be off, and geo.Km beside it, so that two squares which differ by more are in the
// order of their kilometres. Coordinates of unit vectors are off by up to 1e-15, squares of chords, which are up to 2
// long, by 1e-14; Km is off by a few units in the last place, which is up to 6e-15 of a square. It is 0.2 mm at 10 km.
const slack = 1e-13

const (
	direct = 2  // needs whose bitmaps are read; more are asked of the entry
	group  = 16 // blocks that are looked into together
	batch  = 64 // experts who are weighed together
)

type search struct {
	s          *Snapshot
	q          *Query
	at         vector
	start, end int32
	needs      [direct]*plane
	slot       bitmap[line] // of the hour in which the work begins
	on         int          // the day in which it does
	plain      bool         // no more than two needs

	into  []Hit
	found int
	limit float64 // the largest square that may still be among the nearest
	reach float64 // its root

	list    [group]uint16 // blocks to look into
	waiting int
	hits    [group * words]uint64
	who     [batch]int32
	known   int
	sink    uint64 // so that nobody optimises away what asks memory early
}

// begin prepares a search. It is false if nobody can be found.
func (f *search) begin(s *Snapshot, q *Query, into []Hit) (bool, error) {
	if err := geo.CheckPoint(q.Site.Point); err != nil {
		return false, err
	}
	if !q.Work.Start.Before(q.Work.End) {
		return false, muster.Invalid("work", q.Work.Start.String(), "it ends after it starts")
	}
	f.s, f.q, f.into = s, q, into
	f.limit, f.reach = math.Inf(1), math.Inf(1)
	f.start, f.end = s.floor(q.Work.Start), s.ceil(q.Work.End)
	known := true
	for i := range q.Needs {
		n := &q.Needs[i]
		if err := n.Level.Check("level"); err != nil {
			return false, err
		}
		number, ok := s.numbers[n.Skill]
		if known = known && ok; known && i < direct {
			f.needs[i] = &s.skills[number][n.Level-1]
		}
	}
	if !known || f.start < 0 || f.start >= s.until {
		return false, nil
	}
	f.at = vectorOf(q.Site.Point)
	f.slot, f.on, f.plain = s.slots[f.start/hour], int(f.start/day), len(q.Needs) <= direct
	return true, nil
}

// walk looks into the blocks, the near ones first, until nothing that is left can be near enough.
func (f *search) walk() {
	l := f.s.layout
	for b := l.blocks; b < l.blocks+l.extra; b++ {
		f.visit(uint16(b), group)
	}
	if l.blocks > 0 {
		home := f.home()
		off := math.Sqrt(square(f.at, l.balls[home].vector)) + tiny
		gaps := l.gaps[home]
		most := group / 4
		for i, b := range l.order[home] {
			if float64(gaps[i])-off > f.reach {
				break
			}
			ball := &l.balls[b]
			if r := f.reach + ball.radius; square(f.at, ball.vector) <= r*r && f.visit(b, most) {
				most = min(2*most, group)
			}
		}
	}
	f.look()
}

// visit puts a block on the list, and looks into all on it when it is long enough.
func (f *search) visit(b uint16, most int) bool {
	one, two := f.needs[0], f.needs[1]
	if one != nil && one.some[b] == 0 || two != nil && one.some[b]&two.some[b] == 0 {
		return false
	}
	f.list[f.waiting] = b
	if f.waiting++; f.waiting < most {
		return false
	}
	f.look()
	return true
}

// home is where to begin. Any block would do; a near one is quicker.
func (f *search) home() int {
	l := f.s.layout
	if f.q.Site.Cell.Resolution() == geo.ResSite {
		return l.home(f.q.Site.Cell)
	}
	best, least := 0, math.Inf(1)
	for b := range l.balls {
		if d := square(f.at, l.balls[b].vector); d < least {
			best, least = b, d
		}
	}
	return best
}

// look goes through the blocks on the list: first all words, without a branch that depends on them, then who is in them. Memory
// answers slowly, but many at a time.
func (f *search) look() {
	one, two := f.needs[0], f.needs[1]
	var from [group]int32
	n := f.waiting
	f.waiting = 0
	if two != nil {
		for _, b := range f.list[:n] {
			f.sink += one.at(int(b))[0] + two.at(int(b))[0] + f.slot.at(int(b))[0]
		}
	}
	for k, b := range f.list[:n] {
		b := int(b)
		hits, may := (*line)(f.hits[k*words:]), f.slot.at(b)
		from[k] = int32(b * wide)
		switch {
		case two != nil:
			x, y := one.at(b), two.at(b)
			for w := range hits {
				hits[w] = x[w] & y[w] & may[w]
			}
		case one != nil:
			x := one.at(b)
			for w := range hits {
				hits[w] = x[w] & may[w]
			}
		default:
			*hits = *may
		}
	}
	for w, x := range f.hits[:n*words] {
		for ; x != 0; x &= x - 1 {
			if f.known == batch {
				f.weigh()
			}
			f.who[f.known] = from[w/words] + int32(w%words*64+bits.TrailingZeros64(x))
			f.known++
		}
	}
	f.weigh()
}

// weigh takes those of a batch who are near enough and may. Here too all is read first and judged then.
func (f *search) weigh() {
	var far [batch]float64
	var works [batch]brief
	who := f.who[:f.known]
	f.known = 0
	today := f.s.shifts[f.on]
	for i, n := range who {
		b, k := n/wide, n%wide
		far[i], works[i] = square(f.at, f.s.blocks[b].at[k]), today[b][k]
	}
	for i, n := range who {
		if far[i] > f.limit {
			continue
		}
		if !f.plain || (works[i][0]|works[i][1])&ask != 0 || f.s.dated.at(int(n/wide)).has(n%wide) {
			if !f.may(n) {
				continue
			}
		} else if !works[i][0].holds(f.on, f.start, f.end) && !works[i][1].holds(f.on-1, f.start, f.end) {
			continue
		}
		f.take(Hit{n, far[i]})
	}
}

// may asks the entry.
func (f *search) may(n int32) bool {
	r := f.s.row(n)
	if !r.free(f.start, f.end) {
		return false
	}
	for i := range f.q.Needs {
		need := &f.q.Needs[i]
		if !f.s.has(r, f.s.numbers[need.Skill], int8(need.Level), f.end) {
			return false
		}
	}
	return true
}

// take puts somebody among the nearest, who are in order.
func (f *search) take(h Hit) {
	at := f.found
	if f.found < len(f.into) {
		f.found++
	} else if at--; !f.before(h, f.into[at]) {
		return
	}
	for at > 0 && f.before(h, f.into[at-1]) {
		f.into[at] = f.into[at-1]
		at--
	}
	f.into[at] = h
	if f.found == len(f.into) {
		f.limit = f.into[f.found-1].Square + slack
		f.reach = math.Sqrt(f.limit) + tiny
	}
}

func (f *search) before(a, b Hit) bool {
	if d := a.Square - b.Square; d > slack || d < -slack {
		return d < 0
	}
	return f.s.nearer(f.q, a.Number, b.Number)
}

// nearer is the order of two who are about as near.
func (s *Snapshot) nearer(q *Query, a, b int32) bool {
	one, two := s.row(a), s.row(b)
	if one.point != two.point {
		if k, o := geo.Km(q.Site.Point, one.point), geo.Km(q.Site.Point, two.point); k != o {
			return k < o
		}
	}
	return one.id < two.id
}
