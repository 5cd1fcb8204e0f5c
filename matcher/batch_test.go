package matcher_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/check"
)

// carryOut puts a plan's choices on the tours, as dispatch does.
func (c *company) carryOut(plan muster.Plan, round int) {
	sites := map[muster.TicketID]*muster.Site{}
	for _, j := range c.jobs {
		sites[j.Ticket.ID] = j.Site
	}
	for _, ch := range plan.Choices {
		x := ch.Candidate
		for i := range c.people {
			p := &c.people[i]
			if p.Expert.ID != x.Expert {
				continue
			}
			at := slices.IndexFunc(p.Tours, func(t *muster.Tour) bool { return t.ID == x.Tour })
			if at < 0 {
				p.Tours = append(p.Tours, &muster.Tour{ID: x.Tour, Expert: x.Expert, Start: x.Shift.Start, End: x.Shift.End, OnCall: x.OnCall, Breaks: x.Breaks})
				at = len(p.Tours) - 1
			}
			matcher.Insert(p.Tours[at], x, muster.Stop{
				Visit: muster.VisitID(fmt.Sprintf("vis_%s-%d-%d", ch.Ticket, ch.Place, round)), Ticket: ch.Ticket, Assignment: "asg_1", Place: sites[ch.Ticket].Place,
			})
		}
	}
}

func (c *company) breaches() (out []check.Breach) {
	for _, p := range c.people {
		for _, t := range p.Tours {
			out = append(out, check.Tour(check.Case{World: c.world, Person: p, Tour: t})...)
		}
	}
	return out
}

func drawCompany(t *rapid.T) *company {
	f := figures{
		seed: rapid.Uint64().Draw(t, "seed"), experts: rapid.IntRange(1, 25).Draw(t, "experts"), tickets: rapid.IntRange(1, 40).Draw(t, "tickets"),
		towns: rapid.IntRange(1, 2).Draw(t, "towns"), spreadKm: 12, needs: rapid.SampledFrom([]int{3, 12, 80}).Draw(t, "needs"),
	}
	return found(t, f)
}

// Whatever a batch proposes the independent checker finds right, round after round, and the tours that
// follow say the truth about their ways.
func TestLongBatchesAreRight(t *testing.T) {
	chosen := 0
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		if rapid.Bool().Draw(t, "crews") {
			for i := range c.jobs {
				c.jobs[i].Ticket.Crew = 1 + i%2
			}
		}
		for round := range 3 {
			plan := c.world.Batch(c.jobs, c.people)
			require.Empty(t, check.Plan(c.world, c.jobs, c.people, plan))
			left := map[muster.TicketID]bool{}
			for _, l := range plan.Left {
				left[l.Ticket] = true
				require.NotEmpty(t, l.Main)
			}
			c.carryOut(plan, round)
			require.Empty(t, c.breaches())
			chosen += len(plan.Choices)
			c.jobs = slices.DeleteFunc(c.jobs, func(j matcher.Job) bool { return !left[j.Ticket.ID] })
			for _, j := range c.jobs {
				if j.Ticket.Crew == 1 {
					require.Empty(t, c.world.Rank(j, c.people).Candidates, "nobody is left who could")
				} else {
					require.Nil(t, c.world.Crew(j, c.people))
				}
			}
			c.world.Now = c.world.Now.Add(7 * time.Hour)
			for i := range 10 {
				again := found(t, figures{seed: uint64(round*10 + i), experts: 1, tickets: 1, towns: 1, spreadKm: 12, needs: 12}).jobs[0]
				again.Ticket.ID = muster.TicketID(fmt.Sprintf("tic_more-%d-%d", round, i))
				again.Site.Place = c.people[i%len(c.people)].Expert.Base
				c.jobs = append(c.jobs, again)
			}
		}
	})
	require.Greater(t, chosen, 100)
}

// The same jobs and people in another order get the same plan and the same ranking.
func TestOrderDoesntMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		plan := c.world.Batch(c.jobs, c.people)
		match := c.world.Rank(c.jobs[0], c.people)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		jobs, people := slices.Clone(c.jobs), slices.Clone(c.people)
		r.Shuffle(len(jobs), func(i, k int) { jobs[i], jobs[k] = jobs[k], jobs[i] })
		r.Shuffle(len(people), func(i, k int) { people[i], people[k] = people[k], people[i] })
		require.Equal(t, plan, c.world.Batch(jobs, people))
		require.Equal(t, match, c.world.Rank(c.jobs[0], people))
	})
}

