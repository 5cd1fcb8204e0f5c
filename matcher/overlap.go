package matcher

import (
	"github.com/sysopssquad/muster"
)

// overlap excludes starts that run into another visit, on this tour or another of the expert's. Where no
// start was asked for, a gap is too short, or two tours are: that is for opening and rest to say.
func overlap(a *attempt) muster.Reason {
	if !a.asked {
		return muster.Reason{}
	}
	return a.overlapWith(muster.Overlaps, false)
}

// overlapWith finds a stop that shares time with the visit, among those that are held or those that are not.
func (a *attempt) overlapWith(code muster.ReasonCode, held bool) muster.Reason {
	span := a.span()
	for _, t := range a.m.busy {
		for i := range t.stops {
			s := &t.stops[i]
			other := muster.Window{Start: s.Start, End: doneAt(s)}
			if s.Held() != held || !other.Overlaps(span) {
				continue
			}
			return a.because(code, func(r *muster.Reason) {
				r.About, r.Have, r.Need = string(s.Visit), span, other
				if held {
					r.Text = a.q.fromTo(other, span.Start) + " is held for another ticket until " + a.q.moment(s.HeldUntil, a.q.Now) + "."
					return
				}
				r.Text = a.q.fromTo(span, a.q.Now) + " runs into another visit, " + a.q.fromTo(other, span.Start) + "."
			})
		}
	}
	return muster.Reason{}
}

// span is the time of the work.
func (a *attempt) span() muster.Window { return muster.Window{Start: a.start, End: a.end} }

func (a *attempt) previousStop() *muster.Stop {
	if a.at == 0 {
		return nil
	}
	return &a.tour.stops[a.at-1]
}

func (a *attempt) nextStop() *muster.Stop {
	if a.at == len(a.tour.stops) {
		return nil
	}
	return &a.tour.stops[a.at]
}
