package matcher

import (
	"slices"

	"github.com/sysopssquad/muster"
)

// blocked keeps experts away from customers who don't want them, and whom they don't want.
func blocked(a *attempt) muster.Reason {
	if a.q.Customer == nil {
		return muster.Reason{}
	}
	for i := range a.q.Customer.Blocked {
		b := &a.q.Customer.Blocked[i]
		if b.Expert != a.m.Expert.ID {
			continue
		}
		return a.because(muster.IsBlocked, func(r *muster.Reason) {
			r.About, r.Have, r.Need = string(a.q.Customer.ID), "blocked", noValue
			r.Text = "Is not to be sent to this customer."
			if !b.Since.IsZero() {
				r.Have = b.Since
				r.Text = "Is not to be sent to this customer, since " + a.q.date(b.Since) + "."
			}
		})
	}
	return muster.Reason{}
}

var unblocked = &easing{
	code: muster.IsBlocked, class: muster.Never, size: 480, rule: "the customer and the expert make up",
	make: func(x *affected, c *change) {
		own := *x.job.Customer
		own.Blocked = slices.DeleteFunc(slices.Clone(own.Blocked), func(b muster.Block) bool { return b.Expert == c.who })
		x.job.Customer = &own
	},
	say: func(*question, *change) string { return "may be sent to this customer again" },
}

func easeBlocked(a *attempt, out []set) []set {
	return append(out, only(change{easing: unblocked, who: a.m.Expert.ID}))
}