// One expert more never makes a ticket impossible, and one with a candidate keeps that very candidate.
func TestOneMoreExpertTakesNothingAway(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCompany(t)
		fewer := c.people[:len(c.people)-1]
		for _, j := range c.jobs[:min(len(c.jobs), 5)] {
			less, more := c.world.Rank(j, fewer), c.world.Rank(j, c.people)
			require.Len(t, more.Candidates, len(c.people)-len(more.Excluded))
			for _, x := range less.Candidates {
				require.Contains(t, more.Candidates, x)
			}
		}
	})
}

// Planning changes nothing that it is given.
func TestInputsStayAsTheyAre(t *testing.T) {
	c := found(t, figures{seed: 5, experts: 30, tickets: 40, towns: 1, spreadKm: 12, needs: 20})
	c.carryOut(c.world.Batch(c.jobs[:20], c.people), 0)
	picture := func() string {
		b, err := json.Marshal([]any{c.people, c.jobs, c.world.Policy})
		require.NoError(t, err)
		return string(b)
	}
	before := picture()
	c.world.Batch(c.jobs[20:], c.people)
	for _, j := range c.jobs[20:] {
		j.Ignore = "vis_tic_000001-0-0"
		j.Allowed = []muster.ReasonCode{muster.HeldByOther, muster.AfterWindow}
		c.world.Rank(j, c.people)
		c.world.Crew(j, c.people)
		c.world.Starts(j, c.people[0], 9)
		c.world.Check(j, c.people[0], c.world.Now.Add(3*time.Hour))
	}
	require.Equal(t, before, picture())
}

// What a batch chooses first is what ranking would have put first, at that cost.
func TestTheFirstChoiceIsTheBestOfItsTicket(t *testing.T) {
	c := found(t, figures{seed: 6, experts: 30, tickets: 25, towns: 1, spreadKm: 12, needs: 20})
	plan := c.world.Batch(c.jobs, c.people)
	require.NotEmpty(t, plan.Choices)
	for _, ch := range plan.Choices {
		require.Equal(t, 1, ch.Rank)
		require.GreaterOrEqual(t, ch.Regret, 0.0)
	}
	first := plan.Choices[0]
	at := slices.IndexFunc(c.jobs, func(j matcher.Job) bool { return j.Ticket.ID == first.Ticket })
	if c.jobs[at].Ticket.Crew == 1 {
		require.Equal(t, c.world.Rank(c.jobs[at], c.people).Candidates[0], first.Candidate)
	}
}

// two tickets of an hour and a half, one expert who has time for one: the other waits.
func twoForOne(t *testing.T) *company {
	c := found(t, figures{seed: 1, experts: 1, tickets: 2, towns: 1, spreadKm: 1, needs: 1})
	e := c.people[0].Expert
	start := c.world.Now.Add(time.Hour)
	*e = muster.Expert{
		ID: "exp_1", Base: e.Base, Skills: []muster.Competence{{Skill: "skl_a", Level: 3}},
		Extra: []muster.Window{{Start: start, End: start.Add(150 * time.Minute)}},
	}
	for _, j := range c.jobs {
		*j.Ticket = muster.Ticket{
			ID: j.Ticket.ID, Needs: []muster.Need{{Skill: "skl_a", Level: 1}}, Duration: 90, Crew: 1, QueuedAt: c.world.Now,
			DueAt: c.world.Now.AddDate(0, 0, 9), Priority: muster.PriorityNormal,
		}
		j.Site.Place, j.Site.AccessHours, j.Customer.Blocked = e.Base, nil, nil
	}
	return c
}

func TestOfTwoForOneTheMorePressingIsChosen(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(first, second *muster.Ticket)
		want muster.TicketID
	}{
		{"equal: by id", func(_, _ *muster.Ticket) {}, "tic_000000"},
		{"higher priority", func(_, b *muster.Ticket) { b.Priority = muster.PriorityHigh }, "tic_000001"},
		{"two days older", func(_, b *muster.Ticket) { b.QueuedAt = b.QueuedAt.AddDate(0, 0, -2) }, "tic_000001"},
		{"a week older and long overdue", func(_, b *muster.Ticket) {
			b.QueuedAt, b.DueAt = b.QueuedAt.AddDate(0, 0, -7), b.QueuedAt.AddDate(0, 0, -4)
		}, "tic_000001"},
		{"old enough beats a higher priority", func(a, b *muster.Ticket) {
			a.Priority = muster.PriorityHigh
			b.QueuedAt = b.QueuedAt.AddDate(0, 0, -20)
		}, "tic_000001"},
	} {
		t.Run(c.name, func(t *testing.T) {
			co := twoForOne(t)
			c.set(co.jobs[0].Ticket, co.jobs[1].Ticket)
			plan := co.world.Batch(co.jobs, co.people)
			require.Len(t, plan.Choices, 1)
			require.Equal(t, c.want, plan.Choices[0].Ticket)
			require.Len(t, plan.Left, 1)
			require.Equal(t, muster.NoOpening, plan.Left[0].Main)
		})
	}
}

