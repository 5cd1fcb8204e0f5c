package geo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
)

var (
	night   = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)  // 03:00 in Boston
	morning = time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC) // 08:00 in Boston, rush hour
)

func place(t require.TestingT, p muster.Point, precision muster.Precision) muster.Place {
	c, err := CellOf(p, ResSite)
	require.NoError(t, err)
	return muster.Place{Point: p, Cell: c, Precision: precision, Zone: "America/New_York"}
}

// plain figures make sums that can be done by hand: 60, 30 and 15 km/h, roads as the crow flies.
func plain() muster.Policy {
	p := muster.DefaultPolicy()
	p.Travel.Circuity = 1
	p.Travel.SpeedKmh = [3]float64{60, 30, 15}
	p.Travel.Dense = [2]int{100, 1000}
	for h := range p.Travel.HourLoad {
		p.Travel.HourLoad[h] = 1
	}
	p.Travel.HourLoad[8] = 2
	return p
}

func travel(t require.TestingT, p muster.Policy) *Travel {
	tr, err := NewTravel(p.Travel, p.BufferMin)
	require.NoError(t, err)
	return tr
}

// north gives a point some km north of Boston.
func north(km float64) muster.Point {
	return muster.Point{Lat: boston.Lat + km/Km(muster.Point{}, muster.Point{Lat: 1}), Lng: boston.Lng}
}

func TestTravelMinutes(t *testing.T) {
	base := place(t, boston, muster.PrecisionSet)
	near, far := place(t, north(10), muster.PrecisionSet), place(t, north(47), muster.PrecisionSet)
	town := base.Cell.Parent(ResBase).String()
	for _, c := range []struct {
		name     string
		policy   func(*muster.Policy)
		from, to muster.Place
		at       time.Time
		minutes  muster.Minutes
		km       float64
	}{
		{"rural: a km a minute, 4 to park", nil, base, near, night, 14, 10},
		{"rounded up", nil, base, place(t, north(10.2), muster.PrecisionSet), night, 15, 10.2},
		{"twice that in the rush hour", nil, base, near, morning, 24, 10},
		{"circuity", func(p *muster.Policy) { p.Travel.Circuity = 1.5 }, base, near, night, 19, 15},
		{"half of it in a suburb", func(p *muster.Policy) { p.Travel.Density = map[string]int{town: 100} }, base, near, night, 19, 10},
		{"half of it in a city", func(p *muster.Policy) { p.Travel.Density = map[string]int{town: 1000} }, base, near, night, 29, 10},
		{
			"beyond the town the road is open", func(p *muster.Policy) { p.Travel.Density = map[string]int{town: 1000} },
			base, far, night, 34 + 39 + 4, 47, // 8.5 km at 15 km/h, the rest at 60
		},
		{"a street is known less well", nil, base, place(t, north(10), muster.PrecisionStreet), night, 16, 10},
		{"a ZIP much less", nil, base, place(t, north(10), muster.PrecisionZIP), night, 22, 10},
		{
			"a ferry, whatever the hour",
			func(p *muster.Policy) { p.Travel.Overrides = map[string]muster.Minutes{OverrideKey(far, base): 100} },
			base, far, morning, 104, 47,
		},
		{"the same place", nil, base, place(t, boston, muster.PrecisionZIP), morning, 4, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plain()
			if c.policy != nil {
				c.policy(&p)
			}
			m, km := travel(t, p).Between(c.from, c.to, c.at)
			require.Equal(t, c.minutes, m)
			require.InDelta(t, c.km, km, 1e-6)
		})
	}
}

func TestTravelHourIsThatOfTheZoneOneLeaves(t *testing.T) {
	tr := travel(t, plain())
	from, to := place(t, boston, muster.PrecisionSet), place(t, north(10), muster.PrecisionSet)
	to.Zone = "America/Chicago"
	there, _ := tr.Between(from, to, morning)
	back, _ := tr.Between(to, from, morning)
	require.Equal(t, muster.Minutes(24), there)
	require.Equal(t, muster.Minutes(14), back, "it is 07:00 in Chicago")
	// On the day the clocks go back, 08:30 in Boston is an hour later in UTC than the day before.
	sunday := time.Date(2026, 11, 1, 13, 30, 0, 0, time.UTC)
	there, _ = tr.Between(from, from, sunday)
	require.Equal(t, muster.Minutes(4), there)
	to.Zone = from.Zone
	after, _ := tr.Between(from, to, sunday)
	before, _ := tr.Between(from, to, sunday.Add(-25*time.Hour))
	require.Equal(t, muster.Minutes(24), after)
	require.Equal(t, muster.Minutes(24), before)
}

func TestTravelProperties(t *testing.T) {
	def := muster.DefaultPolicy()
	tr := travel(t, def)
	rapid.Check(t, func(t *rapid.T) {
		a := place(t, anyPoint(t, "a"), muster.PrecisionSet)
		b := place(t, anyPoint(t, "b"), muster.PrecisionSet)
		m, km := tr.Between(a, b, morning)
		n, back := tr.Between(b, a, morning)
		require.Equal(t, km, back, "kilometres are the same both ways")
		require.Equal(t, m, n, "and so are minutes within one zone between points known equally well")
		require.GreaterOrEqual(t, km, Km(a.Point, b.Point), "no road is shorter than the great circle")
		require.GreaterOrEqual(t, m, def.Travel.Fixed)
		half := place(t, muster.Point{Lat: (a.Point.Lat + b.Point.Lat) / 2, Lng: a.Point.Lng}, muster.PrecisionSet)
		if Km(a.Point, half.Point) < Km(a.Point, b.Point) {
			less, _ := tr.Between(a, half, morning)
			require.LessOrEqual(t, less, m, "farther takes no less")
		}
	})
}

func TestNewTravelRefuses(t *testing.T) {
	for _, c := range []struct {
		field string
		spoil func(*muster.TravelFigures)
	}{
		{"travel.density", func(f *muster.TravelFigures) { f.Density = map[string]int{"boston": 1} }},
		{"travel.density", func(f *muster.TravelFigures) { f.Density = map[string]int{"882a306629fffff": 1} }},
		{"travel.overrides", func(f *muster.TravelFigures) { f.Overrides = map[string]muster.Minutes{"852a3067fffffff": 1} }},
		{"travel.overrides", func(f *muster.TravelFigures) { f.Overrides = map[string]muster.Minutes{"852a3067fffffff/zz": 1} }},
		{"travel.overrides", func(f *muster.TravelFigures) {
			f.Overrides = map[string]muster.Minutes{"852a3067fffffff/852a3067fffffff": -1}
		}},
	} {
		p := plain()
		c.spoil(&p.Travel)
		_, err := NewTravel(p.Travel, p.BufferMin)
		requireInvalid(t, err, c.field)
	}
}

func TestTravelTakesNoMemory(t *testing.T) {
	p := muster.DefaultPolicy()
	a, b := place(t, boston, muster.PrecisionSet), place(t, north(10), muster.PrecisionZIP)
	p.Travel.Overrides = map[string]muster.Minutes{"852a3067fffffff/852a3067fffffff": 9}
	tr := travel(t, p)
	tr.Between(a, b, morning) // loads the zone
	require.Zero(t, testing.AllocsPerRun(100, func() { tr.Between(a, b, morning) }))
}

func BenchmarkTravel(b *testing.B) {
	tr := travel(b, muster.DefaultPolicy())
	from, to := place(b, boston, muster.PrecisionSet), place(b, north(10), muster.PrecisionZIP)
	b.ReportAllocs()
	for b.Loop() {
		tr.Between(from, to, morning)
	}
}
