package dispatch_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// An expert sets off for one visit at a time, whatever the days on which they are planned, and however close together
// the two commands come.
func TestAnExpertIsOnOneVisitAtATime(t *testing.T) {
	for _, raced := range []bool{false, true} {
		c, f := newFaulty(t)
		li := c.expert("li", 3)
		first := c.assign(c.submit().ID, li.ID)
		second := c.assign(c.submit(func(r *dispatch.SubmitRequest) {
			r.Windows = []muster.Window{{Start: monday.AddDate(0, 0, 2), End: monday.AddDate(0, 0, 3)}}
		}).ID, li.ID)
		require.NotEqual(t, first.Visit.Start.YearDay(), second.Visit.Start.YearDay())

		away := func() {
			_, err := dispatch.New(c.store, c.clock).Depart(c.ctx, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: first.Visit.ID})
			require.NoError(t, err)
		}
		if raced {
			f.before = away
		} else {
			away()
		}
		_, err := c.dispatch.Depart(c.ctx, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: second.Visit.ID})
		require.Equal(t, muster.CodeState, muster.CodeOf(err), "%v", err)
		require.ErrorContains(t, err, first.Ticket.Ref())
		require.Nil(t, f.before)

		_, err = c.dispatch.Arrive(c.ctx, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: first.Visit.ID})
		require.NoError(t, err)
		_, err = c.dispatch.End(c.ctx, c.as(actorOf(li.ID)), dispatch.EndRequest{Visit: first.Visit.ID, Outcome: muster.NoAccess})
		require.NoError(t, err)
		_, err = c.dispatch.Depart(c.ctx, c.as(actorOf(li.ID)), dispatch.VisitRequest{Visit: second.Visit.ID})
		require.NoError(t, err)
	}
}
