package geo

import (
	"math"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// nearKm is how much of a trip's great circle, at each end, is driven at the speed of that end: the
// distance from the middle of a ResBase cell to its edge, beyond which its density says nothing.
const nearKm = 8.5

// Travel tells driving times from a policy's figures. It is what package matcher asks; safe for use by
// many goroutines, and free of memory allocation once the zones of the places have been loaded.
//
// Kilometres are the great circle times circuity. Minutes are those kilometres, near each end at the speed
// of that end's density and beyond nearKm at the rural speed, times the load of the local hour at which
// one leaves; then the fixed minutes and a buffer for how badly the destination is known, rounded up.
// An override for a pair of cells replaces the driven minutes, whatever the hour.
//
// Kilometres and overrides are the same both ways. Minutes are not: the hour is that of the place
// one leaves, the buffer that of the place one goes to. Between two visits at one place it is the fixed
// minutes only.
type Travel struct {
	figures   muster.TravelFigures
	buffer    map[muster.Precision]muster.Minutes
	dense     map[muster.Cell]int8 // index into SpeedKmh; a cell without an entry is rural
	overrides map[[2]muster.Cell]muster.Minutes
}

// NewTravel prepares the figures of a policy: its Travel and its BufferMin. It refuses a density or an
// override whose key names no cell of ResBase.
func NewTravel(f muster.TravelFigures, buffer map[muster.Precision]muster.Minutes) (*Travel, error) {
	t := &Travel{
		figures: f, buffer: buffer,
		dense:     make(map[muster.Cell]int8, len(f.Density)),
		overrides: make(map[[2]muster.Cell]muster.Minutes, len(f.Overrides)),
	}
	for key, n := range f.Density {
		c, err := baseCell("travel.density", key)
		if err != nil {
			return nil, err
		}
		switch {
		case n >= f.Dense[1]:
			t.dense[c] = 2
		case n >= f.Dense[0]:
			t.dense[c] = 1
		}
	}
	for key, m := range f.Overrides {
		a, b, ok := strings.Cut(key, "/")
		if !ok {
			return nil, muster.Invalid("travel.overrides", key, "two cells of resolution 5 with / between them")
		}
		from, err := baseCell("travel.overrides", a)
		if err != nil {
			return nil, err
		}
		to, err := baseCell("travel.overrides", b)
		if err != nil {
			return nil, err
		}
		if m < 0 {
			return nil, muster.Invalid("travel.overrides", key, "minutes of driving, 0 or more")
		}
		t.overrides[pair(from, to)] = m
	}
	return t, nil
}

// OverrideKey is how a policy's table of overrides names the way between two places.
func OverrideKey(a, b muster.Place) string {
	p := pair(a.Cell.Parent(ResBase), b.Cell.Parent(ResBase))
	return p[0].String() + "/" + p[1].String()
}

// Between gives the minutes and the kilometres by road from one place to another, leaving at an instant.
func (t *Travel) Between(from, to muster.Place, at time.Time) (muster.Minutes, float64) {
	if from.Point == to.Point {
		return t.figures.Fixed, 0
	}
	circle := Km(from.Point, to.Point)
	km := circle * t.figures.Circuity
	a, b := from.Cell.Parent(ResBase), to.Cell.Parent(ResBase)
	driven, set := 0.0, false
	if len(t.overrides) > 0 {
		var m muster.Minutes
		m, set = t.overrides[pair(a, b)]
		driven = float64(m)
	}
	if !set {
		driven = t.driven(circle, a, b) * t.figures.HourLoad[at.In(muster.Location(from.Zone)).Hour()]
	}
	m := driven + float64(t.figures.Fixed) + float64(t.buffer[to.Precision])
	return muster.Minutes(math.Ceil(m - 1e-9)), km // a whole number must not become the next by rounding errors
}

// driven gives the minutes of a distance on empty roads.
func (t *Travel) driven(circle float64, a, b muster.Cell) float64 {
	near := min(circle/2, nearKm)
	speed := &t.figures.SpeedKmh
	hours := near/speed[t.dense[a]] + near/speed[t.dense[b]] + (circle-2*near)/speed[0]
	return hours * 60 * t.figures.Circuity
}

func baseCell(field, text string) (muster.Cell, error) {
	c, err := ParseCell(field, text)
	if err == nil && c.Resolution() != ResBase {
		err = muster.Invalid(field, text, "a cell of resolution 5 is needed")
	}
	return c, err
}

// pair orders two cells, the smaller first, which is also the order of their hexadecimal forms.
func pair(a, b muster.Cell) [2]muster.Cell {
	if a > b {
		a, b = b, a
	}
	return [2]muster.Cell{a, b}
}
