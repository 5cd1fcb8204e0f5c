package dispatch_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
	"github.com/sysopssquad/muster/matcher"
	"github.com/sysopssquad/muster/matcher/solve"
)

// hasty is a way to reckon travel that tells the matcher of no way to a place, but the check the truth.
type hasty struct {
	matcher.Travel
	place muster.Point
}

func (h hasty) Between(from, to muster.Place, at time.Time) (muster.Minutes, float64) {
	if to.Point == h.place && from.Point != h.place && !askedByCheck() {
		return 0, 0
	}
	return h.Travel.Between(from, to, at)
}

func askedByCheck() bool {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if strings.Contains(f.Function, "/matcher/check.") {
			return true
		}
		if !more {
			return false
		}
	}
}

// A plan that the matcher's own rules allow and the independent check doesn't is not committed: the ticket is put before a person,
// and others get their places.
func TestAPlanThatFailsItsCheckIsNotCommitted(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	good := c.submit().ID
	bad, site := c.elsewhere(8)
	report, err := c.dispatch.RoundBy(c.ctx, c.region(), func(t matcher.Travel) matcher.Travel { return hasty{t, site} })
	require.NoError(t, err)
	require.Equal(t, 1, report.Assigned, "%+v", report)
	require.NotEmpty(t, c.load(good).Visits)
	require.Empty(t, c.load(bad).Visits)
	require.Contains(t, c.stuck(bad), "a plan breaks opening")
	c.sound()
}

// The certificate fails for an answer that is not the best, and for prices that prove nothing.
func TestCertificatesFailForOtherAnswers(t *testing.T) {
	p := solve.Problem{
		Arcs:     []solve.Arc{{Ticket: 0, Opening: 0, Cost: 3}, {Ticket: 0, Opening: 1, Cost: 5}, {Ticket: 1, Opening: 0, Cost: 4}, {Ticket: 1, Opening: 1, Cost: 9}},
		LeaveOut: []int64{100, 100}, Capacity: []int32{1, 1},
	}
	answer, err := solve.Solve(context.Background(), &p)
	require.NoError(t, err)
	l := &matcher.Linear{Problem: p, Answer: answer}
	require.Empty(t, dispatch.Certify(l))
	require.Equal(t, []int32{1, 0}, answer.Opening)
	for name, change := range map[string]func(a *solve.Plan){
		"another plan":  func(a *solve.Plan) { a.Opening, a.Cost = []int32{0, 1}, 12 },
		"another cost":  func(a *solve.Plan) { a.Cost-- },
		"another price": func(a *solve.Plan) { a.TicketDual[0]++ },
		"one opening":   func(a *solve.Plan) { a.Opening = []int32{0, 0} },
	} {
		other := *answer
		other.TicketDual = append([]int64{}, answer.TicketDual...)
		change(&other)
		require.NotEmpty(t, dispatch.Certify(&matcher.Linear{Problem: p, Answer: &other}), name)
	}
}

// Rounds say of what they solved that it is a linear problem's optimum.
func TestARoundReportsItsLinearProblems(t *testing.T) {
	c := newCompany(t)
	c.pushing()
	c.expert("li", 3)
	for range 3 {
		c.submit()
	}
	report, err := c.dispatch.Round(c.ctx, c.region())
	require.NoError(t, err)
	require.Equal(t, 3, report.Assigned)
	require.Positive(t, report.Linear.Rounds)
	require.Zero(t, report.Linear.Placed)
	c.sound()
}
