package roster

import (
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// vector is a point of the unit sphere.
type vector struct{ x, y, z float64 }

func vectorOf(p muster.Point) vector {
	const rad = math.Pi / 180
	sinLat, cosLat := math.Sincos(p.Lat * rad)
	sinLng, cosLng := math.Sincos(p.Lng * rad)
	return vector{cosLat * cosLng, cosLat * sinLng, sinLat}
}

// square is the square of the chord between two points.
func square(a, b vector) float64 {
	x, y, z := a.x-b.x, a.y-b.y, a.z-b.z
	return x*x + y*y + z*z
}

// ball holds all positions of a block.
type ball struct {
	vector
	radius float64
}

// layout says which numbers are where. It stays the same until all are numbered anew: who comes later gets a free number of a
// block whose ball holds them, or of a spare block after the others, which every search looks into.
type layout struct {
	blocks int           // those with balls
	first  []muster.Cell // of each block, rising
	balls  []ball
	order  [][]uint16  // for each block all blocks, by gap
	gaps   [][]float32 // how far at least it is from the block's middle to anything in each, in the order of order
	spare  int         // blocks after them
	extra  int         // how many of these are in use
}

// all is the number of blocks, spare ones included.
func (l *layout) all() int { return l.blocks + l.spare }

// tiny is added to a radius so that rounding loses nobody: some thousand times more than sums of products of numbers up to 4
// can be off.
const tiny = 1e-12

// fill is how many numbers of a block are given away at first. The others are for who comes later.
const fill = wide - wide/16

// arrange sorts entries by cell and id and cuts them into blocks. A block ends where a coarse cell does, as far as that
// leaves it filled: a range across the border of two large cells is two places far from each other.
func arrange(rows []*row) (*layout, []int) {
	slices.SortFunc(rows, func(a, b *row) int {
		if a.cell != b.cell {
			if a.cell < b.cell {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a.id), string(b.id))
	})
	var starts []int
	cut(rows, 0, len(rows), 0, &starts)
	starts = append(starts, len(rows))
	l := &layout{blocks: len(starts) - 1}
	l.spare = 2 + l.blocks/16
	l.spare += (bundle - l.all()%bundle) % bundle
	for b := range l.blocks {
		l.first = append(l.first, rows[starts[b]].cell)
		l.balls = append(l.balls, around(rows[starts[b]:starts[b+1]]))
	}
	l.measure()
	return l, starts
}

// cut makes blocks of a range of entries that share a cell of a resolution one coarser. Cells in a row go into one block
// while they fit; one that doesn't fit is cut in turn.
func cut(rows []*row, from, to, resolution int, starts *[]int) {
	open := -1 // start of the block that may still grow
	for at := from; at < to; {
		end := to
		if resolution <= geo.ResSite {
			c := rows[at].cell.Parent(resolution)
			end = at + sort.Search(to-at, func(i int) bool { return rows[at+i].cell.Parent(resolution) != c })
		}
		switch {
		case open >= 0 && end-open <= fill:
		case end-at <= fill:
			open = at
			*starts = append(*starts, at)
		case resolution <= geo.ResSite:
			cut(rows, at, end, resolution+1, starts)
			open = -1
		default: // more in one small cell than a block takes
			for ; at < end; at += fill {
				*starts = append(*starts, at)
			}
			open = -1
		}
		at = end
	}
}

// around is a small ball that holds all: from the middle of the box around them.
func around(rows []*row) ball {
	low := vector{math.Inf(1), math.Inf(1), math.Inf(1)}
	high := vector{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	for _, r := range rows {
		v := vectorOf(r.point)
		low = vector{min(low.x, v.x), min(low.y, v.y), min(low.z, v.z)}
		high = vector{max(high.x, v.x), max(high.y, v.y), max(high.z, v.z)}
	}
	b := ball{vector: vector{(low.x + high.x) / 2, (low.y + high.y) / 2, (low.z + high.z) / 2}}
	for _, r := range rows {
		b.radius = max(b.radius, square(b.vector, vectorOf(r.point)))
	}
	b.radius = math.Sqrt(b.radius) + tiny
	return b
}

// measure sorts for each block all blocks by how near their balls come to its middle.
func (l *layout) measure() {
	type far struct {
		gap   float32
		block uint16
	}
	fars := make([]far, l.blocks)
	l.order, l.gaps = make([][]uint16, l.blocks), make([][]float32, l.blocks)
	order, gaps := make([]uint16, l.blocks*l.blocks), make([]float32, l.blocks*l.blocks)
	for b := range l.blocks {
		for o := range l.blocks {
			gap := math.Sqrt(square(l.balls[b].vector, l.balls[o].vector)) - l.balls[o].radius - tiny
			f := float32(gap)
			if float64(f) > gap {
				f = math.Nextafter32(f, float32(math.Inf(-1)))
			}
			fars[o] = far{f, uint16(o)}
		}
		slices.SortFunc(fars, func(a, b far) int {
			switch {
			case a.gap < b.gap:
				return -1
			case a.gap > b.gap:
				return 1
			}
			return int(a.block) - int(b.block)
		})
		l.order[b], l.gaps[b] = order[b*l.blocks:(b+1)*l.blocks], gaps[b*l.blocks:(b+1)*l.blocks]
		for i, f := range fars {
			l.order[b][i], l.gaps[b][i] = f.block, f.gap
		}
	}
}

// home is the block that a cell belongs to; any if it lies before all.
func (l *layout) home(c muster.Cell) int {
	lo, hi := 0, len(l.first)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if l.first[mid] <= c {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return max(lo-1, 0)
}

// holds tells whether a ball holds a point.
func (b *ball) holds(v vector) bool {
	return math.Sqrt(square(b.vector, v))+tiny <= b.radius
}
