package importer

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

const zipFile = "us_zips.csv.gz"

// dataFolder is where the data files are: what was asked for, else $MUSTER_DATA, else ../shared/data.
func dataFolder(asked string) string {
	if asked != "" {
		return asked
	}
	if env := os.Getenv("MUSTER_DATA"); env != "" {
		return env
	}
	return filepath.Join("..", "shared", "data")
}

// zipCode is one ZIP code with the middle of its area. Place is worked out when it is first needed.
type zipCode struct {
	zip, city, state string
	point            muster.Point
	place            muster.Place
	known, nowhere   bool
}

// zipCodes are the ZIP codes of the country by number. They hold roughly equal numbers of people, so picking
// them evenly stands in for population.
type zipCodes []zipCode

// loadZIPs reads us_zips.csv.gz: 33,000 rows, 3 MB in memory.
func loadZIPs(folder string) (zipCodes, error) {
	path := filepath.Join(dataFolder(folder), zipFile)
	f, err := os.Open(path)
	if err != nil {
		return nil, muster.Invalid("MUSTER_DATA", dataFolder(folder), "customers get addresses from "+zipFile+
			"; set MUSTER_DATA to the folder that has it (docs/importing.md says where it is from)").Because(err)
	}
	defer f.Close()
	damaged := func(err error) error {
		return muster.Invalid("file", path, "its columns must be zip, city, state, lat, lng; fetch it again").Because(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, damaged(err)
	}
	r := csv.NewReader(z)
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil || !slices.Equal(header, []string{"zip", "city", "state", "lat", "lng"}) {
		return nil, damaged(err)
	}
	var out zipCodes
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, damaged(err)
		}
		lat, e1 := strconv.ParseFloat(row[3], 64)
		lng, e2 := strconv.ParseFloat(row[4], 64)
		if err := errors.Join(e1, e2); err != nil {
			return nil, damaged(err)
		}
		out = append(out, zipCode{
			zip: strings.Clone(row[0]), city: strings.Clone(row[1]), state: strings.Clone(row[2]),
			point: muster.Point{Lat: lat, Lng: lng},
		})
	}
	if len(out) == 0 {
		return nil, damaged(errors.New("it has no rows"))
	}
	return out, nil
}

// jitterDegrees spreads the addresses of a ZIP code around its middle: about 2 km.
const jitterDegrees = 0.018

// at picks a ZIP code by a hash, and a point near its middle by the rest of the hash. A few positions lie in
// the sea; the next ZIP code stands in for them.
func (zs zipCodes) at(h uint64) (*zipCode, muster.Place, error) {
	start := int(h % uint64(len(zs)))
	for i := range len(zs) {
		z := &zs[(start+i)%len(zs)]
		if !z.known {
			place, err := geo.PlaceAt(z.point, muster.PrecisionZIP)
			z.place, z.nowhere, z.known = place, err != nil, true
		}
		if z.nowhere {
			continue
		}
		h /= uint64(len(zs))
		p := muster.Point{
			Lat: z.point.Lat + jitterDegrees*(float64(h%2048)/1023.5-1),
			Lng: z.point.Lng + jitterDegrees*(float64(h/2048%2048)/1023.5-1),
		}
		cell, err := geo.CellOf(p, geo.ResSite)
		if err != nil {
			return z, z.place, nil // beside a pole: the middle will do
		}
		place := z.place // its zone holds for 2 km around
		place.Point, place.Cell = p, cell
		return z, place, nil
	}
	return nil, muster.Place{}, muster.Invalid(zipFile, fmt.Sprintf("%d rows", len(zs)), "none of them lies on land; check the signs of lat and lng")
}
