package matcher

import (
	"math"

	"github.com/sysopssquad/muster"
)

// enoughVisits is how many visits with a skill make an expert's own record count in full; below, it is
// mixed with the mean of the peers.
const enoughVisits = 30

// usualFix is the share of visits that need no second one, where nobody has a record yet.
const usualFix = 0.8

// Peers is what costs compare an expert with: the experts of the company, or of a region. Give the same
// to all calls whose costs are to be compared.
type Peers struct {
	experts int
	paid    float64 // mean paid hours of four weeks
	skills  map[muster.SkillID]peerSkill
}

type peerSkill struct{ holders, visits, fixed int }

// NewPeers sums up experts. Those who work here no longer don't count.
func NewPeers(experts []*muster.Expert) *Peers {
	p := &Peers{skills: map[muster.SkillID]peerSkill{}}
	var paid muster.Minutes
	for _, e := range experts {
		if e.Removed {
			continue
		}
		p.experts++
		paid += e.PaidWeeks
		for _, c := range e.Skills {
			s := p.skills[c.Skill]
			s.holders++
			s.visits += c.Visits
			s.fixed += c.Fixed
			p.skills[c.Skill] = s
		}
	}
	if p.experts > 0 {
		p.paid = float64(paid) / 60 / float64(p.experts)
	}
	return p
}

// scarcity is 0 for a skill that everybody has, 1 for one in ten, 2 for one in a hundred.
func (p *Peers) scarcity(s muster.SkillID) float64 {
	n := p.skills[s].holders
	if n == 0 || p.experts == 0 {
		return 0
	}
	return max(0, math.Log10(float64(p.experts)/float64(n)))
}

// fix is the expected share of visits fixed at once: the expert's own record, shrunk to the mean of the
// peers below enoughVisits.
func (p *Peers) fix(c *muster.Competence) float64 {
	mean := usualFix
	if s := p.skills[c.Skill]; s.visits > 0 {
		mean = float64(s.fixed) / float64(s.visits)
	}
	if c.Visits <= 0 {
		return mean
	}
	own := float64(c.Fixed) / float64(c.Visits)
	trust := min(1, float64(c.Visits)/enoughVisits)
	return trust*own + (1-trust)*mean
}
