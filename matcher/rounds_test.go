package matcher_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/check"
	"github.com/sysopssquad/muster/matcher/solve"
)

// flaws is what the certificates of rounds lack.
func flaws(rounds []matcher.Linear) (out []check.Flaw) {
	for i := range rounds {
		p, a := &rounds[i].Problem, rounds[i].Answer
		out = append(out, check.Assignment(check.Round[solve.Arc]{
			Arcs: p.Arcs, LeaveOut: p.LeaveOut, Capacity: p.Capacity,
			Opening: a.Opening, Cost: a.Cost, TicketDual: a.TicketDual, OpeningDual: a.OpeningDual,
		})...)
	}
	return out
}

func costOf(plan muster.Plan) (sum float64) {
	for _, c := range plan.Choices {
		sum += c.Candidate.Cost
	}
	return sum
}

// Rounds obey every rule, carry a certificate that holds, and are never worse than choosing by regret alone.
func TestRoundsAreRightAndNeverWorse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		plain := c.world.Batch(c.jobs, c.people)
		plan, rounds := c.world.Rounds(c.jobs, c.people)
		require.Empty(t, check.Plan(c.world, c.jobs, c.people, plan))
		require.Empty(t, flaws(rounds))
		for _, l := range rounds {
			require.LessOrEqual(t, l.Answer.Cost, l.Before)
		}
		require.LessOrEqual(t, len(plan.Left), len(plain.Left)+2)
		if len(plan.Left) == len(plain.Left) && slices.EqualFunc(plan.Left, plain.Left, func(a, b muster.Leftover) bool { return a.Ticket == b.Ticket }) {
			// The way that each visit adds depends on what was on the tour before it, so that sums may differ by a little.
			require.LessOrEqual(t, costOf(plan), costOf(plain)+1+0.005*math.Abs(costOf(plain)))
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		jobs, people := slices.Clone(c.jobs), slices.Clone(c.people)
		r.Shuffle(len(jobs), func(i, k int) { jobs[i], jobs[k] = jobs[k], jobs[i] })
		r.Shuffle(len(people), func(i, k int) { people[i], people[k] = people[k], people[i] })
		again, _ := c.world.Rounds(jobs, people)
		require.Equal(t, plan, again, "the order of the input doesn't matter")
		c.carryOut(plan, 0)
		require.Empty(t, c.breaches())
		c.nobodyCould(t, plan)
	})
}

// nobodyCould asks of each ticket that a plan, which was carried out, has left whether somebody could come after all.
func (c *company) nobodyCould(t require.TestingT, plan muster.Plan) {
	left := map[muster.TicketID]muster.ReasonCode{}
	for _, l := range plan.Left {
		left[l.Ticket] = l.Main
	}
	for _, j := range c.jobs {
		if main, is := left[j.Ticket.ID]; is && j.Ticket.Crew == 1 {
			require.Empty(t, c.world.Rank(j, c.people).Candidates, j.Ticket.ID)
			require.NotEqual(t, muster.CrewClash, main)
		}
	}
}

// A round looks at few of all places, and yet its answer is the best over all of them.
func TestPlacesThatARoundDoesntLookAtAreInNoBetterPlan(t *testing.T) {
	fewer := 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		some, all := c.world.FirstRound(c.jobs, c.people, false), c.world.FirstRound(c.jobs, c.people, true)
		require.Equal(t, all.Answer.Unassigned, some.Answer.Unassigned)
		require.Empty(t, flaws([]matcher.Linear{all, some}))
		require.Equal(t, used(&all), used(&some), "the cost of all who have a place")
		fewer += len(all.Problem.Arcs) - len(some.Problem.Arcs)
	})
	require.Positive(t, fewer)
}

// used is what the arcs that are used cost, without the shift that keeps costs from being negative.
func used(l *matcher.Linear) int64 {
	sum := l.Answer.Cost
	for i, e := range l.Answer.Opening {
		if e < 0 {
			sum -= l.Problem.LeaveOut[i]
		}
	}
	return sum - l.Shift*int64(len(l.Answer.Opening)-l.Answer.Unassigned)
}

// Where there are too few experts, rounds find places for tickets that choosing one after the other leaves out: none for a
// less pressing one at a more pressing one's cost.
func TestRoundsPlaceMoreWhereExpertsAreScarce(t *testing.T) {
	c := found(t, figures{seed: 3, experts: 20, tickets: 700, towns: 1, spreadKm: 12, needs: 80})
	plain := c.world.Batch(c.jobs, c.people)
	plan, rounds := c.world.Rounds(c.jobs, c.people)
	require.Empty(t, flaws(rounds))
	require.Empty(t, check.Plan(c.world, c.jobs, c.people, plan))
	require.Greater(t, len(rounds), 2)
	for _, l := range rounds {
		require.LessOrEqual(t, l.Answer.Cost, l.Before)
	}
	c.carryOut(plan, 0)
	c.nobodyCould(t, plan)
	t.Logf("%d left by regret alone, %d by rounds", len(plain.Left), len(plan.Left))
	require.LessOrEqual(t, len(plan.Left), len(plain.Left)-5)
}

func BenchmarkRounds(b *testing.B) {
	for _, x := range []struct {
		name string
		f    figures
	}{
		{"country", figures{seed: 1, experts: 5000, tickets: 10000, towns: 300, spreadKm: 20, needs: 80}},
		{"city", figures{seed: 2, experts: 2500, tickets: 5000, towns: 1, spreadKm: 12, needs: 80}},
		{"scarce", figures{seed: 3, experts: 150, tickets: 5000, towns: 1, spreadKm: 12, needs: 80}},
	} {
		b.Run(x.name, func(b *testing.B) {
			c := found(b, x.f)
			for b.Loop() {
				b.StopTimer()
				plain := c.world.Batch(c.jobs, c.people)
				b.StartTimer()
				plan, rounds := c.world.Rounds(c.jobs, c.people)
				b.StopTimer()
				for i, l := range rounds {
					b.Logf("round %d: %d tickets, %d openings, %d arcs, %.0f -> %.0f min, %d left, refused %d", i, len(l.Problem.LeaveOut), len(l.Problem.Capacity),
						len(l.Problem.Arcs), float64(l.Before)/100, float64(l.Answer.Cost)/100, l.Answer.Unassigned, l.Refused)
				}
				b.Logf("cost %.0f -> %.0f, left %d -> %d, breaches %d, flaws %d", costOf(plain), costOf(plan), len(plain.Left), len(plan.Left),
					len(check.Plan(c.world, c.jobs, c.people, plan)), len(flaws(rounds)))
				b.StartTimer()
			}
		})
	}
}
