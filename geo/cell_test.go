package geo

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/uber/h3-go/v4"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

var boston = muster.Point{Lat: 42.3601, Lng: -71.0589}

func anyPoint(t *rapid.T, label string) muster.Point {
	return muster.Point{
		Lat: rapid.Float64Range(-90, 90).Draw(t, label+".lat"),
		Lng: rapid.Float64Range(-180, 180).Draw(t, label+".lng"),
	}
}

func TestCellOf(t *testing.T) {
	for _, c := range []struct {
		name string
		p    muster.Point
		res  int
		want string
	}{
		{"a city", boston, ResSite, "882a306603fffff"},
		{"the same in its town", boston, ResBase, "852a3067fffffff"},
		{"the same in its region", boston, ResRegion, "822a37fffffffff"},
		{"a well-known one of the H3 manual", muster.Point{Lat: 37.7752702151959, Lng: -122.418307270836}, 9, "8928308280fffff"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := CellOf(c.p, c.res)
			require.NoError(t, err)
			require.Equal(t, c.want, got.String())
			require.Equal(t, c.res, got.Resolution())
		})
	}
}

func TestCellOfAtTheEdgesOfTheMap(t *testing.T) {
	for _, p := range []muster.Point{
		{Lat: 90}, {Lat: -90}, {Lat: 90, Lng: 77}, {Lat: 0, Lng: 180}, {Lat: 0, Lng: -180}, {Lat: -16.8, Lng: 179.999}, {},
	} {
		c, err := CellOf(p, ResSite)
		require.NoError(t, err, p)
		require.NoError(t, Valid("cell", c))
		mid, err := Center(c)
		require.NoError(t, err)
		require.Less(t, Km(p, mid), 1.0, p)
	}
	a, err := CellOf(muster.Point{Lat: 0, Lng: 180}, ResSite)
	require.NoError(t, err)
	b, err := CellOf(muster.Point{Lat: 0, Lng: -180}, ResSite)
	require.NoError(t, err)
	require.Equal(t, a, b, "the antimeridian is one line")
}

func TestCellOfRefuses(t *testing.T) {
	for _, c := range []struct {
		name, field string
		p           muster.Point
		res         int
	}{
		{"no number", "lat", muster.Point{Lat: math.NaN()}, 8},
		{"infinite", "lng", muster.Point{Lng: math.Inf(1)}, 8},
		{"north of the pole", "lat", muster.Point{Lat: 90.0001}, 8},
		{"lat and lng mixed up", "lat", muster.Point{Lat: -122.4, Lng: 37.8}, 8},
		{"once around", "lng", muster.Point{Lng: 181}, 8},
		{"too fine", "resolution", boston, 16},
		{"too coarse", "resolution", boston, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := CellOf(c.p, c.res)
			requireInvalid(t, err, c.field)
		})
	}
}

func requireInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var e *muster.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, muster.CodeInvalid, e.Code)
	require.Equal(t, field, e.Field)
	require.NotEmpty(t, e.Hint)
}

func TestInvalidCellsAreRefusedEverywhere(t *testing.T) {
	edge, err := h3.Cell(0x882a306629fffff).DirectedEdges()
	require.NoError(t, err)
	for _, c := range []muster.Cell{0, 1, math.MaxUint64, 0x7fffffffffffffff, muster.Cell(edge[0]), 0x882a306629ffff0} {
		requireInvalid(t, Valid("site.cell", c), "site.cell")
		_, err := Center(c)
		requireInvalid(t, err, "cell")
		_, err = Parent(c, 1)
		requireInvalid(t, err, "cell")
		_, err = Disk(c, 1)
		requireInvalid(t, err, "cell")
		_, err = Ring(c, 1)
		requireInvalid(t, err, "cell")
	}
	for _, text := range []string{"", "zz", "0", "-1", "882a306629fffffffff", "88 2a306629fffff"} {
		_, err := ParseCell("cell", text)
		requireInvalid(t, err, "cell")
	}
	c, err := ParseCell("cell", "882a306629fffff")
	require.NoError(t, err)
	require.Equal(t, muster.Cell(0x882a306629fffff), c)
}

