package matcher

import (
	"fmt"
	"slices"
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

var renewed = &easing{
	code: muster.CertificateEnds, class: muster.Never, size: 240, shown: true, rule: "the certificate is renewed until the visit is over",
	make: func(x *affected, c *change) {
		e := x.expert()
		e.Skills = slices.Clone(e.Skills)
		e.Skills[c.which].Expires = x.forever()
	},
	say: func(q *question, c *change) string {
		return fmt.Sprintf("renews the certificate for %s until %s at least", q.Skills.Name(muster.SkillID(c.about)), q.date(c.span.End))
	},
}

// forever is after every visit that may be planned now.
func (x *affected) forever() time.Time {
	return x.world.Policy.Horizon(x.world.Now).End.Add(x.job.Ticket.Duration.Duration()).AddDate(0, 0, 1)
}

// lasting is the expiry that a competence needs to count for all that time.
func (x *affected) lasting(s muster.SkillID) time.Time {
	if k, _ := x.world.Skills.Get(s); k.Licensed {
		return x.forever()
	}
	return time.Time{}
}

// easeCertificate renews, for each need without a competence that is valid, one of those that would be good enough.
func easeCertificate(a *attempt, out []set) []set {
	sets := []set{{}}
	for i := range a.q.needs {
		n := &a.q.needs[i]
		enough := min(n.Level, a.m.best(n))
		var any []set
		valid := enough == 0
		for k := range a.m.known {
			c := &a.m.known[k]
			if !n.by[c.skill] || c.Level < enough {
				continue
			}
			if valid = valid || c.validAt(a.end, n); valid {
				break
			}
			any = append(any, only(change{easing: renewed, who: a.m.Expert.ID, which: k, about: string(c.Skill), span: a.span()}))
		}
		if !valid {
			sets = cross(sets, any, most, len(classes), nil)
		}
	}
	return append(out, sets...)
}
