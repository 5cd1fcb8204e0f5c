package matcher

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// territory keeps experts to the cells that are theirs, of whatever resolution.
func territory(a *attempt) muster.Reason {
	mine := a.m.Expert.Territory
	if len(mine) == 0 || a.m.Expert.Capacity.Relocates {
		return muster.Reason{}
	}
	cell := a.q.site.Cell
	for _, c := range mine {
		if cell.Within(c) {
			return muster.Reason{}
		}
	}
	return a.because(muster.OutOfTerritory, func(r *muster.Reason) {
		r.Have, r.Need = len(mine), cell.String()
		r.Unit = "cells"
		r.Text = "The site is outside the territory."
	})
}

var beyondTerritory = &easing{
	code: muster.OutOfTerritory, class: muster.ByDispatcher, size: 30, rule: "the expert leaves the territory",
	make: func(x *affected, _ *change) {
		e := x.expert()
		e.Territory = append(slices.Clone(e.Territory), x.job.Site.Place.Cell)
	},
	say: func(*question, *change) string { return "leaves the territory" },
}

func easeTerritory(a *attempt, out []set) []set {
	return append(out, only(change{easing: beyondTerritory, who: a.m.Expert.ID}))
}
