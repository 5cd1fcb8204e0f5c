package matcher

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// crew excludes whoever has another place of the same visit. That all start together is kept by the
// job's one start.
func crew(a *attempt) muster.Reason {
	if !slices.Contains(a.q.Crew, a.m.Expert.ID) {
		return muster.Reason{}
	}
	return a.because(muster.CrewClash, func(r *muster.Reason) {
		r.Have, r.Need, r.Unit = len(a.q.Crew), max(a.q.Ticket.Crew, 1), "experts"
		r.Text = "Is on this visit's crew already."
	})
}

// crewStart says that a start is not the one of the crew.
func (a *attempt) crewStart() muster.Reason {
	return a.because(muster.CrewClash, func(r *muster.Reason) {
		r.Have, r.Need = a.start, a.q.Start
		r.Text = "The crew starts at " + a.q.moment(a.q.Start, a.start) + "; this would be " + a.q.moment(a.start, a.start) + "."
	})
}
