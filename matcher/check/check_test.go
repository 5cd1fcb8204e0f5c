package check

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/matcher"
)

var now = time.Date(2026, 11, 20, 7, 0, 0, 0, time.UTC)

func at(hour, minute int) time.Time { return time.Date(2026, 11, 20, hour, minute, 0, 0, time.UTC) }

// plain drives a degree in a hundred minutes and kilometres.
type plain struct{}

func (plain) Between(from, to muster.Place, _ time.Time) (muster.Minutes, float64) {
	d := math.Abs(from.Point.Lat-to.Point.Lat)*100 + math.Abs(from.Point.Lng-to.Point.Lng)*100
	return muster.Minutes(math.Round(d)), d
}

func place(km float64) muster.Place {
	return muster.Place{Point: muster.Point{Lat: km / 100}, Cell: 0x882a306603fffff, Zone: "UTC"}
}

// right is a tour of two visits, 20 km away each, that breaks no rule; the first may be changed in every way.
func right() *Case {
	p := muster.DefaultPolicy()
	skills := muster.NewSkills(1, []muster.Skill{{ID: "skl_a"}, {ID: "skl_b", Narrows: "skl_a"}, {ID: "skl_gas", Licensed: true}})
	e := &muster.Expert{
		ID: "exp_1", Base: place(0), Skills: []muster.Competence{{Skill: "skl_b", Level: 3}}, Brands: []string{"Bosch"}, Carries: []string{"pump"},
		Shifts: []muster.Hours{{Weekday: time.Friday, From: 8 * 60, To: 17 * 60}}, Territory: []muster.Cell{muster.Cell(0x882a306603fffff).Parent(5)},
	}
	t := &muster.Tour{
		ID: "tou_1", Expert: e.ID, Start: at(8, 0), End: at(17, 0), Breaks: []muster.Window{{Start: at(12, 0), End: at(12, 30)}},
		Stops: []muster.Stop{
			{Visit: "vis_1", Ticket: "tic_1", Assignment: "asg_1", Place: place(20), Depart: at(8, 40), Travel: 20, Start: at(9, 0), End: at(10, 0)},
			{Visit: "vis_2", Ticket: "tic_2", Assignment: "asg_2", Place: place(20), Start: at(14, 0), End: at(15, 0)},
		},
	}
	job := matcher.Job{
		Ticket: &muster.Ticket{
			ID: "tic_1", Needs: []muster.Need{{Skill: "skl_a", Level: 3}}, Brand: "BOSCH", Carry: []string{"Pump"}, Duration: 60,
			Windows: []muster.Window{{Start: at(8, 0), End: at(10, 0)}},
		},
		Customer: &muster.Customer{},
		Site:     &muster.Site{Place: place(20), AccessHours: []muster.Hours{{Weekday: time.Friday, From: 9 * 60, To: 10 * 60}}},
	}
	return &Case{
		World:  &matcher.World{Now: now, Policy: &p, Skills: &skills, Travel: plain{}},
		Person: matcher.Person{Expert: e, Tours: []*muster.Tour{t}}, Tour: t,
		Jobs: map[muster.VisitID]matcher.Job{"vis_1": job}, Fresh: map[muster.VisitID]bool{"vis_1": true},
	}
}

