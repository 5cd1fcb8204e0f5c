package matcher

import "github.com/sysopssquad/muster"

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
