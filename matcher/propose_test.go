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
	proposed, bySteps := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		c.world.Policy.Capacity.TravelKm = float64(rapid.IntRange(3, 60).Draw(t, "travel limit"))
		for i := range c.jobs[:min(len(c.jobs), 8)] {
			job := c.jobs[i]
			if job.Ticket.Crew > 1 {
				continue
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
				who := people[p.Expert]
				_, reasons := c.world.Check(job, who, muster.Candidate{}.Start)
				require.NotEmpty(t, reasons, "they can come without anybody's leave")
				require.NotEmpty(t, p.Reasons)
				own := job
				for _, r := range p.Reasons {
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
		}
	})
	t.Logf("%d proposals, %d limits widened beside", proposed, bySteps)
	require.Positive(t, proposed)
}