func TestEveryBreachIsFound(t *testing.T) {
	require.Empty(t, Tour(*right()))
	other := func(c *Case, start, end time.Time) {
		day := start.Truncate(24 * time.Hour)
		c.Person.Tours = append(c.Person.Tours, &muster.Tour{
			ID: "tou_2", Start: day.Add(time.Hour), End: day.Add(23 * time.Hour), Stops: []muster.Stop{{Visit: "vis_9", Assignment: "asg_9", Place: place(0), Start: start, End: end}},
		})
	}
	seen := map[muster.ReasonCode]bool{}
	for _, x := range []struct {
		name  string
		want  muster.ReasonCode
		spoil func(c *Case, e *muster.Expert, j *matcher.Job, first *muster.Stop)
	}{
		{"left", muster.Gone, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Removed = true }},
		{"division", muster.OtherDivision, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Customer.Division = "x" }},
		{"shop only", muster.NotMobile, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Capacity.CarryInOnly = true }},
		{"no skill", muster.NoSkill, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Ticket.Needs[0].Skill = "skl_gas" }},
		{"level", muster.LevelLow, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Ticket.Needs[0].Level = 4 }},
		{"two levels, one set aside", muster.LevelLow, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) {
			j.Ticket.Needs[0].Level, j.Allowed = 5, []muster.ReasonCode{muster.LevelLow}
		}},
		{"expired", muster.CertificateEnds, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Skills[0].Expires = at(9, 59) }},
		{"no licence", muster.CertificateEnds, func(_ *Case, e *muster.Expert, j *matcher.Job, _ *muster.Stop) {
			e.Skills[0].Skill, j.Ticket.Needs[0].Skill = "skl_gas", "skl_gas"
		}},
		{"make", muster.NotAuthorised, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Ticket.Brand = "Miele" }},
		{"part", muster.LacksParts, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Carries = nil }},
		{"territory", muster.OutOfTerritory, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Territory[0]++ }},
		{"far", muster.TooFar, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Capacity.TravelKm = 19 }},
		{"blocked", muster.IsBlocked, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) {
			j.Customer.Blocked = []muster.Block{{Expert: "exp_1"}}
		}},
		{"declined", muster.HasDeclined, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) {
			j.Ticket.Declines = []muster.Decline{{Expert: "exp_1", Reason: "too_far"}}
		}},
		{"declined then", muster.HasDeclined, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) {
			j.Ticket.Declines = []muster.Decline{{Expert: "exp_1", Reason: "not_then", Window: muster.Window{Start: at(9, 59), End: at(11, 0)}}}
		}},
		{"crew", muster.CrewClash, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Crew = []muster.ExpertID{"exp_1"} }},
		{"crew's start", muster.CrewClash, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Start = at(9, 5) }},
		{"off shift", muster.OffShift, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Shifts[0].From = 9*60 + 1 }},
		{"after the tour", muster.OffShift, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) { c.Tour.End = at(14, 59) }},
		{"leave", muster.OnLeave, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) {
			e.Leave = []muster.Leave{{Window: muster.Window{Start: at(9, 59), End: at(11, 0)}}}
		}},
		{"leave on the way home", muster.OnLeave, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) {
			e.Leave = []muster.Leave{{Window: muster.Window{Start: at(15, 19), End: at(18, 0)}}}
		}},
		{"on call", muster.NotOnCall, func(c *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) {
			c.Tour.OnCall, j.Ticket.Windows = true, nil
		}},
		{"window", muster.AfterWindow, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Ticket.Windows[0].End = at(9, 0) }},
		{"site", muster.SiteClosed, func(_ *Case, _ *muster.Expert, j *matcher.Job, _ *muster.Stop) { j.Site.AccessHours[0].To-- }},
		{"break", muster.BreakMissed, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) { c.Tour.Breaks[0].End = at(14, 1) }},
		{"overlap", muster.Overlaps, func(_ *Case, _ *muster.Expert, _ *matcher.Job, s *muster.Stop) { s.End = at(14, 1) }},
		{"overlap with another tour", muster.Overlaps, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) { other(c, at(9, 59), at(11, 0)) }},
		{"late", muster.NoOpening, func(_ *Case, _ *muster.Expert, _ *matcher.Job, s *muster.Stop) { s.Place = place(61) }},
		{"late because of the lead", muster.NoOpening, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) { c.World.Now = at(8, 26) }},
		{"late because of a break on the way", muster.NoOpening, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) {
			c.Tour.Stops[1].Place, c.Tour.Breaks[0] = place(229), muster.Window{Start: at(12, 0), End: at(12, 32)}
		}},
		{"says a wrong way", muster.NoOpening, func(_ *Case, _ *muster.Expert, _ *matcher.Job, s *muster.Stop) { s.Travel = 19 }},
		{"says a late departure", muster.NoOpening, func(_ *Case, _ *muster.Expert, _ *matcher.Job, s *muster.Stop) { s.Depart = at(8, 41) }},
		{"out of order", muster.NoOpening, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) {
			c.Tour.Stops[0], c.Tour.Stops[1] = c.Tour.Stops[1], c.Tour.Stops[0]
		}},
		{"capacity", muster.OverCapacity, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Capacity.VisitsPerTour = 1 }},
		{"overtime", muster.Overtime, func(c *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) {
			c.Tour.End, e.Capacity.OvertimeMin = at(15, 0), 19
		}},
		{"day", muster.DayTooLong, func(_ *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) { e.Capacity.DayMinutes = 399 }},
		{"week", muster.WeekTooLong, func(c *Case, e *muster.Expert, _ *matcher.Job, _ *muster.Stop) {
			other(c, at(9, 0).AddDate(0, 0, -2), at(10, 0).AddDate(0, 0, -2))
			e.Capacity.WeekMinutes = 459
		}},
		{"rest", muster.RestTooShort, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) {
			other(c, at(20, 0).AddDate(0, 0, -1), at(22, 41).AddDate(0, 0, -1))
		}},
		{"two tours of a day", muster.RestTooShort, func(c *Case, _ *muster.Expert, _ *matcher.Job, _ *muster.Stop) { other(c, at(15, 10), at(16, 0)) }},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := right()
			j := c.Jobs["vis_1"]
			x.spoil(c, c.Person.Expert, &j, &c.Tour.Stops[0])
			c.Jobs["vis_1"] = j
			got := map[muster.ReasonCode]bool{}
			for _, b := range Tour(*c) {
				got[b.Code] = true
			}
			require.True(t, got[x.want], "found %v", got)
			seen[x.want] = true
		})
	}
	require.Len(t, seen, 26, "all constraints but one: on a tour a hold is a visit like others")
}

