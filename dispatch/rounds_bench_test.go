package dispatch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/tidwall/cities"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// scatter gives n points around the cities of the United States.
func scatter(n int, seed uint64) []muster.Point {
	r := rand.New(rand.NewPCG(seed, 7))
	var us []cities.City
	for _, c := range cities.Cities {
		if c.Country == "United States" {
			us = append(us, c)
		}
	}
	out := make([]muster.Point, n)
	for i := range out {
		c := us[int(float64(len(us))*r.Float64()*r.Float64())] // more around some
		out[i] = muster.Point{Lat: c.Latitude + r.NormFloat64()*0.1, Lng: c.Longitude + r.NormFloat64()*0.1}
	}
	return out
}

// BenchmarkAssignAll is 10,000 queued tickets and 5,000 experts, from the first read to the last commit: none escalated, and
// every tenth in step 2, for which limits are wider and a person is shown whom they could send.
func BenchmarkAssignAll(b *testing.B) {
	b.Run("plain", func(b *testing.B) { assignAll(b, false) })
	b.Run("escalated", func(b *testing.B) { assignAll(b, true) })
}

func assignAll(b *testing.B, escalated bool) {
	for b.Loop() {
		b.StopTimer()
		clock := muster.NewFakeClock(monday)
		ctx := context.Background()
		store, err := sqlite.Open(ctx, filepath.Join(b.TempDir(), "muster.db"), clock)
		require.NoError(b, err)
		require.NoError(b, store.Migrate(ctx))
		d := dispatch.New(store, clock)
		tickets := fill(b, ctx, d, 10_000, 5_000)
		if escalated {
			inStep2(b, ctx, d, store, clock, tickets)
		} else {
			clock.Advance(3 * time.Hour)
		}
		require.NoError(b, store.Analyze(ctx))
		fresh := dispatch.New(store, clock)
		b.StartTimer()
		began := time.Now()
		report, err := fresh.AssignAll(ctx)
		require.NoError(b, err)
		b.ReportMetric(float64(report.Assigned)/time.Since(began).Seconds(), "assigned/s")
		b.ReportMetric(float64(report.Assigned), "assigned")
		b.StopTimer()
		require.NoError(b, store.Close(ctx))
		b.StartTimer()
	}
}

// inStep2 lets the timers of every tenth ticket ring until it is in the second step.
func inStep2(tb testing.TB, ctx context.Context, d *dispatch.Dispatch, store *sqlite.Store, clock *muster.FakeClock, tickets []muster.TicketID) {
	tb.Helper()
	for _, pause := range []time.Duration{time.Hour, 2 * time.Hour} {
		clock.Advance(pause)
		for i := 0; i < len(tickets); i += 10 {
			w, ok, err := store.Claim(ctx, string(tickets[i]), clock.Now(), clock.Now().Add(time.Minute))
			require.NoError(tb, err)
			require.True(tb, ok)
			_, err = d.Due(ctx, w)
			require.NoError(tb, err)
		}
	}
	c, err := store.TicketCase(ctx, "", graph.CaseRef{Ticket: tickets[0]})
	require.NoError(tb, err)
	require.Equal(tb, 2, c.Ticket.Step)
}

func fill(tb testing.TB, ctx context.Context, d *dispatch.Dispatch, tickets, experts int) (ids []muster.TicketID) {
	tb.Helper()
	actor := muster.System("bench")
	_, err := d.SavePolicy(ctx, muster.Command{ID: "policy", Actor: actor}, muster.DefaultPolicy())
	require.NoError(tb, err)
	var skills []muster.Skill
	for i := range 80 {
		s := muster.Skill{ID: muster.SkillID(fmt.Sprintf("skl_s%d", i)), Name: fmt.Sprintf("Skill %d", i)}
		if i >= 8 {
			s.Narrows = muster.SkillID(fmt.Sprintf("skl_s%d", i%8))
		}
		skills = append(skills, s)
	}
	_, err = d.SaveSkills(ctx, muster.Command{ID: "skills", Actor: actor}, dispatch.SkillRequest{Skills: skills})
	require.NoError(tb, err)
	r := rand.New(rand.NewPCG(1, 2))
	var staff []muster.Expert
	for i, p := range scatter(experts, 1) {
		e := muster.Expert{
			ID: muster.ExpertID(fmt.Sprintf("exp_e%d", i)), Name: fmt.Sprintf("Expert %d", i),
			Base: muster.Place{Point: p, Zone: "America/Chicago"},
		}
		seen := map[int]bool{}
		for range 6 {
			if n := r.IntN(80); !seen[n] {
				seen[n] = true
				e.Skills = append(e.Skills, muster.Competence{Skill: muster.SkillID(fmt.Sprintf("skl_s%d", n)), Level: muster.Level(2 + r.IntN(3))})
			}
		}
		for day := time.Monday; day <= time.Friday; day++ {
			e.Shifts = append(e.Shifts, muster.Hours{Weekday: day, From: 8 * 60, To: 17 * 60})
		}
		staff = append(staff, e)
	}
	hired, err := d.SaveExperts(ctx, actor, staff)
	require.NoError(tb, err)
	require.Equal(tb, dispatch.RowNew, hired[0].State)
	var rows []dispatch.Intake
	for i, p := range scatter(tickets, 2) {
		cus, sit := muster.CustomerID(fmt.Sprintf("cus_c%d", i)), muster.SiteID(fmt.Sprintf("sit_s%d", i))
		rows = append(rows, dispatch.Intake{
			Command:  muster.Command{ID: muster.CommandID(fmt.Sprintf("row/%d", i)), Actor: actor},
			Customer: &muster.Customer{ID: cus, Name: fmt.Sprintf("Customer %d", i)},
			Sites:    []muster.Site{{ID: sit, City: "Somewhere", Place: muster.Place{Point: p, Zone: "America/Chicago"}}},
			Submit: dispatch.SubmitRequest{
				Customer: cus, Site: sit, Title: "It is broken", Legacy: fmt.Sprintf("bench/%d", i),
				Needs: []muster.Need{{Skill: muster.SkillID(fmt.Sprintf("skl_s%d", r.IntN(8))), Level: 2}},
			},
		})
	}
	began := time.Now()
	taken, err := d.Import(ctx, rows)
	require.NoError(tb, err)
	tb.Logf("%d rows taken in, %.0f a second", len(rows), float64(len(rows))/time.Since(began).Seconds())
	for _, row := range taken {
		require.NoError(tb, row.Err)
		require.Equal(tb, dispatch.RowNew, row.State)
		ids = append(ids, muster.TicketID(row.ID))
	}
	return ids
}
