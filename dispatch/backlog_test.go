package dispatch_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/graph"
)

func TestTheBacklogSaysWhatIsLateRetriedAndDeferred(t *testing.T) {
	c := newCompany(t)
	fine, late, poisoned, again := c.submit(), c.submit(), c.submit(), c.submit()
	report := func() dispatch.BacklogReport {
		t.Helper()
		r, err := c.dispatch.Backlog(c.ctx, c.store, 10)
		require.NoError(t, err)
		return r
	}
	r := report()
	require.Equal(t, dispatch.TicketBacklog{Open: 4, Steps: map[int]int{}}, r.Tickets)
	require.Empty(t, r.Items)
	require.Empty(t, r.Regions)
	require.Positive(t, r.Relay.Pending)

	_, due, _ := fine.Timers.Next()
	c.clock.Set(due.Add(10 * time.Minute))
	now := c.clock.Now()
	settle := func(id muster.TicketID, next time.Time, failures int) {
		t.Helper()
		w, ok, err := c.store.Claim(c.ctx, string(id), now, now.Add(time.Minute))
		require.NoError(t, err)
		require.True(t, ok)
		lost, err := c.store.Settle(c.ctx, graph.Settled{Wake: w, Next: next, Failures: failures, Why: "no road to " + string(id)})
		require.NoError(t, err)
		require.Empty(t, lost)
	}
	settle(fine.ID, now.Add(time.Hour), 0)
	settle(poisoned.ID, now.Add(time.Hour), 1)
	settle(again.ID, now.Add(-time.Second), 1)

	r = report()
	require.Equal(t, dispatch.TicketBacklog{Open: 4, Due: 2, Late: 1, Retried: 1, Deferred: 1, Steps: map[int]int{}}, r.Tickets)
	why := map[string]string{}
	for _, i := range r.Items {
		why[i.ID] = i.Why
		if i.Failures > 0 {
			require.Equal(t, "no road to "+i.ID, i.LastErr, "from the first failure on")
		}
	}
	require.Equal(t, map[string]string{string(late.ID): "late", string(poisoned.ID): "deferred", string(again.ID): "retried"}, why)
	require.Equal(t, string(late.ID), r.Items[0].ID, "the latest first")
	require.InDelta(t, 600, r.Items[0].LateS, 1)
	require.Len(t, r.Regions, 1, "its round is late too")
	require.Equal(t, muster.TimerRound, r.Regions[0].Timer)
	require.Equal(t, 2, r.Lanes[r.Items[0].Lane].Failed)
}

// TestTheBacklogTellsTheStepAndWhatATicketWaitsFor of those that are late.
func TestTheBacklogTellsTheStepAndWhatATicketWaitsFor(t *testing.T) {
	c := newCompany(t)
	c.steps()
	c.expert("ola", 5, muster.Competence{Skill: gas, Level: 5, Expires: monday.AddDate(1, 0, 0)})
	nobody, parts := c.submit().ID, c.submit().ID
	_, err := c.dispatch.Wait(c.ctx, c.as(helpdesk), dispatch.WaitRequest{Ticket: parts, For: muster.WaitParts, Until: monday.Add(10 * time.Hour)})
	require.NoError(t, err)
	c.rounds()
	c.step(nobody, 2)
	c.rounds()
	c.clock.Advance(20 * time.Hour)
	r, err := c.dispatch.Backlog(c.ctx, c.store, 10)
	require.NoError(t, err)
	require.Equal(t, map[int]int{2: 1}, r.Tickets.Steps)
	seen := map[string]dispatch.BacklogItem{}
	for _, i := range r.Items {
		seen[i.ID] = i
	}
	require.Equal(t, 2, seen[string(nobody)].Step)
	require.Contains(t, seen[string(nobody)].Waits, "an expert: nobody found since")
	require.Zero(t, seen[string(parts)].Step)
	require.Contains(t, seen[string(parts)].Waits, "parts, until 2026-11-23T23:00:00Z")
}

