package geo

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/uber/h3-go/v4"

	"github.com/sysopssquad/muster"
)

// RegionOf names the region of a point: its cell at ResRegion.
func RegionOf(p muster.Point) (muster.RegionID, error) {
	c, err := CellOf(p, ResRegion)
	if err != nil {
		return "", err
	}
	return regionID(c), nil
}

// RegionCell is the cell that a region's id names.
func RegionCell(r muster.RegionID) (muster.Cell, error) {
	if err := muster.CheckID(muster.KindRegion, "region", string(r)); err != nil {
		return 0, err
	}
	_, hex, _ := strings.Cut(string(r), "_")
	n, err := strconv.ParseUint(hex, 16, 64)
	if c := muster.Cell(n); err == nil && c.Resolution() == ResRegion && h3.Cell(c).IsValid() {
		return c, nil
	}
	return 0, muster.Invalid("region", string(r), "an id of a region is reg_ and its cell, such as reg_822a37fffffffff")
}

// Reach gives the regions from which an expert may come who travels up to km from their base, in rising
// order: the region itself and those whose border is no farther. A region too many is possible (cells are
// taken for the circles around them), one too few is not.
func Reach(region muster.RegionID, km float64) ([]muster.RegionID, error) {
	home, err := RegionCell(region)
	if err != nil {
		return nil, err
	}
	if math.IsNaN(km) || km < 0 || km > math.Pi*earthKm {
		return nil, muster.Invalid("km", strconv.FormatFloat(km, 'g', -1, 64), "a distance on the Earth, from 0 to 20000")
	}
	mid, radius, err := circle(home)
	if err != nil {
		return nil, err
	}
	reached := []muster.RegionID{region}
	for k := 1; ; k++ {
		ring, err := Ring(home, k)
		if err != nil {
			return nil, err
		}
		before := len(reached)
		for _, c := range ring {
			p, r, err := circle(c)
			if err != nil {
				return nil, err
			}
			if Km(mid, p)-radius-r <= km+1 { // 1 km for the rounding of H3 at borders
				reached = append(reached, regionID(c))
			}
		}
		if len(reached) == before {
			slices.Sort(reached)
			return slices.Compact(reached), nil
		}
	}
}

// InReach tells whether an expert of one region who travels up to km from their base may come into another. As
// in Reach, yes is possible where it is no, not the other way round.
func InReach(region, from muster.RegionID, km float64) (bool, error) {
	var mids [2]muster.Point
	slack := km + 1
	for i, r := range []muster.RegionID{region, from} {
		c, err := RegionCell(r)
		if err != nil {
			return false, err
		}
		mid, radius, err := circle(c)
		if err != nil {
			return false, err
		}
		mids[i] = mid
		slack += radius
	}
	return Km(mids[0], mids[1]) <= slack, nil
}

// circle gives the centre of a cell and the distance in km to its farthest corner.
func circle(c muster.Cell) (muster.Point, float64, error) {
	mid, err := Center(c)
	if err != nil {
		return muster.Point{}, 0, err
	}
	corners, err := h3.CellToBoundary(h3.Cell(c))
	if err != nil {
		return muster.Point{}, 0, muster.Invalid("cell", c.String(), "it has no border").Because(err)
	}
	far := 0.0
	for _, ll := range corners {
		far = max(far, Km(mid, muster.Point{Lat: ll.Lat, Lng: ll.Lng}))
	}
	return mid, far, nil
}

func regionID(c muster.Cell) muster.RegionID {
	return muster.RegionID(muster.SlugID(muster.KindRegion, c.String()))
}
