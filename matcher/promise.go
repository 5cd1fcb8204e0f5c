package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// promiseGrid is how promised windows begin: on the full or the half hour, local.
const promiseGrid = 30 * time.Minute

// Promise is the window that the customer is told for a start: arrival is within it. It is the customer's
// own window that the start lies in, of several the one that ends first; where they named none, or it
// was set aside, a window of the policy's width from the half hour before the start, local time at
// the site. So the plan has the rest of the width for delays, and nobody comes earlier than promised.
func (w *World) Promise(job Job, start time.Time) muster.Window {
	var best muster.Window
	for _, own := range job.Ticket.Windows {
		if own.Contains(start) && (best.IsZero() || own.End.Before(best.End)) {
			best = own
		}
	}
	if !best.IsZero() {
		return best
	}
	local := start.In(muster.Location(job.Site.Place.Zone))
	past := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	from := start.Add(-(past % promiseGrid))
	return muster.Window{Start: from, End: from.Add(w.Policy.PromiseWidth.Duration())}
}