// TestTheBacklogTellsWhoHasNotReadEvents: how many, and for how long.
func TestTheBacklogTellsWhoHasNotReadEvents(t *testing.T) {
	c := newCompany(t)
	duty := c.duty(monday.Add(time.Hour))
	c.number(duty)
	_, head, err := c.store.Bounds(c.ctx)
	require.NoError(t, err)
	require.NoError(t, c.store.Advance(c.ctx, "notify", head))
	require.NoError(t, c.dispatch.Reachable(c.ctx))
	report := func() dispatch.BacklogReport {
		t.Helper()
		r, err := c.dispatch.Backlog(c.ctx, c.store, 10)
		require.NoError(t, err)
		return r
	}
	r := report()
	require.Equal(t, []dispatch.ConsumerBacklog{{Name: "notify", At: head}}, r.Consumers)
	require.False(t, r.Late())
	c.submit()
	c.number(duty)
	_, numbered, err := c.store.Bounds(c.ctx)
	require.NoError(t, err)
	c.submit()
	c.clock.Advance(30 * time.Second)
	r = report()
	require.Equal(t, []dispatch.ConsumerBacklog{{Name: "notify", At: head, Unread: numbered - head, LagS: 30}}, r.Consumers)
	require.False(t, r.Late())
	c.clock.Advance(time.Second)
	r = report()
	require.True(t, r.Late())
	require.NoError(t, c.store.Advance(c.ctx, "notify", numbered))
	r = report()
	require.True(t, r.Late(), "an event has no number")
	c.number(duty)
	require.NoError(t, c.store.Advance(c.ctx, "notify", numbered+1))
	r = report()
	require.False(t, r.Late())
}

// TestTheBacklogTellsWhatElseFails: experts, messages and what a consumer has set aside, with why.
func TestTheBacklogTellsWhatElseFails(t *testing.T) {
	c := newCompany(t)
	tk := c.submit()
	li := c.expert("li", 3)
	li.Skills, li.Rev = []muster.Competence{{Skill: fridges, Level: 1}}, 0
	_, err := c.dispatch.SaveExpert(c.ctx, c.as(admin), li)
	require.NoError(t, err)
	aside := &muster.Duty{
		ID: muster.AsideDuty("notify", string(tk.ID)), Rev: 1, Timers: muster.Timers{muster.TimerRetry: c.clock.Now()},
	}
	body, err := json.Marshal(dispatch.EventBody{Root: aside})
	require.NoError(t, err)
	now := c.clock.Now()
	out, err := c.store.Commit(c.ctx, graph.Change{
		Command: muster.Command{ID: "aside", Name: "duty.set_aside", Fingerprint: "x", Actor: muster.System("notify")}, At: now,
		Put: []muster.Record{aside}, Expect: []graph.Guard{graph.Absent(string(aside.ID))},
		Events: []muster.Event{{Aggregate: string(aside.ID), Rev: 1, Name: "duty.set_aside", Version: 1, At: now, Body: body}},
	})
	require.NoError(t, err)
	require.NoError(t, out[0].Err())
	for n, id := range []string{string(li.ID), string(aside.ID), string(aside.ID)} {
		w, ok, err := c.store.Claim(c.ctx, id, c.clock.Now(), c.clock.Now().Add(time.Minute))
		require.NoError(t, err)
		require.True(t, ok, id)
		later := time.Duration(n) * time.Hour
		_, err = c.store.Settle(c.ctx, graph.Settled{Wake: w, Next: c.clock.Now().Add(later), Failures: w.Failures + 1, Why: "broke over " + id})
		require.NoError(t, err)
		c.clock.Advance(later)
	}
	r, err := c.dispatch.Backlog(c.ctx, c.store, 10)
	require.NoError(t, err)
	require.Len(t, r.Failing, 2)
	first, second := r.Failing[0], r.Failing[1]
	require.Equal(t, string(aside.ID), first.ID, "the most failures first")
	require.Equal(t, 2, first.Failures)
	require.Equal(t, "broke over "+first.ID, first.LastErr)
	require.Equal(t, "what happened to "+string(tk.ID)+" is told to notify", first.Waits)
	require.Equal(t, string(li.ID), second.ID)
	require.Equal(t, muster.TimerRedecide, second.Timer)
	require.Equal(t, "li's work ahead is looked at", second.Waits)
}
