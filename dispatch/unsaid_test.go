package dispatch_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// Whoever forgets to say that they left, or whose word of it is lost, has left all the same: being there closes the alarm, and
// nobody else is sent.
func TestAnArrivalWithoutADepartureClosesTheAlarm(t *testing.T) {
	for _, step := range []string{"arrive", "start"} {
		t.Run(step, func(t *testing.T) {
			c := newCompany(t)
			id, a := c.morning()
			leave := leaveBy(a.Ticket)
			c.until(id, leave.Add(8*time.Minute), true)
			require.Len(t, c.of(id, muster.ExceptionLateToLeave), 1)
			there := leave.Add(5 * time.Minute)
			do := map[string]func(context.Context, muster.Command, dispatch.VisitRequest) (dispatch.Answer, error){
				"arrive": c.dispatch.Arrive, "start": c.dispatch.Start,
			}[step]
			_, err := do(c.ctx, c.as(actorOf("exp_li")), dispatch.VisitRequest{Visit: a.Visit.ID, At: there})
			require.NoError(t, err)
			require.Empty(t, c.of(id, muster.ExceptionLateToLeave))
			c.until(id, leave.Add(30*time.Minute), true)
			k := c.load(id)
			require.Equal(t, []muster.ExpertID{"exp_li"}, k.Ticket.Visit.Experts)
			require.Equal(t, there, k.Visits[0].ArrivedAt)
			require.Zero(t, k.Visits[0].DepartedAt, "nobody knows when")
			require.Len(t, k.Visits[0].Reports, 1)
			c.sound()
		})
	}
}

// What somebody says long before they should leave is a plan. When it is time to leave they are asked all the same, and who
// then says nothing has given no answer.
func TestAnAnswerOfTheDayBeforeIsAPlan(t *testing.T) {
	for name, by := range map[string]time.Duration{"in time": 0, "later": 40 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			c := newCompany(t)
			li, kim := c.expert("li", 3), c.expert("kim", 5)
			afternoon := muster.Window{Start: monday.Add(25 * time.Hour), End: monday.Add(29 * time.Hour)}
			a := c.at(li.ID, monday.Add(26*time.Hour), func(r *dispatch.SubmitRequest) { r.Windows = []muster.Window{afternoon} })
			id, leave := a.Ticket.ID, leaveBy(a.Ticket).Add(by)
			req := dispatch.ComingRequest{Visit: a.Visit.ID, Coming: true}
			if by > 0 {
				req.At = a.Visit.Start.Add(by)
			}
			_, err := c.dispatch.AnswerVisit(c.ctx, c.as(actorOf(li.ID)), req)
			require.NoError(t, err)
			c.sound()
			require.Equal(t, leave, leaveBy(c.load(id).Ticket))
			c.clock.Set(leave.Add(-10 * time.Minute))
			c.until(id, leave.Add(-time.Minute), true)
			require.NotContains(t, c.events(string(id)), "ticket.expert_asked")
			c.until(id, leave.Add(20*time.Minute), true)
			require.Contains(t, c.events(string(id)), "ticket.expert_asked")
			require.Equal(t, []muster.ExpertID{kim.ID}, c.load(id).Ticket.Visit.Experts)
			c.sound()
		})
	}
}
