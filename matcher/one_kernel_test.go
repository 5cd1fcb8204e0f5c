package matcher_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// Ranking, the question about one expert, a batch, its rounds, a crew and the list of starts give the same numbers for the same visit,
// byte for byte.
func TestAllAnswersHaveTheSameNumbers(t *testing.T) {
	c := found(t, figures{seed: 8, experts: 200, tickets: 60, towns: 4, spreadKm: 25, needs: 40})
	text := func(v any) string {
		b, err := json.Marshal(v)
		require.NoError(t, err)
		return string(b)
	}
	people := map[muster.ExpertID]matcher.Person{}
	for _, p := range c.people {
		people[p.Expert.ID] = p
	}
	found, excluded := 0, 0
	for _, job := range c.jobs {
		if job.Ticket.Crew > 1 {
			continue
		}
		m := c.world.Rank(job, c.people)
		counts := map[muster.ReasonCode]int{}
		for _, x := range m.Excluded {
			excluded++
			_, reasons := c.world.Check(job, people[x.Expert], time.Time{})
			require.Equal(t, text(x.Reasons), text(reasons))
			told := map[muster.ReasonCode]bool{}
			for _, r := range reasons {
				if !told[r.Code] {
					counts[r.Code]++
				}
				told[r.Code] = true
			}
		}
		require.Equal(t, counts, m.Counts)
		for _, one := range m.Candidates {
			found++
			sum := 0.0
			for _, term := range one.Terms {
				sum += term.Minutes
			}
			require.InDelta(t, one.Cost, sum, 1e-6, "the terms are the cost")
			c2, _ := c.world.Check(job, people[one.Expert], time.Time{})
			require.Equal(t, text(one), text(c2))
			c2, _ = c.world.Check(job, people[one.Expert], one.Start)
			require.Equal(t, text(one), text(c2))
			require.Equal(t, text(one), text(c.world.Starts(job, people[one.Expert], 1)[0]))
		}
		plan := c.world.Batch([]matcher.Job{job}, c.people)
		if len(m.Candidates) == 0 {
			require.Len(t, plan.Left, 1)
			require.Positive(t, m.Counts[plan.Left[0].Main])
			continue
		}
		best := text(m.Candidates[0])
		require.Equal(t, best, text(plan.Choices[0].Candidate))
		rounds, _ := c.world.Rounds([]matcher.Job{job}, c.people)
		require.Equal(t, best, text(rounds.Choices[0].Candidate))
		require.Equal(t, best, text(c.world.Crew(job, c.people)[0]))
		require.Equal(t, text(m.Candidates), text(c.world.Shortlist(job, c.people, len(c.people))))
	}
	require.Greater(t, found, 20)
	require.Greater(t, excluded, 1000)
}