// Leave that somebody enters when they fall ill begins and ends at any second.
func TestLeaveEndsAtAnySecond(t *testing.T) {
	c := right()
	c.Person.Expert.Leave = []muster.Leave{{Window: muster.Window{Start: at(10, 0), End: at(13, 20).Add(31 * time.Second)}}}
	c.Tour.Breaks = nil
	next := &c.Tour.Stops[1]
	next.Place, next.Travel = place(60), 40
	next.Depart = at(13, 20).Add(31 * time.Second)
	next.Start = next.Depart.Add(40 * time.Minute)
	next.End = next.Start.Add(time.Hour)
	require.Empty(t, Tour(*c))
	next.Start = next.Start.Add(-time.Second)
	require.NotEmpty(t, Tour(*c))
}

// rush takes twice as long before nine.
type rush struct{ plain }

func (r rush) Between(from, to muster.Place, leave time.Time) (muster.Minutes, float64) {
	m, km := r.plain.Between(from, to, leave)
	if leave.Hour() < 9 {
		m *= 2
	}
	return m, km
}

// Who is done early may wait for the roads to clear: the plan's leaving time counts, not only the first possible one.
func TestWaitingCanBeFaster(t *testing.T) {
	c := right()
	c.World.Travel = rush{}
	first, next := &c.Tour.Stops[0], &c.Tour.Stops[1]
	first.Depart, first.Travel, first.End, first.EndedAt = at(8, 20), 40, at(9, 0), at(8, 59)
	first.Start = at(8, 50)
	delete(c.Jobs, "vis_1")
	next.Place, next.Depart, next.Travel, next.Start, next.End = place(60), at(9, 0), 40, at(9, 40), at(10, 40)
	require.Empty(t, Tour(*c))
	next.Start = at(9, 39)
	require.NotEmpty(t, Tour(*c))
}

