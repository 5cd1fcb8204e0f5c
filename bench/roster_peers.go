package bench

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/rtree"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// The peers answer the very same question: the nearest by geo.Km, then by id. Both compare squares of chords, as the roster
// does, and ask geo.Km only of those that are about as near; both look at an expert's times last, first in a column by day as
// the roster has them, then, where there is more to it, in lists.

// columns are what both peers know of the experts, by their number in the input.
type columns struct {
	*crowd
	at    [][3]float64
	works [][]brief // by the day from the one before the horizon on which a shift with room begins, then by expert
	from  int64
	times []times
}

// brief is a shift in seconds of the horizon.
type brief struct{ start, end int32 }

// more tells that lists must be looked at: somebody is on leave or loses a certificate within the horizon.
var more = brief{-1, -1}

// times are an expert's, in nanoseconds since 1970.
type times struct {
	shifts []shift
	leave  [][2]int64
	until  []expiry // of skills that expire
}

type shift struct {
	start, end int64
	room       int
}

// expiry is one of a competence that counts for a skill.
type expiry struct {
	skill int
	level uint8
	at    int64
}

func newColumns(c *crowd) *columns {
	k := &columns{crowd: c, from: c.horizon.Start.UnixNano(), works: make([][]brief, days+1)}
	for d := range k.works {
		k.works[d] = make([]brief, len(c.entries))
	}
	for i := range c.entries {
		e := &c.entries[i]
		p := e.Base.Point
		sin, cos := math.Sincos(p.Lat * math.Pi / 180)
		east, north := math.Sincos(p.Lng * math.Pi / 180)
		k.at = append(k.at, [3]float64{cos * north, cos * east, sin})
		var t times
		lists := len(e.Leave) > 0 || slices.ContainsFunc(e.Skills, func(h muster.Competence) bool { return !h.Expires.IsZero() && h.Expires.Before(c.horizon.End) })
		for d, s := range e.Shifts {
			seconds := func(at time.Time) int32 { return int32(at.Sub(c.horizon.Start) / time.Second) }
			switch {
			case lists:
				k.works[d][i] = more
			case s.Room > 0:
				k.works[d][i] = brief{seconds(s.Start), seconds(s.End)}
			}
			t.shifts = append(t.shifts, shift{s.Start.UnixNano(), s.End.UnixNano(), s.Room})
		}
		for _, l := range e.Leave {
			t.leave = append(t.leave, [2]int64{l.Start.UnixNano(), l.End.UnixNano()})
		}
		for _, h := range e.Skills {
			for s := range c.tree {
				if c.tree[s].ID == h.Skill || slices.ContainsFunc(c.tree, func(x muster.Skill) bool { return x.ID == h.Skill && x.Narrows == c.tree[s].ID }) {
					until := int64(math.MaxInt64)
					if !h.Expires.IsZero() {
						until = h.Expires.UnixNano()
					}
					t.until = append(t.until, expiry{s, uint8(h.Level), until})
				}
			}
		}
		k.times = append(k.times, t)
	}
	return k
}

// may tells whether an expert who has the skills may take a visit then.
func (k *columns) may(a *ask, i int, start, end int64) bool {
	const second = int64(time.Second)
	day := (start - k.from) / (24 * 60 * 60 * second)
	today, yesterday := k.works[day+1][i], k.works[day][i]
	if today != more {
		from, until := int32((start-k.from)/second), int32((end-k.from)/second)
		return today.start <= from && until <= today.end || yesterday.start <= from && until <= yesterday.end
	}
	t := &k.times[i]
	for _, l := range t.leave {
		if l[0] < end && start < l[1] {
			return false
		}
	}
	working := false
	for n := range t.shifts {
		if s := &t.shifts[n]; s.room > 0 && s.start <= start && end <= s.end {
			working = true
			break
		}
	}
	if !working {
		return false
	}
	for n, skill := range a.skill {
		valid := false
		for m := range t.until {
			if u := &t.until[m]; u.skill == skill && u.level >= a.least[n] && u.at >= end {
				valid = true
				break
			}
		}
		if !valid {
			return false
		}
	}
	return true
}

// near is somebody found by a peer.
type near struct {
	square float64
	expert int
}

// nearness is how far two squares may be from the order of their kilometres.
const nearness = 1e-13

// top keeps the nearest in order.
type top struct {
	*columns
	site  muster.Point
	best  []near
	k     int
	limit float64
}

func (t *top) before(a, b near) bool {
	if d := a.square - b.square; d > nearness || d < -nearness {
		return d < 0
	}
	one, two := &t.entries[a.expert], &t.entries[b.expert]
	if one.Base.Point != two.Base.Point {
		if x, y := geo.Km(t.site, one.Base.Point), geo.Km(t.site, two.Base.Point); x != y {
			return x < y
		}
	}
	return strings.Compare(string(one.ID), string(two.ID)) < 0
}

