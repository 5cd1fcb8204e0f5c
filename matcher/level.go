package matcher

import (
	"fmt"
	"slices"

	"github.com/sysopssquad/muster"
)

// spareLevels is how far below the needed level a named person may go.
const spareLevels = 1

// level asks whether the best of the skills that count reaches the needed level.
func level(a *attempt, n *need) muster.Reason {
	best := a.m.best(n)
	if best == 0 || best >= n.Level { // no skill at all is for skill to say
		return muster.Reason{}
	}
	r := a.because(muster.LevelLow, func(r *muster.Reason) {
		r.About, r.Have, r.Need, r.Unit = string(n.Skill), int(best), int(n.Level), "level"
		r.Text = fmt.Sprintf("Level %d; this needs %d (%s).", best, n.Level, n.name)
	})
	if n.Level-best > spareLevels {
		r.Class = muster.Never
	}
	return r
}

// best is the highest level among the competences that count for a need, 0 if none does.
func (m *member) best(n *need) muster.Level {
	best := muster.Level(0)
	for i := range m.known {
		if c := &m.known[i]; n.by[c.skill] {
			best = max(best, c.Level)
		}
	}
	return best
}

var levelAside = &easing{
	code: muster.LevelLow, class: muster.ByDispatcher, size: 60, rule: "one level less is enough, of all that is needed",
	make: func(x *affected, _ *change) { x.job.Allowed = append(slices.Clip(x.job.Allowed), muster.LevelLow) },
	say:  func(*question, *change) string { return "one level less is enough" },
}

func easeLevel(a *attempt, n *need, out []set) []set {
	if n.Level-a.m.best(n) <= spareLevels {
		out = append(out, only(change{easing: levelAside}))
	}
	return append(out, only(a.learning(n)))
}