// A choice makes way for the next: whoever is nearest to the visit that was just planned is asked again.
func TestAVisitNearbyMakesTheNextOneCheaper(t *testing.T) {
	c := twoForOne(t)
	c.people[0].Expert.Extra[0].End = c.people[0].Expert.Extra[0].End.Add(5 * time.Hour)
	far := muster.Place{Point: muster.Point{Lat: c.people[0].Expert.Base.Point.Lat + 0.2, Lng: c.people[0].Expert.Base.Point.Lng}, Zone: "UTC"}
	c.jobs[0].Site.Place, c.jobs[1].Site.Place = far, far
	plan := c.world.Batch(c.jobs, c.people)
	require.Len(t, plan.Choices, 2)
	require.Less(t, plan.Choices[1].Candidate.Terms[0].Minutes, plan.Choices[0].Candidate.Terms[0].Minutes/4)
}

func TestCrewsOfTwo(t *testing.T) {
	c := twoForOne(t)
	c.jobs = c.jobs[:1]
	c.jobs[0].Ticket.Crew = 2
	plan := c.world.Batch(c.jobs, c.people)
	require.Empty(t, plan.Choices, "one expert is no crew")
	require.Len(t, plan.Left, 1)
	require.Equal(t, muster.CrewClash, plan.Left[0].Main)

	second := *c.people[0].Expert
	second.ID = "exp_2"
	second.Extra = []muster.Window{{Start: second.Extra[0].Start.Add(35 * time.Minute), End: second.Extra[0].End}}
	c.people = append(c.people, matcher.Person{Expert: &second})
	plan = c.world.Batch(append(c.jobs, matcher.Job{Ticket: c.jobs[0].Ticket, Site: c.jobs[0].Site, Place: 1}), c.people)
	require.Empty(t, check.Plan(c.world, c.jobs, c.people, plan))
	require.Len(t, plan.Choices, 2)
	a, b := plan.Choices[0], plan.Choices[1]
	require.Equal(t, []int{0, 1}, []int{a.Place, b.Place})
	require.Equal(t, a.Candidate.Start, b.Candidate.Start)
	require.False(t, a.Candidate.Start.Before(second.Extra[0].Start), "as soon as both can")
	require.NotEqual(t, a.Candidate.Expert, b.Candidate.Expert)
	crew := c.world.Crew(c.jobs[0], c.people)
	require.Len(t, crew, 2)
	require.Equal(t, a.Candidate, crew[0])

	second.Extra[0] = muster.Window{Start: second.Extra[0].End, End: second.Extra[0].End.Add(3 * time.Hour)}
	plan = c.world.Batch(c.jobs, c.people)
	require.Empty(t, plan.Choices, "no common start")
	require.Equal(t, []muster.Leftover{{Ticket: "tic_000000", Main: muster.CrewClash}}, plan.Left)

	one := c.jobs[0] // the first has been found before
	one.Crew, one.Place, one.Start = []muster.ExpertID{"exp_1"}, 1, second.Extra[0].Start.Add(30*time.Minute)
	plan = c.world.Batch([]matcher.Job{one}, c.people)
	require.Len(t, plan.Choices, 1)
	require.Equal(t, muster.ExpertID("exp_2"), plan.Choices[0].Candidate.Expert)
	require.Equal(t, 1, plan.Choices[0].Place)
	require.Equal(t, one.Start, plan.Choices[0].Candidate.Start)
}

func TestBatchOfNothing(t *testing.T) {
	c := twoForOne(t)
	require.Equal(t, muster.Plan{Choices: []muster.Choice{}, Left: []muster.Leftover{}}, c.world.Batch(nil, c.people))
	plan := c.world.Batch(c.jobs, nil)
	require.Empty(t, plan.Choices)
	require.Len(t, plan.Left, 2)
	require.NotEmpty(t, plan.Left[0].Main)
}

// The main reason is that of the experts who come nearest, not that of the crowd.
func TestTheMainReasonIsThatOfTheNearest(t *testing.T) {
	c := twoForOne(t)
	for i := range 5 {
		c.people = append(c.people, matcher.Person{Expert: &muster.Expert{ID: muster.ExpertID(fmt.Sprint("exp_no-", i)), Removed: true}})
	}
	c.jobs[0].Customer.Blocked = []muster.Block{{Expert: "exp_1"}}
	plan := c.world.Batch(c.jobs[:1], c.people)
	require.Equal(t, muster.IsBlocked, plan.Left[0].Main)
}
