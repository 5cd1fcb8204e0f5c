package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// TestWhoSaidThatTheyComeIsWatchedWhileTheOtherDrives: of a crew one is on the way, the other has only said that they come.
// When that time is over and they haven't left a person hears of it, by name.
func TestWhoSaidThatTheyComeIsWatchedWhileTheOtherDrives(t *testing.T) {
	for n, tt := range []struct{ says, leaves time.Duration }{
		{-10 * time.Minute, -5 * time.Minute}, {-5 * time.Minute, -10 * time.Minute}, {2 * time.Minute, time.Minute}, {2 * time.Minute, 4 * time.Minute},
	} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			c := newCompany(t)
			a := c.crew()
			id, leave := a.Ticket.ID, leaveBy(a.Ticket)
			by := leave.Add(30 * time.Minute)
			says := func(at time.Time) {
				t.Helper()
				_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf("exp_kim")), dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true, At: at})
				require.NoError(t, err)
			}
			leaves := func(e muster.ExpertID) {
				t.Helper()
				_, err := c.dispatch.Depart(c.ctx, c.as(actorOf(e)), dispatch.VisitRequest{Visit: a.Visit.ID})
				require.NoError(t, err)
			}
			first, second := func() { says(by) }, func() { leaves("exp_li") }
			one, two := tt.says, tt.leaves
			if two < one {
				first, second, one, two = second, first, two, one
			}
			c.until(id, leave.Add(one), true)
			first()
			c.until(id, leave.Add(two), true)
			second()
			c.sound()
			c.until(id, by.Add(-time.Minute), true)
			require.Empty(t, c.of(id, muster.ExceptionLateToLeave))
			c.until(id, by.Add(time.Minute), true)
			alarms := c.of(id, muster.ExceptionLateToLeave)
			require.Len(t, alarms, 1)
			require.Contains(t, alarms[0].Note, "exp_kim said")
			require.NotContains(t, alarms[0].Note, "exp_li")
			require.Equal(t, "en_route", c.shown(id))
			c.sound()
			says(by.Add(10 * time.Minute))
			require.Empty(t, c.of(id, muster.ExceptionLateToLeave))
			c.until(id, by.Add(11*time.Minute), true)
			require.Len(t, c.of(id, muster.ExceptionLateToLeave), 1, "once more")
			leaves("exp_kim")
			require.Empty(t, c.of(id, muster.ExceptionLateToLeave))
			k := c.load(id)
			require.NotContains(t, k.Ticket.Timers, muster.TimerAnswer)
			c.sound()
		})
	}
}
