package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// certificate asks whether, of the competences that are good enough, one is still valid when the visit
// ends. A licensed skill counts only with an expiry.
func certificate(a *attempt) muster.Reason {
	for i := range a.q.needs {
		n := &a.q.needs[i]
		enough := min(n.Level, a.m.best(n)) // level has judged what is below
		var last *competence
		valid := enough == 0
		for k := range a.m.known {
			c := &a.m.known[k]
			if !n.by[c.skill] || c.Level < enough {
				continue
			}
			if c.validAt(a.end, n) {
				valid = true
				break
			}
			if last == nil || last.Expires.Before(c.Expires) {
				last = c
			}
		}
		if valid {
			continue
		}
		return a.because(muster.CertificateEnds, func(r *muster.Reason) {
			r.About, r.Need = string(last.Skill), a.end
			name := last.Evidence
			if name == "" {
				name = a.q.Skills.Name(last.Skill)
			}
			if last.Expires.IsZero() {
				r.Have = noValue
				r.Text = fmt.Sprintf("No certificate for %s, which needs one.", n.name)
				return
			}
			r.Have = last.Expires
			r.Text = fmt.Sprintf("Certificate %s ends %s; the visit is %s.", name, a.q.date(last.Expires), a.q.date(a.end))
		})
	}
	return muster.Reason{}
}

func (c *competence) validAt(end time.Time, n *need) bool {
	if c.Expires.IsZero() {
		return !c.licensed && !n.licensed
	}
	return !c.Expires.Before(end)
}
