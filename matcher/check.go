package matcher

import (
	"time"

	"github.com/sysopssquad/muster"
)

// Check judges one expert at one exact start; the zero time means their cheapest. No reasons: it fits, and
// the candidate says where. Otherwise these are all reasons, each with the numbers compared; a start that
// runs into another visit has Overlaps with both spans.
func (w *World) Check(job Job, p Person, start time.Time) (muster.Candidate, []muster.Reason) {
	sc := w.scene([]Person{p})
	q := sc.question(job)
	q.keep(sc.members[0], start)
	a := q.try(sc.members[0], true)
	if start.IsZero() {
		return a.answer()
	}
	var rs []muster.Reason
	if at := job.Start; !at.IsZero() && !at.Equal(start) {
		a.start, a.quiet = start, false
		rs = append(rs, a.crewStart())
	}
	eligible := a.eligible()
	best := a.exactly(start)
	if len(rs) == 0 && eligible && best.ok() {
		a.settle(best)
		return a.candidate(), nil
	}
	a.quiet = false
	rs = a.judge(false, rs)
	if !best.ok() {
		rs = append(rs, a.nearestAt(start)...)
	}
	return muster.Candidate{}, rs
}

// keep drops the lead where the start is the one at which the visit is on the tour already, as when an
// expert accepts what was held for them: then it is enough that they can still leave as planned.
func (q *question) keep(m *member, start time.Time) {
	if q.Ignore == "" {
		return
	}
	for _, t := range m.busy {
		for i := range t.stops {
			if s := &t.stops[i]; s.Visit == q.Ignore && s.Start.Equal(start) {
				q.earliest = earlier(q.earliest, later(s.Depart, q.Now))
			}
		}
	}
}
