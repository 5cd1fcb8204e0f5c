package matcher

import "github.com/sysopssquad/muster"

// held keeps openings for the offers that they are held for: neither work nor ways may take from them.
func held(a *attempt) muster.Reason {
	if r := a.overlapWith(muster.HeldByOther, true); r.Code != "" {
		return r
	}
	before, after := a.lateHere(true), a.lateNext(true)
	if !before && !after {
		return muster.Reason{}
	}
	return a.because(muster.HeldByOther, func(r *muster.Reason) {
		s := a.previousStop()
		if !before {
			s = a.nextStop()
		}
		other := muster.Window{Start: s.Start, End: s.End}
		r.About, r.Have, r.Need = string(s.Visit), a.span(), other
		r.Text = a.q.fromTo(other, a.start) + " is held for another ticket until " + a.q.moment(s.HeldUntil, a.q.Now) + "; the way between would be late."
	})
}