func (t *top) take(n near) {
	at := len(t.best)
	if at < t.k {
		t.best = append(t.best, n)
	} else if at--; !t.before(n, t.best[at]) {
		return
	}
	for ; at > 0 && t.before(n, t.best[at-1]); at-- {
		t.best[at] = t.best[at-1]
	}
	t.best[at] = n
	if len(t.best) == t.k {
		t.limit = t.best[t.k-1].square + nearness
	}
}

func (k *columns) top(a *ask, n int, buffer []near) top {
	return top{columns: k, site: a.Site.Point, best: buffer[:0], k: n, limit: math.Inf(1)}
}

func unit(p muster.Point) [3]float64 {
	sin, cos := math.Sincos(p.Lat * math.Pi / 180)
	east, north := math.Sincos(p.Lng * math.Pi / 180)
	return [3]float64{cos * north, cos * east, sin}
}

func chord(a, b *[3]float64) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}

// scan goes through all experts: the two columns of levels first, then distance, then times.
func (k *columns) scan(a *ask, n int, buffer []near) []near {
	t := k.top(a, n, buffer)
	at := unit(a.Site.Point)
	start, end := a.Work.Start.UnixNano(), a.Work.End.UnixNano()
	one, two := k.level[a.skill[0]], k.level[a.skill[1]]
	two = two[:len(one)]
	for i, level := range one {
		if level < a.least[0] || two[i] < a.least[1] {
			continue
		}
		if d := chord(&at, &k.at[i]); d <= t.limit && k.may(a, i, start, end) {
			t.take(near{d, i})
		}
	}
	return t.best
}

// tree is a tidwall/rtree of positions in degrees.
type tree struct {
	*columns
	r rtree.RTreeGN[float64, int32]
}

func newTree(k *columns) *tree {
	t := &tree{columns: k}
	for i := range k.entries {
		p := k.entries[i].Base.Point
		at := [2]float64{p.Lng, p.Lat}
		t.r.Insert(at, at, int32(i))
	}
	return t
}

// nearby walks the tree outward, and leaves out whom the question does, until the next is farther than the last found.
func (k *tree) nearby(a *ask, n int, buffer []near) []near {
	t := k.top(a, n, buffer)
	at := unit(a.Site.Point)
	start, end := a.Work.Start.UnixNano(), a.Work.End.UnixNano()
	site := onSphere(a.Site.Point)
	k.r.Nearby(func(low, high [2]float64, i int32, item bool) float64 {
		if item {
			return chord(&at, &k.at[i])
		}
		return site.box(low, high)
	}, func(_, _ [2]float64, i int32, d float64) bool {
		if d > t.limit {
			return false
		}
		if a.holds(k.crowd, int(i)) && k.may(a, int(i), start, end) {
			t.take(near{d, int(i)})
		}
		return true
	})
	return t.best
}

// sphere is a point with what is needed for its distance to a box of degrees.
type sphere struct {
	lat, lng, sin, cos float64 // radians
}

func onSphere(p muster.Point) sphere {
	s := sphere{lat: p.Lat * math.Pi / 180, lng: p.Lng * math.Pi / 180}
	s.sin, s.cos = math.Sincos(s.lat)
	return s
}

// box is the square of the shortest chord to a box, a little less at most: 0 inside, to the south or north along the meridian,
// else to the nearer of its two other sides, which are pieces of meridians.
func (s sphere) box(low, high [2]float64) float64 {
	const rad, off = math.Pi / 180, 1e-14
	west, south, east, north := low[0]*rad, low[1]*rad, high[0]*rad, high[1]*rad
	if s.lng >= west && s.lng <= east {
		d := max(south-s.lat, s.lat-north, 0)
		h := 2 * math.Sin(d/2)
		return max(h*h-off, 0)
	}
	away := func(a, b float64) float64 { // how far two meridians are apart
		d := math.Abs(a - b)
		return min(d, 2*math.Pi-d)
	}
	// On a meridian the cosine of the distance is a cosine of the latitude: highest where it is, else at an end.
	cosine := math.Cos(min(away(s.lng, west), away(s.lng, east))) * s.cos
	best := max(end(s.sin, cosine, south), end(s.sin, cosine, north))
	if peak := math.Atan2(s.sin, cosine); peak >= south && peak <= north {
		best = math.Hypot(s.sin, cosine)
	}
	return max(2-2*best-off, 0)
}

func end(sine, cosine, lat float64) float64 {
	sin, cos := math.Sincos(lat)
	return sine*sin + cosine*cos
}
