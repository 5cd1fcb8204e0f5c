package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// A phone's signs may overtake each other. When somebody left who is known to be there, or to have been, is kept with both its
// times, and nothing else follows from it.
func TestWhoIsThereHasLeftBefore(t *testing.T) {
	for _, state := range []muster.VisitState{muster.VisitArrived, muster.VisitInProgress, muster.VisitEnded} {
		t.Run(string(state), func(t *testing.T) {
			c := newCompany(t)
			id, a := c.morning()
			li, left := actorOf("exp_li"), leaveBy(a.Ticket)
			c.clock.Set(a.Visit.Start)
			_, err := c.dispatch.Arrive(c.ctx, c.as(li), dispatch.VisitRequest{Visit: a.Visit.ID})
			require.NoError(t, err)
			if state != muster.VisitArrived {
				_, err = c.dispatch.Start(c.ctx, c.as(li), dispatch.VisitRequest{Visit: a.Visit.ID})
				require.NoError(t, err)
			}
			if state == muster.VisitEnded {
				c.clock.Advance(30 * time.Minute)
				_, err = c.dispatch.End(c.ctx, c.as(li), dispatch.EndRequest{Visit: a.Visit.ID, Outcome: muster.Fixed})
				require.NoError(t, err)
			}
			before := c.load(id)
			c.clock.Advance(5 * time.Minute)
			cmd, req := c.as(li), dispatch.VisitRequest{Visit: a.Visit.ID, At: left}
			first, err := c.dispatch.Depart(c.ctx, cmd, req)
			require.NoError(t, err)
			k := c.load(id)
			require.Equal(t, left, k.Visits[0].DepartedAt)
			report := muster.Report{State: muster.VisitEnRoute, Expert: "exp_li", Happened: left, Received: c.clock.Now()}
			require.Equal(t, []muster.Report{report}, k.Visits[0].Reports)
			same := k.Visits[0]
			same.DepartedAt, same.Reports = before.Visits[0].DepartedAt, nil
			require.Equal(t, before.Visits[0], same, "nothing else")
			require.Equal(t, before.Ticket.Shown(), k.Ticket.Shown())
			require.Equal(t, before.Ticket.Timers, k.Ticket.Timers)
			c.sound()

			again, err := c.dispatch.Depart(c.ctx, cmd, req)
			require.NoError(t, err)
			require.Equal(t, first, again)
			_, err = c.dispatch.Depart(c.ctx, c.as(li), req) // under another key
			require.NoError(t, err)
			require.Equal(t, k, c.load(id), "it is known")
			_, err = c.dispatch.Depart(c.ctx, c.as(li), dispatch.VisitRequest{Visit: a.Visit.ID, At: left.Add(time.Minute)})
			require.Equal(t, muster.CodeState, muster.CodeOf(err), "they left once")
			c.sound()
		})
	}
}

func TestNobodyLeavesAfterTheyArrived(t *testing.T) {
	c := newCompany(t)
	id, a := c.morning()
	li, visit := actorOf("exp_li"), dispatch.VisitRequest{Visit: a.Visit.ID}
	c.clock.Set(a.Visit.Start)
	visit.At = c.clock.Now().Add(20 * time.Minute) // by a clock that is ahead
	_, err := c.dispatch.Arrive(c.ctx, c.as(li), visit)
	require.NoError(t, err)
	before := c.load(id)
	for _, who := range []muster.Actor{li, dispatcher} {
		visit.At = before.Visits[0].ArrivedAt.Add(21 * time.Minute)
		_, err = c.dispatch.Depart(c.ctx, c.as(who), visit)
		require.Equal(t, muster.CodeOutOfOrder, muster.CodeOf(err), "%v", err)
	}
	require.Equal(t, before, c.load(id))
	others := dispatch.VisitRequest{Visit: a.Visit.ID, At: a.Visit.Start.Add(-time.Hour)}
	_, err = c.dispatch.Depart(c.ctx, c.as(actorOf("exp_kim")), others)
	require.Equal(t, muster.CodeForbidden, muster.CodeOf(err), "%v", err)

	visit.At = before.Visits[0].ArrivedAt.Add(5 * time.Minute) // by the same clock
	_, err = c.dispatch.Depart(c.ctx, c.as(li), visit)
	require.NoError(t, err)
	v := c.load(id).Visits[0]
	require.Equal(t, v.ArrivedAt, v.DepartedAt, "by ours not after they arrived")
	require.Equal(t, visit.At, v.Reports[1].Happened)
	c.sound()
}

// Of a crew the other may leave when the first is there.
func TestAnotherOfACrewHasLeftBefore(t *testing.T) {
	c := newCompany(t)
	a := c.crew()
	id, left := a.Ticket.ID, leaveBy(a.Ticket)
	c.clock.Set(a.Visit.Start)
	_, err := c.dispatch.Arrive(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID, At: a.Visit.Start})
	require.NoError(t, err)
	c.clock.Advance(10 * time.Minute)
	for e, at := range map[muster.ExpertID]time.Time{"exp_kim": a.Visit.Start.Add(5 * time.Minute), "exp_li": left} {
		_, err = c.dispatch.Depart(c.ctx, c.as(actorOf(e)), dispatch.VisitRequest{Visit: a.Visit.ID, At: at})
		require.NoError(t, err)
	}
	v := c.load(id).Visits[0]
	require.Len(t, v.Reports, 3)
	require.Equal(t, muster.VisitArrived, v.State)
	require.Equal(t, left, v.DepartedAt, "when the first of them left")
	c.sound()
}
