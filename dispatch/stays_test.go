package dispatch_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Whoever was to leave and stays after all, since their leave without an end was taken out, is not removed on that day.
func TestAnExpertWhoStaysAfterAllIsNotRemoved(t *testing.T) {
	c := newCompany(t)
	li := c.expert("li", 3)
	_, err := c.dispatch.AddLeave(c.ctx, c.as(dispatcher), dispatch.LeaveRequest{Expert: li.ID, Leave: muster.Leave{
		Window: muster.Window{Start: monday.AddDate(0, 1, 0), End: monday.AddDate(0, 1, 7)}, Kind: "holiday",
	}})
	require.NoError(t, err)
	leaves, err := c.dispatch.ExpertLeaves(c.ctx, c.as(admin), dispatch.LeavesRequest{Expert: li.ID, From: monday.Add(24 * time.Hour)})
	require.NoError(t, err)
	c.sweep()
	stays := c.expertNamed(li.ID)
	require.Contains(t, stays.Timers, muster.TimerLeave)
	stays.Phone = "+1 617 555 0100"
	stays, err = c.dispatch.SaveExpert(c.ctx, c.as(admin), stays)
	require.NoError(t, err)
	require.Equal(t, leaves.Timers[muster.TimerLeave], stays.Timers[muster.TimerLeave], "another change doesn't keep them")
	later, err := c.dispatch.ExpertLeaves(c.ctx, c.as(admin), dispatch.LeavesRequest{Expert: li.ID, From: monday.Add(72 * time.Hour)})
	require.NoError(t, err)
	require.Len(t, later.Leave, 2, "another day, in the place of the first")
	require.Equal(t, monday.Add(72*time.Hour), later.Leave[1].Start)
	require.Equal(t, monday.Add(72*time.Hour), later.Timers[muster.TimerLeave])
	stays = later
	stays.Leave = stays.Leave[:1]
	_, err = c.dispatch.SaveExpert(c.ctx, c.as(admin), stays)
	require.NoError(t, err)
	for range 4 {
		c.clock.Advance(12 * time.Hour)
		c.sweep()
	}
	e := c.expertNamed(li.ID)
	require.False(t, e.Removed)
	require.Empty(t, e.Timers)
	require.NotEmpty(t, c.at(li.ID, c.clock.Now().Add(4*time.Hour)).Visit)
	c.sound()
}
