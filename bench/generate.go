package bench

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher/solve"
)

// like says how an instance is made. The u are tickets and experts at random ZIP codes of the contiguous United States, each ticket with
// one of 8 skills, each expert with each skill at a probability of 0.35, an arc to each of the nearest experts with the
// skill at a cost of metres / 10. The i are uniform points of a square, without skills.
type like struct {
	tickets, openings int
	capacity          int32
	near              int
	square            bool
}

var likes = map[string]like{
	"u1": {10_000, 5_000, 4, 50, false},
	"u2": {10_000, 2_800, 4, 50, false},
	"u3": {10_000, 5_000, 2, 50, false},
	"u4": {100_000, 50_000, 2, 50, false},
	"i4": {10_000, 5_000, 2, 20, true},
}

// Likes are the kinds of instances, in order.
func Likes() []string { return []string{"i4", "u1", "u2", "u3", "u4"} }

const (
	skills   = 8
	skilled  = 0.35
	earth    = 6_371_008.8 // mean radius in metres
	edge     = 100_000     // of the square, in the unit of costs
	cells    = 1 << 6      // of the search grid along one side of a unit cube
	perMetre = 0.1
)

// Generate makes an instance. data is the folder with us_zips.csv.gz.
func Generate(name, data string, seed uint64) (*Instance, error) {
	l, ok := likes[name]
	if !ok {
		return nil, muster.Invalid("--like", name, fmt.Sprintf("one of %v", Likes()))
	}
	r := rand.New(rand.NewPCG(seed, 4))
	points := make([][3]float64, l.tickets+l.openings)
	if l.square {
		for i := range points {
			points[i] = [3]float64{r.Float64(), r.Float64(), 0}
		}
	} else {
		zips, err := zipPoints(filepath.Join(data, "us_zips.csv.gz"))
		if err != nil {
			return nil, err
		}
		for i := range points {
			points[i] = zips[r.IntN(len(zips))]
		}
	}
	ask, has := make([]uint8, l.tickets), make([]uint8, l.openings)
	for t := range ask {
		ask[t] = 1
		if !l.square {
			ask[t] = 1 << r.IntN(skills)
		}
	}
	for e := range has {
		has[e] = 1
		for s := 0; s < skills && !l.square; s++ {
			if has[e] &^= 1 << s; r.Float64() < skilled {
				has[e] |= 1 << s
			}
		}
	}
	in := &Instance{Tickets: l.tickets, Openings: l.openings, Capacity: l.capacity, Arcs: make([]solve.Arc, 0, l.tickets*l.near)}
	g := newGrid(points[l.tickets:], has)
	for t, p := range points[:l.tickets] {
		for _, f := range g.nearest(p, ask[t], l.near) {
			cost := math.Sqrt(f.square) * edge
			if !l.square {
				cost = 2 * math.Asin(math.Min(1, math.Sqrt(f.square)/2)) * earth * perMetre // of the chord on a unit sphere
			}
			in.Arcs = append(in.Arcs, solve.Arc{Ticket: int32(t), Opening: f.opening, Cost: 1 + int32(cost)})
		}
	}
	return in, nil
}

// zipPoints are the positions of the ZIP codes on a unit sphere, without islands of their own.
func zipPoints(path string) ([][3]float64, error) {
	var out [][3]float64
	err := eachZIP(path, func(state string, p muster.Point) {
		if state == "AK" || state == "HI" {
			return
		}
		sin, cos := math.Sincos(p.Lat * math.Pi / 180)
		east, north := math.Sincos(p.Lng * math.Pi / 180)
		out = append(out, [3]float64{cos * north, cos * east, sin})
	})
	return out, err
}

// eachZIP reads the state and the middle of each ZIP code.
func eachZIP(path string, take func(state string, p muster.Point)) error {
	f, err := os.Open(path)
	if err != nil {
		return muster.Invalid("$MUSTER_DATA", filepath.Dir(path), "the folder with us_zips.csv.gz").Because(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	rows := csv.NewReader(z)
	if _, err := rows.Read(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		lat, err1 := strconv.ParseFloat(row[3], 64)
		lng, err2 := strconv.ParseFloat(row[4], 64)
		if err := cmp.Or(err1, err2); err != nil {
			return fmt.Errorf("%s, ZIP code %s: %w", path, row[0], err)
		}
		take(row[2], muster.Point{Lat: lat, Lng: lng})
	}
}

// found is an opening at the square of a distance.
type found struct {
	square  float64
	opening int32
}

// grid finds near openings in cubes of the space from -1 to 1.
type grid struct {
	points [][3]float64
	has    []uint8
	in     map[[3]int8][]int32
	best   []found
}

func newGrid(points [][3]float64, has []uint8) *grid {
	g := &grid{points: points, has: has, in: map[[3]int8][]int32{}}
	for i, p := range points {
		c := cellOf(p)
		g.in[c] = append(g.in[c], int32(i))
	}
	return g
}

func cellOf(p [3]float64) (c [3]int8) {
	for i, x := range p {
		c[i] = int8(math.Floor(x * cells))
	}
	return c
}

// nearest are the n nearest with the skill, by distance and then number; rings of cells until nothing outside can be nearer.
func (g *grid) nearest(p [3]float64, skill uint8, n int) []found {
	g.best = g.best[:0]
	c := cellOf(p)
	for ring := 0; ring <= 2*cells; ring++ {
		inside := float64(ring-1) / cells // all nearer than this have been seen
		if len(g.best) >= n && ring > 0 {
			slices.SortFunc(g.best, func(a, b found) int {
				return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.opening, b.opening))
			})
			if inside > 0 && g.best[n-1].square <= inside*inside {
				return g.best[:n]
			}
		}
		g.shell(c, ring, func(e int32) {
			if g.has[e]&skill != 0 {
				var d float64
				for i := range p {
					d += (p[i] - g.points[e][i]) * (p[i] - g.points[e][i])
				}
				g.best = append(g.best, found{d, e})
			}
		})
	}
	slices.SortFunc(g.best, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.square, b.square), cmp.Compare(a.opening, b.opening))
	})
	return g.best[:min(n, len(g.best))]
}

// shell visits the cells that are ring steps away.
func (g *grid) shell(c [3]int8, ring int, visit func(int32)) {
	for x := -ring; x <= ring; x++ {
		for y := -ring; y <= ring; y++ {
			step := 1
			if max(x, -x, y, -y) < ring {
				step = 2 * ring
			}
			for z := -ring; z <= ring; z += max(step, 1) {
				at := [3]int{int(c[0]) + x, int(c[1]) + y, int(c[2]) + z}
				if min(at[0], at[1], at[2]) < -cells || max(at[0], at[1], at[2]) > cells {
					continue
				}
				for _, e := range g.in[[3]int8{int8(at[0]), int8(at[1]), int8(at[2])}] {
					visit(e)
				}
			}
		}
	}
}
