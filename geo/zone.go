package geo

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ringsaturn/tzf"
	tzfdata "github.com/ringsaturn/tzf-rel-lite"
	pb "github.com/ringsaturn/tzf/gen/go/tzf/v1"
	"google.golang.org/protobuf/proto"

	"github.com/sysopssquad/muster"
)

// The borders of time zones come in two forms, and a process that never asks loads neither. The tiles that
// lie wholly inside one zone (30 ms, 9 MB) answer for nearly all inhabited points; only near a border or a
// coast are the polygons loaded (0.5 s, 22 MB). They add 7 MB to the binary.
var (
	zoneTiles = sync.OnceValues(func() (tzf.F, error) {
		var in pb.PreindexTimezones
		if err := proto.Unmarshal(tzfdata.PreindexData, &in); err != nil {
			return nil, err
		}
		return tzf.NewFuzzyFinderFromPB(&in)
	})
	zoneBorders = sync.OnceValues(func() (tzf.F, error) {
		var in pb.CompressedTimezones
		if err := proto.Unmarshal(tzfdata.LiteCompressData, &in); err != nil {
			return nil, err
		}
		return tzf.NewFinderFromCompressed(&in, tzf.SetDropPBTZ)
	})
)

// Zone finds the IANA time zone of a point. The open sea has none that people live by and is refused.
func Zone(p muster.Point) (string, error) {
	if err := CheckPoint(p); err != nil {
		return "", err
	}
	for _, load := range []func() (tzf.F, error){zoneTiles, zoneBorders} {
		finder, err := load()
		if err != nil {
			return "", muster.E(muster.CodeInternal, "the borders of time zones can't be read", "this build is damaged; install it again").Because(err)
		}
		name := finder.GetTimezoneName(p.Lng, p.Lat)
		if name == "" {
			continue
		}
		if strings.HasPrefix(name, "Etc/") { // how the data names the sea, by its longitude
			break
		}
		if _, err := time.LoadLocation(name); err != nil {
			break
		}
		return name, nil
	}
	return "", muster.Invalid("point", fmt.Sprintf("%g, %g", p.Lat, p.Lng),
		"it lies in the sea, where no time zone holds; check the signs and the order of lat and lng, or give its zone")
}