// Leave that begins on the way home from a visit that took place keeps nobody on the road until it ends.
func TestTheWayHomeIsNotOnLeave(t *testing.T) {
	c := right()
	before := &muster.Tour{ID: "tou_0", Expert: "exp_1", Start: at(8, 0).AddDate(0, 0, -1), End: at(17, 0).AddDate(0, 0, -1), Stops: []muster.Stop{{
		Visit: "vis_0", Ticket: "tic_0", Assignment: "asg_0", Place: place(20), Start: at(14, 0).AddDate(0, 0, -1), End: at(15, 0).AddDate(0, 0, -1),
		EndedAt: at(15, 0).AddDate(0, 0, -1),
	}}}
	c.Person.Tours = append(c.Person.Tours, before)
	c.Person.Expert.Leave = []muster.Leave{{Window: muster.Window{Start: at(15, 5).AddDate(0, 0, -1), End: at(8, 0)}}}
	require.Empty(t, Tour(*c))
}

func TestHoldsThatAreOverDontCount(t *testing.T) {
	c := right()
	held := muster.Stop{Visit: "vis_3", Offer: "off_3", HeldUntil: now, Place: place(20), Start: at(9, 0), End: at(10, 0)}
	c.Tour.Stops = append([]muster.Stop{held}, c.Tour.Stops...)
	require.Empty(t, Tour(*c))
	c.World.Hold = now.Add(time.Second)
	require.NotEmpty(t, Tour(*c), "who was asked could not answer")
	c.World.Broke = now
	require.Empty(t, Tour(*c), "they could, for all their time")
	c.World.Hold = now
	c.Tour.Stops[0].HeldUntil = now.Add(time.Second)
	require.NotEmpty(t, Tour(*c))
}

func TestPlansThatAreNotWhole(t *testing.T) {
	c := right()
	job := c.Jobs["vis_1"]
	c.Person.Tours = nil
	jobs, people := []matcher.Job{job}, []matcher.Person{c.Person}
	candidate := muster.Candidate{
		Expert: "exp_1", Tour: "tou_1", Start: at(9, 0), End: at(10, 0), Shift: muster.Window{Start: at(8, 0), End: at(17, 0)},
	}
	choice := muster.Choice{Ticket: "tic_1", Candidate: candidate}
	left := muster.Leftover{Ticket: "tic_1"}
	for name, plan := range map[string]muster.Plan{
		"neither":     {},
		"both":        {Choices: []muster.Choice{choice}, Left: []muster.Leftover{left}},
		"twice":       {Choices: []muster.Choice{choice, choice}},
		"wrong start": {Choices: []muster.Choice{{Ticket: "tic_1", Candidate: func() muster.Candidate { x := candidate; x.Start = at(9, 5); return x }()}}},
	} {
		require.NotEmpty(t, Plan(c.World, jobs, people, plan), name)
	}
	require.Empty(t, Plan(c.World, jobs, people, muster.Plan{Choices: []muster.Choice{choice}}))
	require.Empty(t, Plan(c.World, jobs, people, muster.Plan{Left: []muster.Leftover{left}}))
	job.Ticket.Crew = 2
	require.NotEmpty(t, Plan(c.World, jobs, people, muster.Plan{Choices: []muster.Choice{choice}}), "half a crew")
}

// Who goes on leave on their way home, until midnight, has rested by the next morning.
func TestLeaveAtTheEndOfADayIsNoWork(t *testing.T) {
	c := right()
	c.Tour.Stops[1].Start, c.Tour.Stops[1].End = at(15, 0), at(16, 0)
	c.Person.Expert.Leave = []muster.Leave{{Window: muster.Window{Start: at(16, 5), End: at(24, 0)}}}
	next := *c.Tour
	next.ID, next.Start, next.End, next.Breaks = "tou_2", at(24+8, 0), at(24+17, 0), nil
	next.Stops = []muster.Stop{{Visit: "vis_9", Assignment: "asg_9", Place: place(0), Start: at(24+9, 0), End: at(24+10, 0)}}
	c.Person.Tours = append(c.Person.Tours, &next)
	c.Person.Expert.Extra = []muster.Window{{Start: next.Start, End: next.End}}
	c.Tour, c.Jobs = &next, nil
	require.Empty(t, Tour(*c))
}
