package roster

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/sysopssquad/muster"
)

// crowd makes experts in towns, who are many at one place.
func crowd(seed uint64, n int) []Entry {
	r := rand.New(rand.NewPCG(seed, 1))
	towns := make([]muster.Point, n/3+1)
	for i := range towns {
		towns[i] = muster.Point{Lat: 30 + 15*r.Float64(), Lng: -120 + 45*r.Float64()}
	}
	out := make([]Entry, n)
	for i := range out {
		e := Entry{ID: muster.ExpertID(fmt.Sprintf("exp_%05d", i*7919%100_003)), Base: muster.Place{Point: towns[r.IntN(len(towns))]}}
		for _, k := range tree {
			if r.IntN(3) == 0 {
				e.Skills = append(e.Skills, muster.Competence{Skill: k.ID, Level: muster.Level(1 + r.IntN(5))})
			}
		}
		for d := range 4 {
			from := monday.Add(time.Duration(24*d+6+r.IntN(6)) * time.Hour)
			e.Shifts = append(e.Shifts, Shift{muster.Window{Start: from, End: from.Add(8 * time.Hour)}, r.IntN(3)})
		}
		out[i] = e
	}
	return out
}
