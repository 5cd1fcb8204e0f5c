package matcher

import (
	"fmt"
	"slices"

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

// learns is about a skill that is lacking and about one that isn't known well enough.
var learns = &easing{
	code: muster.NoSkill, class: muster.Never, unit: "level", size: 480,
	rule: "the expert is trained, and certified where the skill needs it, up to the level",
	make: func(x *affected, c *change) {
		e := x.expert()
		n := x.job.Ticket.Needs[c.which]
		e.Skills = append(slices.Clone(e.Skills), muster.Competence{Skill: n.Skill, Level: n.Level, Expires: x.lasting(n.Skill)})
	},
	say: func(q *question, c *change) string {
		n := q.needs[c.which]
		return fmt.Sprintf("is trained in %s to level %d", n.name, n.Level)
	},
}

func easeSkill(a *attempt, n *need, out []set) []set {
	return append(out, only(a.learning(n)))
}

func (a *attempt) learning(n *need) change {
	return change{easing: learns, who: a.m.Expert.ID, which: n.index, about: string(n.Skill), amount: int(n.Level - a.m.best(n))}
}
