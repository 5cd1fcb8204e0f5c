package matcher

import (
	"slices"
	"strings"

	"github.com/sysopssquad/muster"
)

// authorisation keeps experts who are authorised for certain makes to these. An expert without an entry
// repairs all makes, and so does everybody where the device's make is not known.
func authorisation(a *attempt) muster.Reason {
	brands := a.m.Expert.Brands
	if len(brands) == 0 || a.q.brand == "" || listed(brands, a.q.brand) {
		return muster.Reason{}
	}
	return a.because(muster.NotAuthorised, func(r *muster.Reason) {
		r.About, r.Have, r.Need = a.q.brand, brands, a.q.brand
		r.Text = "Authorised for " + strings.Join(brands, ", ") + "; this is a " + a.q.brand + "."
	})
}

// listed looks a name up; people write the same name in small and capital letters.
func listed(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

var authorised = &easing{
	code: muster.NotAuthorised, class: muster.Never, size: 480, rule: "the expert is authorised for the make",
	make: func(x *affected, c *change) {
		e := x.expert()
		e.Brands = append(slices.Clone(e.Brands), c.about)
	},
	say: func(_ *question, c *change) string { return "is authorised for " + c.about },
}

func easeAuthorisation(a *attempt, out []set) []set {
	return append(out, only(change{easing: authorised, who: a.m.Expert.ID, about: a.q.brand}))
}
