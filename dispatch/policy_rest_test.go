package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph/sqlite"
)

// drawPolicy is any policy, of which many contradict themselves: each figure is bad now and then.
func drawPolicy(r *rapid.T) muster.Policy {
	p := muster.DefaultPolicy()
	some := func(name string, bad []muster.Minutes, good ...muster.Minutes) muster.Minutes {
		if rapid.IntRange(0, 15).Draw(r, name+" is bad") == 15 {
			good = bad
		}
		return rapid.SampledFrom(good).Draw(r, name)
	}
	type few = []muster.Minutes
	p.Push = rapid.Bool().Draw(r, "push")
	p.HorizonDays = int(some("horizon", few{0, 61}, 1, 14, 60))
	p.OfferMinutes = some("offer", few{0, 7 * 24 * 60}, 5, 10, 60)
	p.UrgentOffer = some("urgent", few{0, 61}, 1, 5)
	p.UndoSeconds = int(some("undo", few{600}, 0, 10))
	p.AnswerMinutes = some("answer", few{0, 70}, 1, 5, 59)
	p.QueueEvery = some("queue", few{-1, 0, 1 << 20}, 1, 60, 7*24*60)
	p.TriageEvery = some("triage", few{-1, 0, 1 << 20}, 1, 60, 7*24*60)
	p.ResolveAfter = some("resolve", few{0}, 1, 24*60, 90*24*60)
	p.ExceptionMinutes = some("exception", few{0}, 1, 15, 24*60)
	p.Lead = some("lead", few{-1, 24*60 + 1}, 0, 15, 60)
	p.RoundEvery = some("round", few{0, 1 << 20}, 1, 10, 24*60)
	p.Due[muster.PriorityNormal] = some("due", few{0}, 60, 240, 3*24*60)
	p.SLA.Acceptance[muster.PriorityNormal] = some("acceptance", few{5, 4 * 24 * 60}, 0, 60)
	p.SLA.Resolution[muster.PriorityNormal] = some("resolution", few{30}, 0, 7*24*60)
	p.Escalation = nil
	at := muster.EscalationStep{}
	for range rapid.IntRange(0, 4).Draw(r, "steps") {
		at.After = some("after", few{0, -5, 1 << 20}, 1, 60, 7*24*60)
		at.TravelKm += float64(some("more km", few{-1}, 0, 20, 100))
		at.Visits += int(some("more visits", few{-1}, 0, 1))
		at.OnCall = at.OnCall || rapid.Bool().Draw(r, "on call")
		at.Propose = at.Propose || rapid.Bool().Draw(r, "propose")
		p.Escalation = append(p.Escalation, at)
	}
	return p
}

// TestLongNoAcceptedPolicyLetsATicketRest draws policies; those that may be saved are lived under. From every state of the
// life of a ticket that is open, whatever was done before, a timer is ahead and within the bounds of the policy, and one
// that is due leads ahead after few rings: none follows itself for ever.
func TestLongNoAcceptedPolicyLetsATicketRest(t *testing.T) {
	states, refused, lived := make(map[string]int), 0, 0
	commands := []string{
		"triage", "queue", "offer", "assign", "accept", "decline", "expire", "depart", "arrive", "start", "wait", "wake", "complete",
		"reopen", "reassign", "unassign", "undo", "end fixed", "end part_needed", "end no_access", "end unsafe", "ring", "ring", "ring", "round",
	}
	rapid.Check(t, func(r *rapid.T) {
		p := rapid.Custom(drawPolicy).Filter(func(p muster.Policy) bool {
			ok := p.Check() == nil
			if !ok {
				refused++
			}
			return ok
		})
		clock := muster.NewFakeClock(monday)
		store, err := sqlite.Open(t.Context(), sqlite.Memory, clock)
		require.NoError(r, err)
		defer func() { require.NoError(r, store.Close(context.Background())) }()
		c := companyOn(t, store, clock)
		drawn := p.Draw(r, "policy")
		_, err = c.dispatch.SavePolicy(c.ctx, c.as(admin), drawn)
		require.NoError(r, err)
		lived++
		policy := drawn.Filled()
		li, kim := c.expert("li", 3).ID, c.expert("kim", 52).ID
		id := c.in(rapid.SampledFrom([]string{"triage", "queued", "offered", "assigned", "en_route", "arrived", "in_progress", "waiting", "completed"}).Draw(r, "state"), li)
		for range rapid.IntRange(1, 25).Draw(r, "length") {
			switch command := rapid.SampledFrom(commands).Draw(r, "command"); command {
			case "ring":
				c.ring(id)
			case "round":
				c.rounds()
			default:
				if _, err := c.do(command, id, li, kim); err != nil {
					require.NotEqual(r, muster.CodeInternal, muster.CodeOf(err), "%s: %v", command, err)
				}
			}
			k := c.load(id)
			if k.Ticket.State.Terminal() {
				break
			}
			states[k.Ticket.Shown()]++
			_, at, has := k.Ticket.Timers.Next()
			require.True(r, has, "%s has no timer", k.Ticket.State)
			require.False(r, at.After(clock.Now().Add(91*24*time.Hour)), "%s rests until %s", k.Ticket.State, at)
			for rings := 0; !c.wakes(id).After(clock.Now()); rings++ {
				require.Less(r, rings, 12+len(policy.Escalation), "%s: %v ring for ever at %s", k.Ticket.Shown(), c.load(id).Ticket.Timers, clock.Now())
				c.due(id)
				if c.load(id).Ticket.State.Terminal() {
					break
				}
			}
		}
	})
	t.Logf("%d policies refused, %d lived under; seen: %v", refused, lived, states)
	require.Greater(t, refused, lived/4, "many that are drawn contradict themselves")
	require.Greater(t, len(states), 7)
}

// wakes is when a ticket is looked at next; the zero time once it is closed.
func (c *company) wakes(t muster.TicketID) time.Time {
	c.Helper()
	all, err := c.store.Wakes(c.ctx, string(t))
	require.NoError(c, err)
	w, has := all[string(t)]
	if !has {
		require.True(c, ref(c.load(t).Ticket).Terminal())
		return c.clock.Now().Add(time.Hour)
	}
	return w.At
}
