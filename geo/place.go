package geo

import "github.com/sysopssquad/muster"

// PlaceAt makes a place of a point: with its cell at ResSite and its time zone. Precision says how well
// the point is known.
func PlaceAt(p muster.Point, precision muster.Precision) (muster.Place, error) {
	switch precision {
	case muster.PrecisionSet, muster.PrecisionRooftop, muster.PrecisionStreet, muster.PrecisionZIP:
	default:
		return muster.Place{}, muster.Invalid("precision", string(precision), "one of set, rooftop, street, zip")
	}
	cell, err := CellOf(p, ResSite)
	if err != nil {
		return muster.Place{}, err
	}
	zone, err := Zone(p)
	if err != nil {
		return muster.Place{}, err
	}
	return muster.Place{Point: p, Cell: cell, Precision: precision, Zone: zone}, nil
}
