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