// The root package moves bits to find a parent, so that rules which may not know H3 can ask for it.
func TestParentAgreesWithH3(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, err := CellOf(anyPoint(t, "p"), rapid.IntRange(0, 15).Draw(t, "res"))
		require.NoError(t, err)
		for r := 0; r <= c.Resolution(); r++ {
			want, err := h3.Cell(c).Parent(r)
			require.NoError(t, err)
			got, err := Parent(c, r)
			require.NoError(t, err)
			require.Equal(t, muster.Cell(want), got)
			require.True(t, c.Within(got))
		}
		_, err = Parent(c, c.Resolution()+1)
		requireInvalidRapid(t, err)
		require.Zero(t, c.Parent(c.Resolution()+1))
		require.False(t, c.Within(0))
	})
}

func requireInvalidRapid(t *rapid.T, err error) {
	require.Equal(t, muster.CodeInvalid, muster.CodeOf(err))
}

func TestDiskIsTheSumOfItsRings(t *testing.T) {
	check := func(t require.TestingT, c muster.Cell, k int) []muster.Cell {
		disk, err := Disk(c, k)
		require.NoError(t, err)
		require.IsIncreasing(t, disk)
		sum := map[muster.Cell]bool{}
		for i := 0; i <= k; i++ {
			ring, err := Ring(c, i)
			require.NoError(t, err)
			require.IsIncreasing(t, append([]muster.Cell{0}, ring...))
			for _, n := range ring {
				require.False(t, sum[n], "rings don't share cells")
				sum[n] = true
			}
		}
		require.Len(t, sum, len(disk))
		for _, n := range disk {
			require.True(t, sum[n])
		}
		return disk
	}
	rapid.Check(t, func(t *rapid.T) {
		c, err := CellOf(anyPoint(t, "p"), rapid.IntRange(0, 9).Draw(t, "res"))
		require.NoError(t, err)
		check(t, c, rapid.IntRange(1, 4).Draw(t, "k"))
	})
	pentagons, err := h3.Pentagons(ResSite)
	require.NoError(t, err)
	require.Len(t, check(t, muster.Cell(pentagons[0]), 1), 6, "a pentagon has five neighbours")
	require.Len(t, check(t, muster.Cell(pentagons[11]), 3), 1+5+10+15)
	c, err := CellOf(boston, ResSite)
	require.NoError(t, err)
	require.Len(t, check(t, c, 2), 19)
	for _, k := range []int{-1, maxRings + 1} {
		_, err := Disk(c, k)
		requireInvalid(t, err, "k")
	}
}

func TestKm(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b muster.Point
		want float64
	}{
		{"Boston to Chicago", boston, muster.Point{Lat: 41.8781, Lng: -87.6298}, 1366},
		{"a quarter of the globe", muster.Point{}, muster.Point{Lat: 90}, math.Pi / 2 * earthKm},
		{"to the antipode", muster.Point{Lat: 10, Lng: 20}, muster.Point{Lat: -10, Lng: -160}, math.Pi * earthKm},
		{"over the antimeridian", muster.Point{Lng: 179.5}, muster.Point{Lng: -179.5}, math.Pi / 180 * earthKm},
		{"over the pole", muster.Point{Lat: 89.5, Lng: 0}, muster.Point{Lat: 89.5, Lng: 180}, math.Pi / 180 * earthKm},
		{"a few metres", boston, muster.Point{Lat: 42.3601, Lng: -71.0588}, 0.00822},
		{"nowhere", boston, boston, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			require.InDelta(t, c.want, Km(c.a, c.b), c.want/1000)
			require.Equal(t, Km(c.a, c.b), Km(c.b, c.a))
		})
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := anyPoint(t, "a"), anyPoint(t, "b"), anyPoint(t, "c")
		require.LessOrEqual(t, Km(a, c), Km(a, b)+Km(b, c)+1e-6, "no detour is shorter")
		require.InDelta(t, h3.GreatCircleDistanceKm(h3.NewLatLng(a.Lat, a.Lng), h3.NewLatLng(b.Lat, b.Lng)), Km(a, b), 1)
	})
}
