package dispatch_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func (c *company) whatIf(changes ...dispatch.WhatIfChange) dispatch.WhatIfReport {
	c.Helper()
	before := c.all()
	r, err := c.dispatch.WhatIf(c.ctx, dispatcher, dispatch.WhatIfRequest{Changes: changes})
	require.NoError(c, err)
	require.Equal(c, before, c.all(), "nothing is written")
	return r
}

// What sick would do and what it is asked beforehand come of one function.
func TestWhatIfSomebodyIsSick(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	li := c.expert("li", 3)
	c.expert("kim", 14)
	noon := monday.Add(4 * time.Hour)
	c.at(li.ID, noon)
	c.at(li.ID, noon.Add(2*time.Hour))
	c.at("exp_kim", noon.Add(90*time.Minute), func(r *dispatch.SubmitRequest) { r.Duration = 120 })
	queued := c.submit().ID

	plan, err := c.dispatch.SickPlan(c.ctx, dispatcher, dispatch.SickRequest{Expert: li.ID})
	require.NoError(t, err)
	r := c.whatIf(dispatch.WhatIfChange{Absent: &dispatch.Absence{Expert: li.ID}})
	require.Equal(t, plan.Visits, r.Visits)
	require.Len(t, r.Visits, 2)
	require.Equal(t, 1, r.Before.Tickets)
	require.Equal(t, 1, r.Before.Placed)
	require.Equal(t, 1, r.After.Placed)
	require.Equal(t, 1, r.Moved)
	require.Equal(t, queued, r.Tickets[0].Ticket)
	require.Equal(t, li.ID, r.Tickets[0].Before.Expert)

	_, err = c.dispatch.Sick(c.ctx, c.as(dispatcher), dispatch.SickRequest{Expert: li.ID})
	require.NoError(t, err)
	report, err := c.dispatch.Round(c.ctx, c.region())
	require.NoError(t, err)
	require.Equal(t, 1, report.Assigned)
	got := c.load(queued).Assignments[0]
	require.Equal(t, r.Tickets[0].After.Expert, got.Expert)
	require.Equal(t, r.Tickets[0].After.Start, got.Start)
	c.sound()
}

// Queued tickets gain a place by a skill, lose it by another change, and ones that are added are planned too.
func TestWhatIfSkillsTicketsAndPolicyChange(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	li := c.expert("li", 3)
	c.expert("kim", 4)
	hidden := c.submit(func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: gas, Level: 2}} }).ID
	open := c.submit().ID

	nothing := c.whatIf(dispatch.WhatIfChange{Policy: json.RawMessage(`{}`)})
	require.Equal(t, nothing.Before, nothing.After)
	require.Empty(t, nothing.Tickets)

	expires := monday.AddDate(1, 0, 0)
	r := c.whatIf(dispatch.WhatIfChange{Skill: &dispatch.SkillChange{Expert: li.ID, Skill: gas, Level: 3, Expires: expires}})
	require.Equal(t, 1, r.Gained, "%+v", r)
	require.Equal(t, map[muster.ReasonCode]int{muster.NoSkill: 1}, r.Before.ByReason)
	require.Zero(t, r.After.Left)
	require.Equal(t, hidden, r.Tickets[0].Ticket)
	require.Equal(t, li.ID, r.Tickets[0].After.Expert)

	r = c.whatIf(dispatch.WhatIfChange{Leaves: li.ID}, dispatch.WhatIfChange{Leaves: "exp_kim"})
	require.Equal(t, 1, r.Lost)
	require.Equal(t, open, r.Tickets[0].Ticket)
	require.Equal(t, muster.Gone, r.Tickets[0].Why)

	r = c.whatIf(
		dispatch.WhatIfChange{Tickets: &dispatch.MoreTickets{Count: 3, Point: boston, Needs: []muster.Need{{Skill: fridges, Level: 1}}, Duration: 60}},
		dispatch.WhatIfChange{Tickets: &dispatch.MoreTickets{Count: 1, Point: boston, Needs: []muster.Need{{Skill: gas, Level: 1}}, Duration: 60}},
	)
	require.Equal(t, 2, r.Before.Tickets)
	require.Equal(t, 6, r.After.Tickets)
	require.Equal(t, 2, r.After.Left)
	require.GreaterOrEqual(t, len(r.Tickets), 3)

	sam := li
	sam.ID, sam.Name = "exp_sam", "Sam"
	sam.Skills = []muster.Competence{{Skill: gas, Level: 5, Expires: expires}}
	r = c.whatIf(dispatch.WhatIfChange{Expert: &sam})
	require.Equal(t, 1, r.Gained)
	require.Equal(t, muster.ExpertID("exp_sam"), r.Tickets[0].After.Expert)

	r = c.whatIf(dispatch.WhatIfChange{Policy: json.RawMessage(`{"capacity": {"travel_km": 1}}`)})
	require.Equal(t, 1, r.Lost, "%+v", r)
	require.Equal(t, muster.TooFar, r.Tickets[0].Why)
	c.sound()
}

