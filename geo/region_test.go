package geo

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uber/h3-go/v4"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

func TestRegionOf(t *testing.T) {
	r, err := RegionOf(boston)
	require.NoError(t, err)
	require.Equal(t, muster.RegionID("reg_822a37fffffffff"), r)
	require.NoError(t, muster.CheckID(muster.KindRegion, "region", string(r)))
	c, err := RegionCell(r)
	require.NoError(t, err)
	require.Equal(t, "822a37fffffffff", c.String())
	for _, bad := range []muster.RegionID{"", "reg_", "reg_boston", "tic_822a37fffffffff", "reg_882a306629fffff", "reg_0"} {
		_, err := RegionCell(bad)
		requireInvalid(t, err, "region")
		_, err = Reach(bad, 60)
		requireInvalid(t, err, "region")
	}
}

func TestReach(t *testing.T) {
	home, err := RegionOf(boston)
	require.NoError(t, err)
	near, err := Reach(home, 60)
	require.NoError(t, err)
	require.Contains(t, near, home)
	require.IsIncreasing(t, near)
	require.LessOrEqual(t, len(near), 7, "60 km reach the neighbours at most")
	wide, err := Reach(home, 600)
	require.NoError(t, err)
	require.Subset(t, wide, near)
	require.Greater(t, len(wide), len(near))
	for _, r := range wide {
		in, err := InReach(home, r, 60)
		require.NoError(t, err)
		require.Equal(t, slices.Contains(near, r), in, r)
	}
	_, err = InReach(home, "reg_nowhere", 60)
	require.Error(t, err)
	for _, km := range []float64{-1, 50_000} {
		_, err := Reach(home, km)
		requireInvalid(t, err, "km")
	}
	pentagons, err := h3.Pentagons(ResRegion)
	require.NoError(t, err)
	near, err = Reach(regionID(muster.Cell(pentagons[3])), 60)
	require.NoError(t, err)
	require.Len(t, near, 6)
}

// Whoever is near enough lives in a region that is reached, wherever on Earth.
func TestReachLeavesNobodyOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyPoint(t, "a"), anyPoint(t, "b")
		if rapid.Bool().Draw(t, "near") {
			b = muster.Point{Lat: max(-90, min(90, a.Lat+b.Lat/100)), Lng: max(-180, min(180, a.Lng+b.Lng/100))}
		}
		km := Km(a, b)
		from, err := RegionOf(a)
		require.NoError(t, err)
		to, err := RegionOf(b)
		require.NoError(t, err)
		in, err := InReach(from, to, km)
		require.NoError(t, err)
		require.True(t, in)
		if km > 3000 {
			return
		}
		reached, err := Reach(from, km)
		require.NoError(t, err)
		require.Contains(t, reached, to)
	})
}
