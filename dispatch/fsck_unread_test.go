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

// followed is a company with numbered events, a relay at work and a consumer that has read all.
func followed(t *testing.T) (c *company, duty string) {
	t.Helper()
	c = newCompany(t)
	duty = c.duty(monday.Add(24 * time.Hour))
	c.submit()
	c.number(duty)
	_, head, err := c.store.Bounds(c.ctx)
	require.NoError(t, err)
	require.NoError(t, c.store.Advance(c.ctx, "mail", head))
	return c, duty
}

// unread runs fsck, and does something at each of its pauses.
func (c *company) unread(store dispatch.Auditor, meanwhile func()) []dispatch.Breach {
	c.Helper()
	report, err := c.dispatch.FsckWith(c.ctx, store, dispatch.FsckOptions{Pause: func(_ context.Context, d time.Duration) error {
		c.clock.Advance(d)
		meanwhile()
		return nil
	}})
	require.NoError(c, err)
	return report.Breaches
}

// What stays unread or without a number while somebody is at work is found; what gets on in a minute is not.
func TestFsckFindsWhatStaysUnread(t *testing.T) {
	nothing := func(*company, string) {}
	once := func(do func(c *company, duty string)) func(*company, string) {
		return func(c *company, duty string) {
			if do != nil {
				do(c, duty)
				do = nil
			}
		}
	}
	for name, tt := range map[string]struct {
		before, meanwhile func(c *company, duty string)
		breach            string // of what
	}{
		"nothing": {nothing, nothing, ""},
		"a cursor ahead of all numbers": {func(c *company, _ string) {
			require.NoError(c, c.store.Advance(c.ctx, "mail", 1_000))
		}, nothing, "mail"},
		"instants that are kept like cursors": {func(c *company, _ string) {
			require.NoError(c, c.dispatch.Reachable(c.ctx))
		}, nothing, ""},
		"events that nobody reads": {func(c *company, duty string) {
			c.submit()
			c.number(duty)
			c.clock.Advance(time.Minute)
		}, nothing, "mail"},
		"events of just now": {func(c *company, duty string) {
			c.submit()
			c.number(duty)
			c.clock.Advance(59 * time.Second)
		}, nothing, ""},
		"events that are read late": {func(c *company, duty string) {
			c.submit()
			c.submit()
			c.number(duty)
			c.clock.Advance(time.Hour)
		}, once(func(c *company, _ string) {
			at, err := c.store.Cursor(c.ctx, "mail")
			require.NoError(c, err)
			require.NoError(c, c.store.Advance(c.ctx, "mail", at+1))
		}), ""},
		"events that nobody is there to read": {func(c *company, duty string) {
			c.submit()
			c.number(duty)
			c.clock.Advance(25 * time.Hour)
		}, nothing, ""},
		"a reader who is stopped": {func(c *company, duty string) {
			c.submit()
			c.number(duty)
			c.clock.Set(monday.Add(24*time.Hour - 20*time.Second))
		}, nothing, ""},
		"an event without a number": {func(c *company, _ string) {
			c.submit()
			c.clock.Advance(time.Minute)
		}, nothing, "tic"},
		"an event that gets its number late": {func(c *company, _ string) {
			c.submit()
			c.clock.Advance(time.Minute)
		}, once((*company).number), ""},
		"an event without a relay": {func(c *company, _ string) {
			c.submit()
			c.clock.Advance(25 * time.Hour)
		}, nothing, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c, duty := followed(t)
			tt.before(c, duty)
			_, head, err := c.store.Bounds(c.ctx)
			require.NoError(t, err)
			breaches := c.unread(c.store, func() {
				tt.meanwhile(c, duty)
				if _, now, err := c.store.Bounds(c.ctx); now > head {
					require.NoError(t, err)
					require.NoError(t, c.store.Advance(c.ctx, "mail", now))
				}
			})
			if tt.breach == "" {
				require.Empty(t, breaches)
				return
			}
			require.Len(t, breaches, 1, "%+v", breaches)
			require.Equal(t, "I9", breaches[0].Invariant)
			require.Contains(t, breaches[0].ID, tt.breach)
		})
	}
}

// hidden is a store whose relay doesn't see the events of an aggregate.
type hidden struct {
	graph.Store
	aggregate string
}

func (h *hidden) Pending(ctx context.Context, limit int) ([]muster.Event, error) {
	page, err := h.Store.Pending(ctx, limit+1)
	var out []muster.Event
	for _, e := range page {
		if e.Aggregate != h.aggregate && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, err
}

// A relay that gets on is not blamed for what it hasn't come to yet, but for what it has left out.
func TestFsckLetsTheRelayTakeItsTurns(t *testing.T) {
	for name, left := range map[string]bool{"in turn": false, "left out": true} {
		t.Run(name, func(t *testing.T) {
			c, duty := followed(t)
			var ids []string
			for range 30 {
				ids = append(ids, string(c.submit().ID))
				c.clock.Advance(time.Second)
			}
			c.clock.Advance(time.Minute)
			store := &hidden{Store: c.store}
			if left {
				store.aggregate = ids[0]
			}
			breaches := c.unread(store, func() { // one event at a time
				pending, err := store.Pending(c.ctx, 1)
				require.NoError(t, err)
				wakes, err := c.store.Wakes(c.ctx, duty)
				require.NoError(t, err)
				_, head, err := c.store.Bounds(c.ctx)
				require.NoError(t, err)
				require.NoError(t, c.store.Number(c.ctx, duty, wakes[duty].Fence, head+1, pending[:1]))
				require.NoError(t, c.store.Advance(c.ctx, "mail", head+1))
			})
			if !left {
				require.Empty(t, breaches)
				return
			}
			require.Len(t, breaches, 1, "%+v", breaches)
			require.Equal(t, ids[0], breaches[0].ID)
		})
	}
}

// Without a pause to see whether it gets on, what is behind is judged by its age alone.
func TestFsckGivesEventsTime(t *testing.T) {
	c, _ := followed(t)
	c.submit()
	c.clock.Advance(time.Minute - time.Microsecond)
	c.sound()
	c.clock.Advance(time.Microsecond)
	report, err := c.dispatch.Fsck(c.ctx, c.store)
	require.NoError(t, err)
	require.NotEmpty(t, report.Breaches)
}
