package matcher

import (
	"fmt"
	"time"
)

// lateness counts the time after what was promised: the due time, as far as it is still to come, and the
// middle of the window, after which a delay on the way breaks the promise.
func lateness(a *attempt) float64 {
	return a.q.Policy.Weights.Lateness * (a.q.overdue(a.start) + a.q.pastMiddle(a.start)).Minutes()
}

func (q *question) overdue(start time.Time) time.Duration {
	if q.Ticket.DueAt.IsZero() {
		return 0
	}
	return max(0, start.Sub(later(q.Ticket.DueAt, q.Now)))
}

// pastMiddle is the time since the middle of the window that the start lies in, of several the one that is best.
func (q *question) pastMiddle(start time.Time) time.Duration {
	least := time.Duration(-1)
	for _, w := range q.windows {
		if w.Contains(start) {
			if past := max(0, start.Sub(w.Start.Add(w.End.Sub(w.Start)/2))); least < 0 || past < least {
				least = past
			}
		}
	}
	return max(0, least)
}

func whyLateness(a *attempt) string {
	if late := a.q.overdue(a.start); late > 0 {
		return fmt.Sprintf("Due %s; %.0f min later.", a.q.moment(a.q.Ticket.DueAt, a.start), late.Minutes())
	}
	return fmt.Sprintf("%.0f min after the middle of the window.", a.q.pastMiddle(a.start).Minutes())
}
