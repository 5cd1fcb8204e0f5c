package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// A tree that takes a skill from the expert of a visit gives the visit to another within one sweep.
func TestATreeThatTakesASkillIsRedecided(t *testing.T) {
	for name, of := range map[string]struct {
		skill muster.Skill
		moved bool
	}{
		"it narrows the other no longer": {muster.Skill{ID: fridges, Name: "Refrigerators"}, true},
		"it needs a certificate":         {muster.Skill{ID: fridges, Name: "Refrigerators", Narrows: goods, Licensed: true}, true},
		"what it narrows needs one":      {muster.Skill{ID: goods, Name: "White goods", Licensed: true}, true},
		"it has another name":            {muster.Skill{ID: fridges, Name: "Fridges", Narrows: goods}, false},
		"another is added":               {muster.Skill{Name: "Ovens", Narrows: goods}, false},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li := c.expert("li", 3)
			until := monday.AddDate(1, 0, 0)
			kim := c.expert("kim", 9, muster.Competence{Skill: goods, Level: 3, Expires: until})
			a := c.at(li.ID, monday.Add(4*time.Hour), func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: goods, Level: 2}} })
			_, err := c.dispatch.SaveSkills(c.ctx, c.as(admin), dispatch.SkillRequest{Skills: []muster.Skill{of.skill}})
			require.NoError(t, err)
			c.sweep()
			who := c.load(a.Ticket.ID).Ticket.Visit.Experts
			if !of.moved {
				require.Equal(t, []muster.ExpertID{li.ID}, who)
				require.Equal(t, li.Rev, c.expertNamed(li.ID).Rev, "nothing to look at")
				return
			}
			require.Equal(t, []muster.ExpertID{kim.ID}, who)
			c.clock.Advance(11 * time.Minute)
			c.sweep()
			require.Empty(t, c.expertNamed(li.ID).Timers)
			c.sound()
		})
	}
}

// ending is a store whose process ends when the tree has been saved.
type ending struct {
	graph.Store
	over bool
}

func (s *ending) Commit(ctx context.Context, changes ...graph.Change) ([]graph.Outcome, error) {
	if s.over {
		return nil, muster.E(muster.CodeUnavailable, "the process has ended", "")
	}
	for _, r := range changes[0].Put {
		if _, tree := r.(*muster.SkillTree); tree {
			s.over = true
		}
	}
	return s.Store.Commit(ctx, changes...)
}

// The process that saves the tree ends right after: it is redecided all the same.
func TestATreeThatTakesASkillAndAProcessThatEnds(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	kim := c.expert("kim", 9, muster.Competence{Skill: goods, Level: 3})
	a := c.at(li.ID, monday.Add(4*time.Hour), func(r *dispatch.SubmitRequest) { r.Needs = []muster.Need{{Skill: goods, Level: 2}} })
	_, err := dispatch.New(&ending{Store: c.store}, c.clock).SaveSkills(c.ctx, c.as(admin), dispatch.SkillRequest{Skills: []muster.Skill{{ID: fridges, Name: "Refrigerators"}}})
	require.NoError(t, err, "it is saved")
	c.dispatch = dispatch.New(c.store, c.clock)
	c.sweep()
	require.Equal(t, []muster.ExpertID{li.ID}, c.load(a.Ticket.ID).Ticket.Visit.Experts)
	_, err = c.dispatch.AddLeave(c.ctx, c.as(admin), dispatch.LeaveRequest{Expert: kim.ID, Leave: muster.Leave{Window: muster.Window{Start: monday.AddDate(0, 1, 0), End: monday.AddDate(0, 1, 1)}}})
	require.NoError(t, err)
	c.clock.Advance(10 * time.Minute)
	c.sweep()
	require.Equal(t, []muster.ExpertID{kim.ID}, c.load(a.Ticket.ID).Ticket.Visit.Experts)
	require.Empty(t, c.expertNamed(li.ID).Timers)
	c.sound()
}
