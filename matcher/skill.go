package matcher

import (
	"fmt"

	"github.com/sysopssquad/muster"
)

// skill asks whether the expert has what is needed or something narrower, at whatever level.
func skill(a *attempt, n *need) muster.Reason {
	for i := range a.m.known {
		if n.by[a.m.known[i].skill] {
			return muster.Reason{}
		}
	}
	return a.because(muster.NoSkill, func(r *muster.Reason) {
		r.About, r.Have, r.Need, r.Unit = string(n.Skill), 0, int(n.Level), "level"
		r.Text = fmt.Sprintf("Lacks %s; this needs level %d.", n.name, n.Level)
	})
}
