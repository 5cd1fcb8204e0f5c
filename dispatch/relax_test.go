package dispatch_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestWhatIsShownToADispatcherCanBeDone(t *testing.T) {
	onBothStores(t, func(c *company, _ raw) {
		li := c.expert("li", 3, muster.Competence{Skill: fridges, Level: 1})
		far := c.expert("far", 100)
		c.expert("gus", 3, muster.Competence{Skill: gas, Level: 5, Expires: monday.AddDate(1, 0, 0)})
		ticket := c.submit()
		ref := dispatch.TicketRef{ID: ticket.ID}

		plain, err := c.dispatch.Match(c.ctx, ref)
		require.NoError(t, err)
		require.Nil(t, plain.Relaxations, "nobody asked")
		m, err := c.dispatch.Relax(c.ctx, ref)
		require.NoError(t, err)
		require.Empty(t, m.Candidates)
		require.Equal(t, plain.Excluded, m.Excluded, "who is compared stays the same")
		kinds := map[muster.ReasonCode]muster.Relaxation{}
		for _, r := range m.Relaxations {
			if len(r.Changes) == 1 && kinds[r.Changes[0].Code].Size == 0 {
				kinds[r.Changes[0].Code] = r
			}
		}

		farther := kinds[muster.TooFar]
		require.Equal(t, muster.ByPolicy, farther.Class)
		require.Equal(t, "escalation", farther.Ask)
		require.Equal(t, "km", farther.Changes[0].Unit)
		require.Equal(t, far.ID, farther.Experts[0].Expert)
		require.InDelta(t, farther.Experts[0].Km-60, farther.Changes[0].Amount, 1, "so far beyond the limit")

		level := kinds[muster.LevelLow]
		require.Equal(t, muster.ByDispatcher, level.Class)
		require.Equal(t, "dispatcher", level.Ask)
		require.Equal(t, li.ID, level.Experts[0].Expert)

		taught := kinds[muster.NoSkill]
		require.Equal(t, muster.Never, taught.Class)
		require.Equal(t, "administrator", taught.Ask)

		one, err := c.dispatch.RelaxOne(c.ctx, ref, li.ID)
		require.NoError(t, err)
		require.Equal(t, asJSON(t, level), asJSON(t, one.Relaxations[0]), "the same for the one expert")

		a, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{
			Ticket: ticket.ID, Expert: li.ID, Start: level.Experts[0].Start,
			Overrides: []muster.ReasonCode{muster.LevelLow}, Why: "it is only a bulb",
		})
		require.NoError(t, err)
		require.Equal(t, level.Experts[0].Start, a.Visit.Start)
		require.InDelta(t, level.Experts[0].Cost, a.Assignments[0].Decided.Cost, 1e-9)
		require.Equal(t, level.Experts[0].Terms, a.Assignments[0].Decided.Terms)
		c.sound()
	})
}

// The ranking, the question about one expert and what a round decides carry the same numbers.
func TestARoundDecidesByTheNumbersThatAreShown(t *testing.T) {
	c := newCompany(t)
	c.expert("li", 3)
	c.expert("kim", 20)
	ticket := c.submit()
	ref := dispatch.TicketRef{ID: ticket.ID}
	m, err := c.dispatch.Match(c.ctx, ref)
	require.NoError(t, err)
	require.Len(t, m.Candidates, 2)
	for _, one := range m.Candidates {
		v, err := c.dispatch.Why(c.ctx, ref, one.Expert)
		require.NoError(t, err)
		require.Equal(t, asJSON(t, one), asJSON(t, v.Candidate))
	}
	_, err = c.dispatch.AssignAll(c.ctx)
	require.NoError(t, err)
	got := c.load(ticket.ID)
	require.NotEmpty(t, got.Assignments)
	require.Equal(t, m.Candidates[0].Expert, got.Assignments[0].Expert)
	require.Equal(t, m.Candidates[0].Cost, got.Assignments[0].Decided.Cost)
	require.Equal(t, asJSON(t, m.Candidates[0].Terms), asJSON(t, got.Assignments[0].Decided.Terms))
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

func TestCoverageOnBothStores(t *testing.T) {
	onBothStores(t, func(c *company, _ raw) {
		none, err := c.dispatch.Coverage(c.ctx, "")
		require.NoError(t, err)
		require.Zero(t, none.Experts)
		require.Equal(t, []muster.HourSpan{{From: 0, To: muster.HoursOfWeek}}, none.Closed)

		li := c.expert("li", 3)
		c.expert("far", 900)
		c.expert("gus", 3, muster.Competence{Skill: gas, Level: 1, Expires: monday.Add(time.Hour)})
		all, err := c.dispatch.Coverage(c.ctx, "")
		require.NoError(t, err)
		require.Equal(t, 3, all.Experts)
		for size := 1; size < 4; size++ {
			paged, err := c.dispatch.CoverageInPages(c.ctx, "", size)
			require.NoError(t, err)
			require.Equal(t, all, paged, "pages of %d", size)
		}
		here, err := c.dispatch.Coverage(c.ctx, li.Region)
		require.NoError(t, err)
		require.Equal(t, 2, here.Experts)
		require.Equal(t, li.Region, here.Region)

		gone := 0
		for _, s := range all.Skills {
			if s.Skill == gas && s.Experts == 0 {
				gone++
			}
		}
		c.clock.Advance(2 * time.Hour)
		later, err := c.dispatch.Coverage(c.ctx, "")
		require.NoError(t, err)
		for _, s := range later.Skills {
			if s.Skill == gas {
				require.Equal(t, muster.Level(1), s.Level)
				require.Zero(t, s.Experts, "the certificate has ended")
			}
		}
		require.Positive(t, gone, "nobody above level 1")
	})
}
