package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// One expert asked about alone, the ranking of all, and a round that makes the choice compare with the same
// peers: each names the same cost, term by term. Part of the company is in another region, where rankings
// don't look.
func TestLongACostIsTheSameWhoeverAsks(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		clock := muster.NewFakeClock(monday)
		store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
		require.NoError(r, err)
		defer store.Close(t.Context())
		c := companyOn(t, store, clock)
		c.pushing()
		for i := range rapid.IntRange(1, 5).Draw(r, "experts") {
			e := muster.Expert{
				ID: muster.ExpertID(fmt.Sprintf("exp_%d", i)), Name: fmt.Sprint(i),
				Base: muster.Place{Point: muster.Point{
					Lat: boston.Lat + float64(rapid.IntRange(0, 30).Draw(r, "km"))/111, Lng: boston.Lng,
				}},
				PaidWeeks: muster.Minutes(rapid.IntRange(0, 160*60).Draw(r, "paid")),
			}
			if i > 0 && rapid.Bool().Draw(r, "far away") {
				e.Base.Point = muster.Point{Lat: 34.05, Lng: -118.24}
			}
			for _, s := range []muster.SkillID{fridges, goods, gas} {
				if s == fridges || rapid.Bool().Draw(r, "more") {
					visits := rapid.IntRange(0, 60).Draw(r, "visits")
					e.Skills = append(e.Skills, muster.Competence{
						Skill: s, Level: muster.Level(rapid.IntRange(2, 5).Draw(r, "level")),
						Visits: visits, Fixed: rapid.IntRange(0, visits).Draw(r, "fixed"),
					})
				}
			}
			for day := time.Monday; day <= time.Friday; day++ {
				e.Shifts = append(e.Shifts, muster.Hours{Weekday: day, From: 8 * 60, To: 16*60 + 30})
			}
			_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
			require.NoError(r, err)
		}
		for range rapid.IntRange(1, 3).Draw(r, "tickets") {
			ticket := c.submit()
			ref := dispatch.TicketRef{ID: ticket.ID}
			match, err := c.dispatch.Match(c.ctx, ref)
			require.NoError(r, err)
			for _, want := range match.Candidates {
				why, err := c.dispatch.Why(c.ctx, ref, want.Expert)
				require.NoError(r, err)
				require.Equal(r, want, *why.Candidate)
			}
			_, err = c.dispatch.AssignAll(c.ctx)
			require.NoError(r, err)
			k := c.load(ticket.ID)
			require.Len(r, k.Assignments, min(1, len(match.Candidates)))
			for _, a := range k.Assignments {
				best := match.Candidates[0]
				require.Equal(r, best.Expert, a.Expert)
				require.Equal(r, best.Start, a.Start)
				require.InDelta(r, best.Cost, a.Decided.Cost, 0)
				require.Equal(r, best.Terms, a.Decided.Terms)
			}
		}
	})
}

// Peers are looked at anew when an expert is saved, hired or removed, and after a while when others did it.
func TestPeersFollowTheCompany(t *testing.T) {
	c := newCompany(t)
	paid := func(id string, hours muster.Minutes) muster.Expert {
		e := c.expert(id, 3)
		e.PaidWeeks, e.Rev = 60*hours, 0
		e, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
		require.NoError(c, err)
		return e
	}
	li := paid("li", 100)
	ticket := c.submit()
	above := func() float64 { // what li was paid above the mean
		c.Helper()
		why, err := c.dispatch.Why(c.ctx, dispatch.TicketRef{ID: ticket.ID}, li.ID)
		require.NoError(c, err)
		for _, term := range why.Candidate.Terms {
			if term.Name == "fairness" {
				return term.Minutes / muster.DefaultPolicy().Weights.Fairness
			}
		}
		return 0
	}
	require.Zero(t, above())
	mo := paid("mo", 50)
	require.InDelta(t, 25, above(), 0.1)
	_, err := c.dispatch.RemoveExpert(c.ctx, c.as(admin), mo.ID)
	require.NoError(t, err)
	require.Zero(t, above())
	third := li
	third.ID, third.Name, third.Rev, third.PaidWeeks = "exp_third", "third", 0, 0
	_, err = c.dispatch.SaveExperts(c.ctx, admin, []muster.Expert{third})
	require.NoError(t, err)
	require.InDelta(t, 50, above(), 0.1)

	third.PaidWeeks = 60 * 200
	other := dispatch.New(c.store, c.clock)
	_, err = other.SaveExpert(c.ctx, c.as(admin), third)
	require.NoError(t, err)
	c.clock.Advance(2 * time.Minute)
	require.InDelta(t, -50, above(), 0.1)
}
