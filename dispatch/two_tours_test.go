package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// twoTours are people with two tours, and for each two starts of an hour's work that can't both be: they overlap,
// or leave too little rest.
var twoTours = map[string]struct {
	expert muster.Expert
	starts [2]time.Time
}{
	"two shifts overlap": {
		muster.Expert{Shifts: []muster.Hours{{Weekday: time.Monday, From: 480, To: 720}, {Weekday: time.Monday, From: 600, To: 960}}},
		[2]time.Time{monday.Add(150 * time.Minute), monday.Add(195 * time.Minute)},
	},
	"a shift runs into time on call": {
		muster.Expert{
			Shifts: []muster.Hours{{Weekday: time.Monday, From: 480, To: 990}},
			OnCall: []muster.Window{{Start: monday.Add(3 * time.Hour), End: monday.Add(15 * time.Hour)}},
		},
		[2]time.Time{monday.Add(7 * time.Hour), monday.Add(7*time.Hour + 45*time.Minute)},
	},
	"a late shift, an evening on call": {
		muster.Expert{
			Shifts: []muster.Hours{{Weekday: time.Monday, From: 11 * 60, To: 20 * 60}},
			OnCall: []muster.Window{{Start: monday.Add(9*time.Hour + 30*time.Minute), End: monday.Add(13*time.Hour + 30*time.Minute)}},
		},
		[2]time.Time{monday.Add(10*time.Hour + 15*time.Minute), monday.Add(11 * time.Hour)},
	},
	"a short night": {
		muster.Expert{Shifts: []muster.Hours{{Weekday: time.Monday, From: 14 * 60, To: 23 * 60}, {Weekday: time.Tuesday, From: 6 * 60, To: 14 * 60}}},
		[2]time.Time{monday.Add(13*time.Hour + 30*time.Minute), monday.Add(22*time.Hour + 30*time.Minute)},
	},
}

// urgent is a critical ticket for a start.
func (c *company) urgent(start time.Time) muster.Ticket {
	c.Helper()
	return c.submit(func(r *dispatch.SubmitRequest) {
		r.Priority, r.Windows = muster.PriorityCritical, []muster.Window{{Start: start, End: start.Add(10 * time.Minute)}}
	})
}

// Whichever way the second visit is given or offered, after the first or at the same moment, one person never gets
// both.
func TestLongNobodyIsInTwoPlacesAtOnce(t *testing.T) {
	type deed func(*company, *dispatch.Dispatch, muster.Ticket, muster.ExpertID, time.Time) error
	assign := func(c *company, d *dispatch.Dispatch, ticket muster.Ticket, e muster.ExpertID, at time.Time) error {
		_, err := d.Assign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: e, Start: at})
		return err
	}
	offer := func(c *company, d *dispatch.Dispatch, ticket muster.Ticket, e muster.ExpertID, at time.Time) error {
		_, err := d.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: ticket.ID, Expert: e, Start: at})
		return err
	}
	verbs := map[string]deed{
		"assign": assign,
		"offer":  offer,
		"reassign": func(c *company, d *dispatch.Dispatch, ticket muster.Ticket, e muster.ExpertID, at time.Time) error {
			_, err := d.Reassign(c.ctx, c.as(dispatcher), dispatch.AssignRequest{Ticket: ticket.ID, Expert: e, Start: at})
			return err
		},
		"round": func(c *company, d *dispatch.Dispatch, ticket muster.Ticket, e muster.ExpertID, at time.Time) error {
			_, err := d.Round(c.ctx, ticket.Region)
			return err
		},
		"prompt round": func(c *company, d *dispatch.Dispatch, ticket muster.Ticket, e muster.ExpertID, at time.Time) error {
			_, err := d.PromptRound(c.ctx, ticket.ID)
			return err
		},
	}
	for name, tt := range twoTours {
		for verb, second := range verbs {
			for rivals, first := range map[string]deed{"a visit": assign, "an offer": offer} {
				for swapped, when := range map[int]string{0: "earlier", 1: "later"} {
					for _, raced := range []bool{false, true} {
						t.Run(name+"/"+verb+" "+when+" than "+rivals, func(t *testing.T) {
							c, f := newFaulty(t)
							if raced {
								c.pushing()
							}
							e := tt.expert
							e.ID, e.Name, e.Skills = "exp_li", "Li", []muster.Competence{{Skill: fridges, Level: 3}}
							e.Base = muster.Place{Point: muster.Point{Lat: boston.Lat + 0.03, Lng: boston.Lng}}
							e, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
							require.NoError(t, err)
							one, two := c.urgent(tt.starts[swapped]), c.urgent(tt.starts[1-swapped])
							if verb == "reassign" {
								kim := muster.Expert{ID: "exp_kim", Name: "Kim", Base: e.Base, Skills: e.Skills, Extra: []muster.Window{{
									Start: monday, End: monday.Add(24 * time.Hour),
								}}, Capacity: muster.Capacity{DayMinutes: 24 * 60}}
								_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), kim)
								require.NoError(t, err)
								require.NoError(t, assign(c, c.dispatch, two, kim.ID, tt.starts[1-swapped]))
							}
							other := dispatch.New(c.store, c.clock)
							rival := func() { require.NoError(t, first(c, other, one, e.ID, tt.starts[swapped])) }
							if raced {
								f.before = rival
							} else {
								rival()
							}
							err = second(c, c.dispatch, two, e.ID, tt.starts[1-swapped])
							if verb == "round" || verb == "prompt round" {
								require.NoError(t, err)
								require.Nil(t, f.before, "the round wanted it too")
							} else {
								require.Equal(t, muster.CodeUnfit, muster.CodeOf(err), "%v", err)
							}
							var booked []muster.Stop
							for _, tour := range c.tours() {
								if tour.Expert == e.ID {
									booked = append(booked, tour.Stops...)
								}
							}
							require.Len(t, booked, 1)
							require.Equal(t, one.ID, booked[0].Ticket)
							c.sound()
						})
					}
				}
			}
		}
	}
}
