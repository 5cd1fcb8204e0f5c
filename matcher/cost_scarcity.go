package matcher

import "github.com/sysopssquad/muster"

// scarcity counts what is spent of rare skills on a visit that doesn't need them.
func scarcity(a *attempt) float64 {
	_, spent := a.scarcest()
	return a.q.Policy.Weights.Scarcity * spent
}

// scarcest finds the skill whose unused levels are the greatest loss, -1 if nothing is lost.
func (a *attempt) scarcest() (int, float64) {
	which, most := -1, 0.0
	for i := range a.m.known {
		c := &a.m.known[i]
		spare := c.Level
		for n := range a.q.needs {
			if need := &a.q.needs[n]; need.by[c.skill] {
				spare = min(spare, max(0, c.Level-need.Level))
			}
		}
		if lost := c.scarcity * float64(spare) / float64(topLevel); lost > most {
			which, most = i, lost
		}
	}
	return which, most
}

const topLevel muster.Level = 5

func whyScarcity(a *attempt) string {
	i, _ := a.scarcest()
	if i < 0 {
		return ""
	}
	c := &a.m.known[i]
	return "Has " + a.q.Skills.Name(c.Skill) + " at level " + string(rune('0'+c.Level)) + ", which is rare."
}
