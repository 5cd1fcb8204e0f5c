package dispatch

import (
	"errors"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// settlePlace fills in what follows from a point: cell and time zone. A zone that is given holds, so that a
// lighthouse has one; else the point must lie where people live by one.
func settlePlace(field string, p muster.Place) (muster.Place, error) {
	if p.Precision == "" {
		p.Precision = muster.PrecisionStreet
	}
	if p.Zone == "" {
		settled, err := geo.PlaceAt(p.Point, p.Precision)
		return settled, inPlace(field, err)
	}
	if _, err := time.LoadLocation(p.Zone); err != nil || p.Zone == "Local" {
		return p, muster.Invalid(field+".zone", p.Zone, "a zone of the IANA data base, such as America/Chicago, or leave it out")
	}
	switch p.Precision {
	case muster.PrecisionSet, muster.PrecisionRooftop, muster.PrecisionStreet, muster.PrecisionZIP:
	default:
		return p, muster.Invalid(field+".precision", string(p.Precision), "one of set, rooftop, street, zip")
	}
	var err error
	p.Cell, err = geo.CellOf(p.Point, geo.ResSite)
	return p, inPlace(field, err)
}

// inPlace names the input's field in an error of geo's, which knows only that of the point or place.
func inPlace(field string, err error) error {
	e := (*muster.Error)(nil)
	if !errors.As(err, &e) || e.Code != muster.CodeInvalid {
		return err
	}
	switch e.Field {
	case "lat", "lng":
		field += ".point"
	}
	return muster.Invalid(field+"."+e.Field, e.Value, e.Hint).Because(errors.Unwrap(e))
}
