package muster

import (
	"encoding/json"
	"strconv"
)

// Point is a position in degrees, WGS 84.
type Point struct {
	Lat float64 `json:"lat"`
	Lng float64 `json:"lng"`
}

// Precision says how well a point is known; travel adds a buffer for it.
type Precision string

// From the best to the worst.
const (
	PrecisionSet     Precision = "set" // by hand, on the map
	PrecisionRooftop Precision = "rooftop"
	PrecisionStreet  Precision = "street"
	PrecisionZIP     Precision = "zip"
)

// Cell is an H3 index; 0 is none. In JSON it is H3's usual 15 hexadecimal digits.
type Cell uint64

// String gives H3's hexadecimal form.
func (c Cell) String() string { return strconv.FormatUint(uint64(c), 16) }

// The bits of an H3 index that place it in the hierarchy (h3geo.org/docs/core-library/h3Indexing): four
// for the resolution, then three for the digit of each of 15 resolutions; a digit that is not used is 7.
const (
	cellResolutionShift = 52
	cellResolutionMask  = 0xf
	cellFinest          = 15
	cellDigitBits       = 3
)

// Resolution is how fine the cell is, 0 (continents) to 15 (a square metre).
func (c Cell) Resolution() int { return int(c >> cellResolutionShift & cellResolutionMask) }

// Parent is the cell of a coarser resolution that this one lies within, itself at its own resolution
// and 0 for a finer one. It only moves bits: whether the cell is valid is for geo to say.
func (c Cell) Parent(resolution int) Cell {
	own := c.Resolution()
	if c == 0 || resolution < 0 || resolution > own {
		return 0
	}
	unused := Cell(1)<<(cellDigitBits*(cellFinest-resolution)) - 1
	return c&^(cellResolutionMask<<cellResolutionShift) | Cell(resolution)<<cellResolutionShift | unused
}

// Within tells whether this cell is the other one or lies in it.
func (c Cell) Within(other Cell) bool { return other != 0 && c.Parent(other.Resolution()) == other }

// MarshalJSON writes the hexadecimal form, "" for none.
func (c Cell) MarshalJSON() ([]byte, error) {
	if c == 0 {
		return []byte(`""`), nil
	}
	return json.Marshal(c.String())
}

// UnmarshalJSON reads the hexadecimal form; whether it is a valid cell is for geo to say.
func (c *Cell) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return err
	}
	if s == "" {
		*c = 0
		return nil
	}
	n, err := strconv.ParseUint(s, 16, 64)
	if err != nil {
		return Invalid("cell", s, "an H3 cell has 15 hexadecimal digits")
	}
	*c = Cell(n)
	return nil
}

// Place is where something is, for travel: a point, its cell at resolution 8 (geo.ResSite), how
// well it is known, and its IANA time zone.
type Place struct {
	Point     Point     `json:"point"`
	Cell      Cell      `json:"cell"`
	Precision Precision `json:"precision,omitempty"`
	Zone      string    `json:"zone"`
}
