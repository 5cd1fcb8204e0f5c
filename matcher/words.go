package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// noValue is what reasons compare where there is nothing, or nothing is what it would take: Have and Need are never
// empty.
const noValue = "none"

// Times in reasons are those of the site.

// date is the day of an instant, as in 18 Nov.
func (q *question) date(t time.Time) string { return t.In(q.zone).Format("2 Jan") }

// moment is the time of day, with the day where it is not that of another instant which the reader has in mind.
func (q *question) moment(t, mind time.Time) string {
	local, other := t.In(q.zone), mind.In(q.zone)
	if local.YearDay() == other.YearDay() && local.Year() == other.Year() {
		return local.Format("15:04")
	}
	return local.Format("2 Jan 15:04")
}

// fromTo is a span, as in 13:00 to 14:30.
func (q *question) fromTo(w muster.Window, mind time.Time) string {
	return q.moment(w.Start, mind) + " to " + q.moment(w.End, w.Start)
}
