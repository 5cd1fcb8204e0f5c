package notify

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

func TestQuietHours(t *testing.T) {
	boston := muster.Location("America/New_York")
	at := func(day, h, m int) time.Time { return time.Date(2026, 11, day, h, m, 0, 0, boston) }
	for _, c := range []struct {
		now      time.Time
		from, to muster.Minutes
		want     time.Time
	}{
		{at(20, 20, 59), 21 * 60, 8 * 60, time.Time{}},
		{at(20, 21, 0), 21 * 60, 8 * 60, at(21, 8, 0)},
		{at(21, 0, 0), 21 * 60, 8 * 60, at(21, 8, 0)},
		{at(21, 7, 59), 21 * 60, 8 * 60, at(21, 8, 0)},
		{at(21, 8, 0), 21 * 60, 8 * 60, time.Time{}},
		{at(20, 13, 0), 12 * 60, 14 * 60, at(20, 14, 0)},
		{at(20, 3, 0), 8 * 60, 8 * 60, time.Time{}},
		// the night in which the clocks go back: 1 November 2026
		{time.Date(2026, 11, 1, 6, 30, 0, 0, time.UTC), 21 * 60, 8 * 60, time.Date(2026, 11, 1, 13, 0, 0, 0, time.UTC)},
	} {
		end, ok := quietUntil(c.now, boston, c.from, c.to)
		require.Equal(t, !c.want.IsZero(), ok, c.now)
		require.True(t, c.want.IsZero() || c.want.Equal(end), "%s: %s, not %s", c.now, end, c.want)
	}
}

// TestNobodyIsDisturbedAtNight unless it can't wait.
func TestNobodyIsDisturbedAtNight(t *testing.T) {
	c := newCompany(t)
	c.clock.Set(monday.Add(13 * time.Hour)) // 22:00 in Boston
	ana := c.expert("ana")
	ticket := c.assign(rounds, c.submit(), ana, monday.Add(26*time.Hour)) // the next day at 11:00
	c.hear(ticket.ID)
	c.work()
	require.Empty(t, c.sms.texts())
	require.Empty(t, c.push.texts())
	require.Equal(t, "accepted to customer: planned, they are not disturbed at night", c.sorted(ticket.ID)[0])
	c.after(10*time.Hour - time.Second)
	require.Empty(t, c.sms.texts())
	c.after(time.Second) // 8:00
	require.Len(t, c.sms.texts(), 1)
	require.Len(t, c.push.texts(), 1)
}

func TestWhatIsSoonPassesQuietHours(t *testing.T) {
	c := newCompany(t, func(p *muster.Policy) { p.Messages.QuietFrom, p.Messages.QuietTo = 0, 23*60 })
	ticket := c.assign(rounds, c.submit(), c.expert("ana"), monday.Add(5*time.Hour))
	c.hear(ticket.ID)
	c.after(2*time.Hour - time.Second)
	require.Empty(t, c.sms.texts())
	c.after(time.Second)
	require.Len(t, c.sms.texts(), 1, "three hours before the visit")
	c.clock.Advance(2 * time.Hour)
	_, err := c.dispatch.Depart(c.ctx, c.as(self("exp_ana")), dispatch.VisitRequest{Visit: ticket.Visit.ID})
	require.NoError(t, err)
	c.hear(ticket.ID)
	c.work()
	require.Len(t, c.sms.texts(), 1, "on the way can't wait")
}
