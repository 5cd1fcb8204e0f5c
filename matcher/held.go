package matcher

import (
	"slices"

	"github.com/sysopssquad/muster"
)

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

var released = &easing{
	code: muster.HeldByOther, class: muster.ByDispatcher, size: 60, shown: true, rule: "the opening is taken from the offer that it is held for",
	make: func(x *affected, c *change) {
		x.person.Tours = slices.Clone(x.person.Tours)
		for i, t := range x.person.Tours {
			own := *t
			own.Stops = slices.DeleteFunc(slices.Clone(t.Stops), func(s muster.Stop) bool { return s.Held() && string(s.Visit) == c.about })
			x.person.Tours[i] = &own
		}
	},
	say: func(q *question, c *change) string {
		return "the opening of " + q.fromTo(c.span, q.Now) + " is not held any more"
	},
}

// holds lists the openings that could be released, see leaves.
func (sc *scene) holds(m *member, out []change) []change {
	for _, t := range m.busy {
		for i := range t.stops {
			if s := &t.stops[i]; s.Held() && !slices.ContainsFunc(out, func(c change) bool { return c.about == string(s.Visit) }) {
				out = append(out, change{easing: released, who: m.Expert.ID, about: string(s.Visit), span: taken(s)})
			}
		}
	}
	return out
}
