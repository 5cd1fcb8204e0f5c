package geo

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/uber/h3-go/v4"

	"github.com/sysopssquad/muster"
)

// The resolutions that Muster uses. Averages are from h3geo.org/docs/core-library/restable.
const (
	// ResSite is that of a place: 0.7 km2, edges of 0.5 km, which is a few street blocks. Fine enough to
	// draw a territory with, coarse enough that neighbours share a cell.
	ResSite = 8
	// ResBase is that of density and of the override table for travel: 253 km2, edges of 10 km, which is
	// a town. Speeds don't change within less.
	ResBase = 5
	// ResRegion is that of a region: 87,000 km2, edges of 183 km, which is a state of middling size. An
	// expert who drives 60 km reaches the neighbours of their own region at most.
	ResRegion = 2
)

// maxRings bounds disks and rings: 1,000 rings of ResSite cells are 900 km wide and three million cells.
const maxRings = 1000

// CellOf finds the cell of a point. Poles, the antimeridian and pentagons are places like all others.
func CellOf(p muster.Point, resolution int) (muster.Cell, error) {
	if err := CheckPoint(p); err != nil {
		return 0, err
	}
	if err := checkResolution(resolution); err != nil {
		return 0, err
	}
	c, err := h3.LatLngToCell(h3.NewLatLng(p.Lat, p.Lng), resolution)
	if err != nil {
		return 0, muster.Invalid("point", fmt.Sprint(p), "it lies in no cell").Because(err)
	}
	return muster.Cell(c), nil
}

// CheckPoint refuses what is no position in degrees.
func CheckPoint(p muster.Point) error {
	for _, f := range []struct {
		name  string
		v     float64
		limit float64
	}{{"lat", p.Lat, 90}, {"lng", p.Lng, 180}} {
		if math.IsNaN(f.v) || math.Abs(f.v) > f.limit {
			return muster.Invalid(f.name, strconv.FormatFloat(f.v, 'g', -1, 64),
				fmt.Sprintf("degrees from -%g to %g; swap lat and lng if they were mixed up", f.limit, f.limit))
		}
	}
	return nil
}

// Valid refuses 0 and whatever is not an H3 cell, naming the field that it was given in.
func Valid(field string, c muster.Cell) error {
	if c == 0 || !h3.Cell(c).IsValid() {
		return muster.Invalid(field, c.String(), "an H3 cell has 15 hexadecimal digits, such as 882a306629fffff")
	}
	return nil
}

// ParseCell reads H3's hexadecimal form and refuses what is not a cell.
func ParseCell(field, text string) (muster.Cell, error) {
	n, err := strconv.ParseUint(text, 16, 64)
	if err != nil {
		return 0, muster.Invalid(field, text, "an H3 cell has 15 hexadecimal digits, such as 882a306629fffff")
	}
	return muster.Cell(n), Valid(field, muster.Cell(n))
}

// Parent is the cell of a coarser resolution that a cell lies within.
func Parent(c muster.Cell, resolution int) (muster.Cell, error) {
	if err := Valid("cell", c); err != nil {
		return 0, err
	}
	if resolution < 0 || resolution > c.Resolution() {
		return 0, muster.Invalid("resolution", strconv.Itoa(resolution),
			fmt.Sprintf("a parent of %s has a resolution from 0 to %d", c, c.Resolution()))
	}
	return c.Parent(resolution), nil
}

// Center is the point in the middle of a cell.
func Center(c muster.Cell) (muster.Point, error) {
	if err := Valid("cell", c); err != nil {
		return muster.Point{}, err
	}
	ll, err := h3.CellToLatLng(h3.Cell(c))
	if err != nil {
		return muster.Point{}, muster.Invalid("cell", c.String(), "it has no centre").Because(err)
	}
	return muster.Point{Lat: ll.Lat, Lng: ll.Lng}, nil
}

// Disk gives the cells within k steps of a cell, itself among them, in rising order: 1+3k(k+1) of them,
// fewer near a pentagon.
func Disk(c muster.Cell, k int) ([]muster.Cell, error) {
	if err := checkRings(c, k); err != nil {
		return nil, err
	}
	near, err := h3.GridDisk(h3.Cell(c), k)
	if err != nil {
		return nil, muster.Invalid("cell", c.String(), "its neighbours can't be found").Because(err)
	}
	return cells(near), nil
}

// Ring gives the cells exactly k steps from a cell, in rising order: 6k of them, fewer around a pentagon.
func Ring(c muster.Cell, k int) ([]muster.Cell, error) {
	if err := checkRings(c, k); err != nil {
		return nil, err
	}
	rings, err := h3.GridDiskDistances(h3.Cell(c), k)
	if err != nil {
		return nil, muster.Invalid("cell", c.String(), "its neighbours can't be found").Because(err)
	}
	return cells(rings[k]), nil
}

// cells takes over H3's answer; near a pentagon it has zeros in the places of the cells that are missing.
func cells(in []h3.Cell) []muster.Cell {
	out := make([]muster.Cell, 0, len(in))
	for _, c := range in {
		if c != 0 {
			out = append(out, muster.Cell(c))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func checkRings(c muster.Cell, k int) error {
	if k < 0 || k > maxRings {
		return muster.Invalid("k", strconv.Itoa(k), fmt.Sprintf("a number of rings from 0 to %d", maxRings))
	}
	return Valid("cell", c)
}

func checkResolution(r int) error {
	if r < 0 || r > 15 {
		return muster.Invalid("resolution", strconv.Itoa(r), "a resolution from 0 to 15")
	}
	return nil
}
