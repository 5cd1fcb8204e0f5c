package matcher_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

func TestCoverageByHand(t *testing.T) {
	skills := []muster.Skill{
		{ID: "skl_goods", Name: "White goods"}, {ID: "skl_fridge", Name: "Refrigerators", Narrows: "skl_goods"},
		{ID: "skl_gas", Name: "Gas", Licensed: true}, {ID: "skl_old", Name: "Mangles", Retired: true},
	}
	now := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	tree := muster.NewSkills(1, skills)
	c := matcher.NewCoverage(&tree, skills, []muster.RegionID{"reg_a", "reg_b"}, now)
	day := func(d time.Weekday, from, to muster.Minutes) muster.Hours {
		return muster.Hours{Weekday: d, From: from * 60, To: to * 60}
	}
	c.Add(&muster.Expert{
		ID: "exp_1", Shifts: []muster.Hours{
			day(time.Monday, 8, 12), {Weekday: time.Monday, From: 13*60 + 30, To: 16*60 + 30}, day(time.Sunday, 22, 26),
		},
		Skills: []muster.Competence{{Skill: "skl_fridge", Level: 2}, {Skill: "skl_gas", Level: 5}}, // without a certificate
	}, []muster.RegionID{"reg_a"})
	c.Add(&muster.Expert{
		ID: "exp_2", Shifts: []muster.Hours{day(time.Monday, 10, 14)},
		Skills: []muster.Competence{{Skill: "skl_goods", Level: 1}, {Skill: "skl_gas", Level: 1, Expires: now.Add(-time.Hour)}},
	}, []muster.RegionID{"reg_a"})
	c.Add(&muster.Expert{ID: "exp_3", Removed: true, Shifts: []muster.Hours{day(time.Tuesday, 8, 17)}}, []muster.RegionID{"reg_b"})

	r := c.Report()
	spans := func(of ...int) (out []muster.HourSpan) {
		out = []muster.HourSpan{}
		for i := 0; i < len(of); i += 2 {
			out = append(out, muster.HourSpan{From: of[i], To: of[i+1]})
		}
		return out
	}
	lonely := spans(0, 2, 8, 12, 14, 16, 166, 168) // without 12 to 14, when exp_2 has it alone, or nobody
	at := spans(0, 2, 8, 16, 166, 168)             // of all: two hours after midnight, 8 to 16, Sunday night
	require.Equal(t, 2, r.Experts)
	require.Equal(t, spans(2, 8, 16, 166), r.Closed)
	require.Equal(t, []muster.SkillCoverage{
		{Skill: "skl_gas", Name: "Gas", Level: 1, Nobody: at, One: spans()},
		{Skill: "skl_fridge", Name: "Refrigerators", Level: 1, Experts: 1, Nobody: spans(12, 14), One: lonely},
		{Skill: "skl_fridge", Name: "Refrigerators", Level: 2, Experts: 1, Nobody: spans(12, 14), One: lonely},
		{Skill: "skl_fridge", Name: "Refrigerators", Level: 3, Nobody: at, One: spans()},
		{Skill: "skl_goods", Name: "White goods", Level: 1, Experts: 2, Nobody: spans(), One: spans(0, 2, 8, 10, 12, 16, 166, 168)},
		{Skill: "skl_goods", Name: "White goods", Level: 2, Experts: 1, Nobody: spans(12, 14), One: lonely},
		{Skill: "skl_goods", Name: "White goods", Level: 3, Nobody: at, One: spans()},
	}, r.Skills)
	require.Equal(t, []muster.RegionCoverage{
		{Region: "reg_a", Experts: 2, Nobody: spans(), One: spans(0, 2, 8, 10, 12, 16, 166, 168)},
		{Region: "reg_b", Nobody: at, One: spans()},
	}, r.Regions)
	require.Equal(t, "Mon 08:00 to 16:00", at[1].String())
	require.Equal(t, "Sun 22:00 to 24:00", at[2].String())
	require.Equal(t, "Mon 16:00 to Sun 22:00", muster.HourSpan{From: 16, To: 166}.String())
}

// Minute by minute, and with the constraint's own word on who counts.
func TestCoverageIsThatOfTheMinutes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		skills := []muster.Skill{{ID: "skl_a", Licensed: rapid.Bool().Draw(t, "licensed")}, {ID: "skl_b", Narrows: "skl_a"}}
		tree := muster.NewSkills(1, skills)
		policy := muster.DefaultPolicy()
		w := &matcher.World{Now: days[0].Add(12 * time.Hour).UTC(), Policy: &policy, Skills: &tree, Travel: plane{}}
		c := matcher.NewCoverage(&tree, skills, nil, w.Now)
		var counts [7 * 24]int
		for i := range rapid.IntRange(1, 4).Draw(t, "experts") {
			e := &muster.Expert{ID: muster.ExpertID(fmt.Sprint("exp_", i)), Base: somewhere(t, "base"), Name: "A"}
			for range rapid.IntRange(0, 4).Draw(t, "shifts") {
				from := rapid.IntRange(0, 24*60-1).Draw(t, "from")
				to := from + rapid.IntRange(1, 24*60).Draw(t, "length")
				e.Shifts = append(e.Shifts, muster.Hours{
					Weekday: time.Weekday(rapid.IntRange(0, 6).Draw(t, "day")), From: muster.Minutes(from), To: muster.Minutes(to),
				})
			}
			k := muster.Competence{Skill: rapid.SampledFrom([]muster.SkillID{"skl_a", "skl_b"}).Draw(t, "skill"), Level: 2}
			if rapid.Bool().Draw(t, "expires") {
				k.Expires = w.Now.AddDate(0, 0, rapid.SampledFrom([]int{-1, 400}).Draw(t, "expiry"))
			}
			e.Skills = []muster.Competence{k}
			c.Add(e, nil)

			var minutes [7 * 24 * 60]bool
			for _, h := range e.Shifts {
				for m := h.From; m < h.To; m++ {
					minutes[((int(h.Weekday)+6)*24*60+int(m))%len(minutes)] = true
				}
			}
			job := matcher.Job{
				Ticket: &muster.Ticket{Mode: muster.ModeHomeVisit, Duration: 5, Needs: []muster.Need{{Skill: "skl_a", Level: 2}}},
				Site:   &muster.Site{Place: e.Base},
			}
			always := *e
			always.Shifts = nil
			for d := range 7 {
				always.Shifts = append(always.Shifts, muster.Hours{Weekday: time.Weekday(d), To: 8 * 60})
			}
			if _, reasons := w.Check(job, matcher.Person{Expert: &always}, time.Time{}); len(reasons) > 0 {
				continue
			}
			for h := range counts {
				whole := 1
				for _, works := range minutes[h*60 : (h+1)*60] {
					if !works {
						whole = 0
					}
				}
				counts[h] += whole
			}
		}
		r := c.Report()
		gap := map[int]int{}
		for _, s := range r.Skills {
			if s.Skill != "skl_a" || s.Level != 2 {
				continue
			}
			for _, x := range s.One {
				for h := x.From; h < x.To; h++ {
					gap[h] = 1
				}
			}
		}
		for h, n := range counts {
			require.Equal(t, n == 1, gap[h] == 1, "hour %d: %d", h, n)
		}
	})
}
