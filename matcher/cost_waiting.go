package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// waiting is what the time until the start costs. It rises with priority and with the days that the
// ticket has been in the queue, so that leaving a ticket out is never cheap for ever.
func waiting(a *attempt) float64 { return a.q.waitUntil(a.start) }

func (q *question) waitUntil(start time.Time) float64 {
	return q.rate * max(0, start.Sub(q.Now).Hours())
}

// waitingRate is what an hour costs.
func waitingRate(w *World, t *muster.Ticket) float64 {
	since := t.QueuedAt
	if since.IsZero() {
		since = t.CreatedAt
	}
	days := 0.0
	if !since.IsZero() {
		days = max(0, w.Now.Sub(since).Hours()/24)
	}
	return w.Policy.Weights.Waiting * pressing(t.Priority) * (1 + days/2)
}

func pressing(p muster.Priority) float64 {
	switch p {
	case muster.PriorityCritical:
		return 4
	case muster.PriorityHigh:
		return 2
	case muster.PriorityLow:
		return 0.5
	default:
		return 1
	}
}

// rising is the part of the cost that is sure to rise with time: no start after this one has less.
func (q *question) rising(start time.Time) float64 {
	return q.waitUntil(start) + q.Policy.Weights.Lateness*q.overdue(start).Minutes()
}

// farthest is a travel cost that no candidate within a usual limit reaches: what leaving a ticket out
// costs beside waiting.
const farthest = 240

// leftOut is what it costs if nobody comes within the horizon: more than any start within it.
func (q *question) leftOut() float64 {
	return q.rising(q.until) + farthest*q.Policy.Weights.Travel
}

func whyWaiting(a *attempt) string {
	return fmt.Sprintf("Starts in %.1f h, at %.1f min lost an hour.", max(0, a.start.Sub(a.q.Now).Hours()), a.q.rate)
}
