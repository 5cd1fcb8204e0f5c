package matcher

import "github.com/sysopssquad/muster"

// removed excludes experts who work here no longer.
func removed(a *attempt) muster.Reason {
	if !a.m.Expert.Removed {
		return muster.Reason{}
	}
	return a.because(muster.Gone, func(r *muster.Reason) {
		r.Have, r.Need = "removed", noValue
		r.Text = "Works here no longer."
	})
}