func TestWhatIfRefusesWhatItCantSuppose(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	ask := func(a muster.Actor, regions []muster.RegionID, changes ...dispatch.WhatIfChange) string {
		_, err := c.dispatch.WhatIf(c.ctx, a, dispatch.WhatIfRequest{Changes: changes, Regions: regions})
		require.Error(t, err)
		return fmt.Sprint(err)
	}
	away := dispatch.WhatIfChange{Absent: &dispatch.Absence{Expert: li.ID}}
	require.Contains(t, ask(helpdesk, nil, away), "may not")
	require.Contains(t, ask(dispatcher, nil), "changes")
	require.Contains(t, ask(dispatcher, nil, away, dispatch.WhatIfChange{}), "changes[1]")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Absent: away.Absent, Leaves: li.ID}), "exactly one")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Leaves: "exp_nobody"}), "exp_nobody")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Skill: &dispatch.SkillChange{Expert: li.ID, Skill: "skl_no", Level: 2}}), "skl_no")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Skill: &dispatch.SkillChange{Expert: li.ID, Skill: fridges, Level: 9}}), "9")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Policy: json.RawMessage(`{"wieghts": {}}`)}), "wieghts")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Policy: json.RawMessage(`{"horizon_days": -1}`)}), "horizon")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Tickets: &dispatch.MoreTickets{Count: 5000, Point: boston, Duration: 60}}), "5000")
	require.Contains(t, ask(dispatcher, nil, dispatch.WhatIfChange{Tickets: &dispatch.MoreTickets{Count: 1, Point: boston}}), "duration")
	require.Contains(t, ask(dispatcher, []muster.RegionID{"rgn_no"}, away), "rgn_no")
}

// Of a queue that is too long for one round as much is planned as the next round would look at, whose turn doesn't pass by that.
func TestWhatIfLeavesTheTurnOfALongQueue(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	for range 5 {
		c.submit()
	}
	c.dispatch.LookingAt(2)
	cursors, err := c.store.Cursors(c.ctx)
	require.NoError(t, err)
	r := c.whatIf(dispatch.WhatIfChange{Leaves: li.ID})
	require.Equal(t, 2, r.Before.Tickets)
	require.Equal(t, 2, r.Lost)
	after, err := c.store.Cursors(c.ctx)
	require.NoError(t, err)
	require.Equal(t, cursors, after)
}

// What only the changes bring into reach is loaded too: days beyond the horizon, experts from farther away, their first in a region.
func TestWhatIfLooksAsFarAsTheChangesReach(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	far := c.expert("li", 80)
	c.submit()
	r := c.whatIf(dispatch.WhatIfChange{Policy: json.RawMessage(`{"capacity": {"travel_km": 150}}`)})
	require.Equal(t, 1, r.Gained, "%+v", r)
	own := far
	own.Capacity.TravelKm = 150
	r = c.whatIf(dispatch.WhatIfChange{Expert: &own})
	require.Equal(t, 1, r.Gained, "%+v", r)
	first := far
	first.ID, first.Capacity.TravelKm = "exp_new", 2000
	first.Base = muster.Place{Point: muster.Point{Lat: 41.88, Lng: -87.63}}
	r = c.whatIf(dispatch.WhatIfChange{Expert: &first})
	require.Contains(t, r.Regions, c.region())
}
