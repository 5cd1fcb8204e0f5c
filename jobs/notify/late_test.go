package notify

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

// TestALateCustomerHearsWhen: the expected arrival, not the planned one, and again when it
// has become so much worse and something happened that says so; that nobody ends the visit before says no more.
func TestALateCustomerHearsWhen(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	first := c.assign(rounds, c.submit(), ana, monday.Add(time.Hour))
	second := c.assign(rounds, c.submit(), ana, monday.Add(3*time.Hour)) // noon to two
	for _, at := range []muster.Ticket{first, second} {
		c.hear(at.ID)
	}
	c.work()
	c.sms.texts()
	c.clock.Set(first.Visit.Start.Add(-20 * time.Minute))
	visit := dispatch.VisitRequest{Visit: first.Visit.ID}
	for _, step := range []func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
		c.dispatch.Depart, c.dispatch.Arrive, c.dispatch.Start,
	} {
		_, err := step(c.ctx, c.as(self(ana)), visit)
		require.NoError(t, err)
	}
	for c.clock.Now().Before(monday.Add(420 * time.Minute)) { // ana doesn't end the first visit
		c.clock.Advance(5 * time.Minute)
		for _, at := range []muster.Ticket{first, second} {
			_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(at.ID), Kind: muster.KindTicket})
			require.NoError(t, err)
		}
		c.hear(second.ID)
		c.work()
	}
	require.Equal(t, []string{
		"T-2: we will be later than Mon 23 Nov, 12-2 PM, at about 2:19 PM. We are sorry.",
		"T-2: we did not come when we said we would. We are sorry. Somebody is looking after it and will tell you when we come.",
	}, c.sms.texts())
	_, err := c.dispatch.End(c.ctx, c.as(self(ana)), dispatch.EndRequest{Visit: first.Visit.ID, Outcome: muster.Fixed})
	require.NoError(t, err)
	c.hear(second.ID)
	c.work()
	require.Equal(t, []string{"T-2: we will be later than Mon 23 Nov, 12-2 PM, at about 4:04 PM. We are sorry."}, c.sms.texts())
}

// TestALateCustomerHearsOfEachMove: each time that an expert's word moves their arrival by as much as makes a visit late, and
// never twice of the same; of less they hear nothing, and of being in time after all they do.
func TestALateCustomerHearsOfEachMove(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(3*time.Hour)) // noon to two
	c.hear(ticket.ID)
	c.work()
	c.sms.texts()
	v, end := *ticket.Visit, monday.Add(5*time.Hour)
	c.clock.Set(v.Start.Add(-30 * time.Minute))
	for _, say := range []struct {
		minutes int // after the end of the window
		want    []string
	}{
		{20, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 2:20 PM. We are sorry."}},
		{20, nil},
		{34, nil},
		{110, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 3:50 PM. We are sorry."}},
		{110, nil},
		{35, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 2:35 PM. We are sorry."}},
		{-5, []string{"T-1: we can be there in time after all, at about 1:55 PM."}},
		{-10, nil},
		{25, []string{"T-1: we will be later than Mon 23 Nov, 12-2 PM, at about 2:25 PM. We are sorry."}},
	} {
		word := dispatch.ComingRequest{Visit: v.ID, Coming: true, At: end.Add(time.Duration(say.minutes) * time.Minute)}
		_, err := c.dispatch.AnswerVisit(c.ctx, c.as(self(ana)), word)
		require.NoError(t, err)
		c.hear(ticket.ID)
		c.after(10 * time.Second)
		c.after(10 * time.Second) // one after the other
		require.ElementsMatch(t, say.want, c.sms.texts(), "%d minutes after the end", say.minutes)
	}
}

// TestWhoShouldHaveLeftIsAsked on their phone: silence counts against nobody who wasn't.
func TestWhoShouldHaveLeftIsAsked(t *testing.T) {
	c := newCompany(t)
	ana := c.expert("ana")
	ticket := c.told(ana)
	c.clock.Set(ticket.Timers[muster.TimerDepart])
	_, err := c.dispatch.Due(c.ctx, graph.Wake{ID: string(ticket.ID), Kind: muster.KindTicket})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Equal(t, []string{
		"T-1 (Refrigerator warm, Boston), Mon 23 Nov, 1-2 PM: you should have left by now. Are you coming? Please answer.",
	}, c.push.texts())
	require.Len(t, c.sms.texts(), 1, "the customer hears nothing of it")
}

// TestWhoHasAnsweredIsNotAsked any more, nor who has left.
func TestWhoHasAnsweredIsNotAsked(t *testing.T) {
	s := &scene{
		message: &muster.Message{Topic: muster.TopicComing, Visit: "vis_1", Expert: "exp_ana", Until: monday.Add(time.Hour)},
		ticket: &muster.Ticket{State: muster.Scheduled, Visit: &muster.OpenVisit{
			ID: "vis_1", State: muster.VisitAssigned, Experts: []muster.ExpertID{"exp_ana"},
		}},
		visit: &muster.Visit{ID: "vis_1", AskedAt: monday}, expert: &muster.Expert{}, policy: &muster.Policy{}, now: monday,
	}
	require.Empty(t, s.verdict().drop)
	s.visit.AnsweredAt = monday
	require.Equal(t, "they have answered", s.verdict().drop)
	s.ticket.Visit.State = muster.VisitEnRoute
	require.Equal(t, "they have left, or it isn't theirs any more", s.verdict().drop)

	s.visit.AnsweredAt, s.visit.Crew = time.Time{}, 2
	require.Empty(t, s.verdict().drop, "the other of the crew has left")
	s.visit.Heard = []muster.Heard{{Expert: "exp_ana", Left: true}}
	require.Equal(t, "they have answered", s.verdict().drop)
}
