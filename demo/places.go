package demo

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"

	"github.com/tidwall/cities"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/geo"
)

// places.csv lists where the company has people: the large cities, which have their position from
// tidwall/cities, and towns of our own choosing so that no inhabited part of the country is far from one.
// Thousands is roughly how many thousand people live there.
//
//go:embed places.csv
var placesCSV []byte

// town is a place where experts live and devices break.
type town struct {
	name, state string
	point       muster.Point
	zone        string
	people      int
	neighbours  []int   // the nearest three towns within 150 km
	spread      float64 // km around the middle in which its people live
}

const neighbourKm = 150

// towns gives all places, the largest first.
var towns = sync.OnceValue(func() []town {
	known := make(map[string]muster.Point)
	for _, c := range cities.Cities {
		if c.Country == "United States" {
			known[c.City] = muster.Point{Lat: c.Latitude, Lng: c.Longitude}
		}
	}
	rows, err := csv.NewReader(bytes.NewReader(placesCSV)).ReadAll()
	if err != nil {
		panic("demo: places.csv: " + err.Error()) // a file of ours, read by a test
	}
	out := make([]town, 0, len(rows))
	for _, r := range rows[1:] {
		t := town{name: r[0], state: r[1], zone: r[5], people: 1000 * number(r[4])}
		if r[2] == "" {
			t.point = known[t.name]
		} else {
			t.point = muster.Point{Lat: decimal(r[2]), Lng: decimal(r[3])}
		}
		t.spread = min(20, 2+math.Sqrt(float64(t.people))/80)
		out = append(out, t)
	}
	slices.SortStableFunc(out, func(a, b town) int { return b.people - a.people })
	for i := range out {
		out[i].neighbours = nearest(out, i)
	}
	return out
})

func nearest(ts []town, i int) []int {
	type far struct {
		j  int
		km float64
	}
	var all []far
	for j := range ts {
		if j == i || math.Abs(ts[j].point.Lat-ts[i].point.Lat) > 1.5 {
			continue
		}
		if km := geo.Km(ts[i].point, ts[j].point); km <= neighbourKm {
			all = append(all, far{j, km})
		}
	}
	slices.SortFunc(all, func(a, b far) int { return int(1000 * (a.km - b.km)) })
	var out []int
	for _, f := range all[:min(3, len(all))] {
		out = append(out, f.j)
	}
	return out
}

// somewhere gives a point near a town's middle. It lies on the way to a neighbouring town, where there is
// land and where people live, up to reach times the town's spread.
func (t *town) somewhere(r *rand.Rand, reach float64) muster.Point {
	p := t.point
	if len(t.neighbours) > 0 {
		to := towns()[t.neighbours[r.IntN(len(t.neighbours))]].point
		km := geo.Km(p, to)
		way := min(t.spread*reach*math.Sqrt(r.Float64()), 0.45*km) / km
		p.Lat += (to.Lat - p.Lat) * way
		p.Lng += (to.Lng - p.Lng) * way
	}
	p.Lat += 0.012 * (r.Float64() - 0.5)
	p.Lng += 0.012 * (r.Float64() - 0.5)
	return p
}

// place makes a place of a point near the town. Its zone is the town's.
func (t *town) place(p muster.Point, precision muster.Precision) muster.Place {
	cell, err := geo.CellOf(p, geo.ResSite)
	if err != nil {
		panic("demo: " + t.name + " has no cell: " + err.Error()) // our own positions
	}
	return muster.Place{Point: p, Cell: cell, Precision: precision, Zone: t.zone}
}

// People of a cell of ResBase (253 km2) in the middle of a large city, and by how much each ring around it
// has fewer.
const (
	densest = 380_000
	thinner = 0.7
	suburbs = 1.6 // people in a city and its surroundings, over those in the city
)

// density spreads the people of all towns over the cells around them, for travel speeds.
func density() map[string]int {
	out := make(map[string]int)
	for _, t := range towns() {
		centre, err := geo.CellOf(t.point, geo.ResBase)
		if err != nil {
			continue
		}
		left, limit := suburbs*float64(t.people), float64(densest)
		for k := 0; left >= 1000 && k < 12; k++ {
			ring, err := geo.Ring(centre, k)
			if err != nil {
				break
			}
			each := min(limit, left/float64(len(ring)))
			for _, c := range ring {
				out[c.String()] += int(each)
			}
			left -= each * float64(len(ring))
			limit *= thinner
		}
	}
	return out
}

func number(s string) int {
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil {
		panic("demo: " + s + " is no number") // files of ours, read by a test
	}
	return n
}

func decimal(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		panic("demo: " + s + " is no number") // files of ours, read by a test
	}
	return f
}
