package matcher_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

// Whoever is proposed could come if a named person set aside what is named, all of class dispatcher, and couldn't without
// any one of these.
func TestLongProposalsNeedWhatTheyName(t *testing.T) {
	proposed, pairs, bySteps := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		c.world.Policy.Capacity.TravelKm = float64(rapid.IntRange(3, 60).Draw(t, "travel limit"))
		for i := range c.jobs[:min(len(c.jobs), 24)] {
			job := c.jobs[i]
			if job.Ticket.Crew = rapid.IntRange(1, 2).Draw(t, "crew"); job.Ticket.Crew == 2 {
				job.Ticket.Needs = job.Ticket.Needs[:1] // two who know more are hardly ever drawn
			}
			for n := range job.Ticket.Needs {
				job.Ticket.Needs[n].Level = min(5, job.Ticket.Needs[n].Level+muster.Level(rapid.IntRange(0, 2).Draw(t, "harder")))
			}
			job.Wider.TravelKm = float64(rapid.IntRange(0, 1).Draw(t, "escalated") * 20)
			people := make(map[muster.ExpertID]matcher.Person)
			for _, p := range c.people {
				people[p.Expert.ID] = p
			}
			for _, p := range c.world.Propose(job, c.people, 3) {
				proposed++
				needs := func(own matcher.Job, who matcher.Person, set []muster.Reason) {
					for _, r := range set {
						require.Equal(t, muster.ByDispatcher, r.Class, "%v", r)
						own.Allowed = append(own.Allowed, r.Code)
					}
					x, reasons := c.world.Check(own, who, p.Start)
					require.Empty(t, reasons)
					bySteps += len(x.Beyond)
					for k := range own.Allowed {
						fewer := own
						fewer.Allowed = append(append([]muster.ReasonCode{}, own.Allowed[:k]...), own.Allowed[k+1:]...)
						_, reasons := c.world.Check(fewer, who, p.Start)
						require.NotEmpty(t, reasons, "%s need not be set aside", own.Allowed[k])
					}
				}
				who := people[p.Expert]
				needs(job, who, p.Reasons)
				require.Equal(t, job.Ticket.Crew > 1, p.Second != nil)
				if p.Second == nil {
					_, reasons := c.world.Check(job, who, muster.Candidate{}.Start)
					require.NotEmpty(t, reasons, "they can come without anybody's leave")
					require.NotEmpty(t, p.Reasons)
					continue
				}
				pairs++
				require.NotEmpty(t, append(p.Reasons, p.Second.Reasons...), "they can come without anybody's leave")
				beside := job
				beside.Place, beside.Crew, beside.Start = 1, []muster.ExpertID{p.Expert}, p.Start
				needs(beside, people[p.Second.Expert], p.Second.Reasons)
			}
		}
	})
	t.Logf("%d proposals, %d of crews, %d limits widened beside", proposed, pairs, bySteps)
	require.Greater(t, proposed, pairs)
	require.Positive(t, pairs)
}
