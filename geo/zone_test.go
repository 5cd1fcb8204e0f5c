package geo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
)

func TestZone(t *testing.T) {
	for want, p := range map[string]muster.Point{
		"America/New_York":               boston,
		"America/Chicago":                {Lat: 41.8781, Lng: -87.6298},
		"America/Denver":                 {Lat: 39.7392, Lng: -104.9903},
		"America/Phoenix":                {Lat: 33.4484, Lng: -112.0740},
		"America/Los_Angeles":            {Lat: 34.0522, Lng: -118.2437},
		"America/Anchorage":              {Lat: 61.2181, Lng: -149.9003},
		"Pacific/Honolulu":               {Lat: 21.3069, Lng: -157.8583},
		"America/Indiana/Indianapolis":   {Lat: 39.7684, Lng: -86.1581},
		"America/Kentucky/Louisville":    {Lat: 38.2527, Lng: -85.7585},
		"America/North_Dakota/New_Salem": {Lat: 46.8450, Lng: -101.4110},
		"Europe/London":                  {Lat: 51.5072, Lng: -0.1276},
		"Asia/Kolkata":                   {Lat: 28.6139, Lng: 77.2090},
		"Asia/Kathmandu":                 {Lat: 27.7172, Lng: 85.3240},
		"Pacific/Auckland":               {Lat: -36.8509, Lng: 174.7645},
		"Pacific/Fiji":                   {Lat: -16.8, Lng: 179.99},
		"Antarctica/McMurdo":             {Lat: -90},
	} {
		got, err := Zone(p)
		require.NoError(t, err, want)
		require.Equal(t, want, got)
	}
}

func TestZoneRefusesTheSea(t *testing.T) {
	for _, p := range []muster.Point{
		{Lat: 0, Lng: -30},
		{Lat: 40, Lng: -50},
		{Lat: 28, Lng: -90},
		{Lat: 90},
		{},
		{Lat: 0, Lng: 180},
		{Lat: 42.3601, Lng: 71.0589 - 200}, // a sign forgotten takes New England to the Pacific
	} {
		_, err := Zone(p)
		requireInvalid(t, err, "point")
		_, err = PlaceAt(p, muster.PrecisionStreet)
		requireInvalid(t, err, "point")
	}
	_, err := Zone(muster.Point{Lat: 91})
	requireInvalid(t, err, "lat")
}

func TestPlaceAt(t *testing.T) {
	p, err := PlaceAt(boston, muster.PrecisionZIP)
	require.NoError(t, err)
	require.Equal(t, muster.Place{Point: boston, Cell: 0x882a306603fffff, Precision: muster.PrecisionZIP, Zone: "America/New_York"}, p)
	_, err = PlaceAt(boston, "roughly")
	requireInvalid(t, err, "precision")
	_, err = PlaceAt(muster.Point{Lng: 200}, muster.PrecisionSet)
	requireInvalid(t, err, "lng")
}

func BenchmarkZone(b *testing.B) {
	for b.Loop() {
		if _, err := Zone(boston); err != nil {
			b.Fatal(err)
		}
	}
}
