package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// heldBeside hires somebody with two tours that overlap, and asks them about a start on the first. It gives the offer, and two
// starts that can't both be: that of the offer, and one on the second tour.
func (c *company) heldBeside() (o muster.Offer, starts [2]time.Time) {
	c.Helper()
	starts = [2]time.Time{minutes(390), minutes(435)}
	e := muster.Expert{
		ID: "exp_li", Name: "Li", Skills: []muster.Competence{{Skill: fridges, Level: 3}}, Base: muster.Place{Point: boston},
		Shifts: []muster.Hours{{Weekday: time.Monday, From: 480, To: 960}, {Weekday: time.Monday, From: 840, To: 1200}},
	}
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), e)
	require.NoError(c, err)
	a, err := c.dispatch.Offer(c.ctx, c.as(dispatcher), dispatch.OfferRequest{Ticket: c.submit().ID, Expert: e.ID, Start: starts[0]})
	require.NoError(c, err)
	require.Equal(c, minutes(10), a.Offers[0].Deadline)
	return a.Offers[0], starts
}

func (c *company) take(start time.Time) error {
	req := dispatch.AssignRequest{Ticket: c.submit().ID, Expert: "exp_li", Start: start}
	_, err := c.dispatch.Assign(c.ctx, c.as(dispatcher), req)
	return err
}

// heardOf passes the time until an instant in which answers can reach us, while no worker looks at anything.
func (c *company) heardOf(to time.Time) {
	c.Helper()
	for c.clock.Now().Before(to) {
		require.NoError(c, c.dispatch.Reachable(c.ctx))
		c.clock.Set(earlier(to, c.clock.Now().Add(dispatch.ReachEvery)))
	}
	require.NoError(c, c.dispatch.Reachable(c.ctx))
}

// Whoever had all their time before nobody could reach us has lost nothing by that: their opening stays free, and what was
// booked in its place stands.
func TestAHoldThatWasOverStaysSo(t *testing.T) {
	for name, booked := range map[string]time.Duration{"at once": 0, "when nothing has been heard for a while": 40 * time.Second} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			o, starts := c.heldBeside()
			c.heardOf(minutes(10))
			c.clock.Advance(booked)
			require.NoError(t, c.take(starts[1]))
			c.sound()
			for _, at := range []time.Time{minutes(20), minutes(40)} {
				c.clock.Set(at)
				c.sound()
			}
			c.heardOf(minutes(45))
			c.sound()
			_, err := c.dispatch.Accept(c.ctx, c.as(actorOf("exp_li")), dispatch.AnswerRequest{Offer: o.ID})
			require.Equal(t, muster.CodeOfferOver, muster.CodeOf(err), "its time was over, and a break gives none back")
		})
	}
	t.Run("it refuses nobody", func(t *testing.T) {
		c := newCompany(t)
		_, starts := c.heldBeside()
		c.heardOf(minutes(12))
		c.clock.Set(minutes(40))
		require.NoError(t, c.take(starts[0]), "nobody can tell us anything yet")
		c.sound()
	})
}

// Somebody who has their time anew after one break, and loses it in the next, has it anew again.
func TestAHoldOutlastsABreakAfterABreak(t *testing.T) {
	c := newCompany(t)
	o, starts := c.heldBeside()
	c.heardOf(minutes(3))
	c.clock.Set(minutes(30))
	c.heardOf(minutes(35))
	c.clock.Set(minutes(60))
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(c.take(starts[1])), "it is held while nobody can answer")
	c.heardOf(minutes(68))
	require.Equal(t, muster.CodeUnfit, muster.CodeOf(c.take(starts[1])))
	_, err := c.dispatch.Accept(c.ctx, c.as(actorOf("exp_li")), dispatch.AnswerRequest{Offer: o.ID})
	require.NoError(t, err)
	c.sound()
}

// And once it is over in spite of two breaks, a third doesn't bring it back.
func TestAHoldThatOutlastedABreakIsOverForGood(t *testing.T) {
	c := newCompany(t)
	_, starts := c.heldBeside()
	c.heardOf(minutes(3))
	c.clock.Set(minutes(30))
	c.heardOf(minutes(35))
	c.clock.Set(minutes(60))
	c.heardOf(minutes(71))
	c.clock.Set(minutes(90))
	require.NoError(t, c.take(starts[1]))
	c.sound()
	c.heardOf(minutes(95))
	c.sound()
}
