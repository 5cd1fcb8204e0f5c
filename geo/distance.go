package geo

import (
	"math"

	"github.com/sysopssquad/muster"
)

// earthKm is the mean radius of the Earth (IUGG R1). The sphere is off by 0.5 % at most, far less than
// the circuity that distances are multiplied by.
const earthKm = 6371.0088

// Km is the distance of two points along the great circle (haversine, exact also for near points).
func Km(a, b muster.Point) float64 {
	const rad = math.Pi / 180
	lat := math.Sin((b.Lat - a.Lat) * rad / 2)
	lng := math.Sin((b.Lng - a.Lng) * rad / 2)
	h := lat*lat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*lng*lng
	return 2 * earthKm * math.Asin(math.Sqrt(min(h, 1)))
}
