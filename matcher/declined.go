package matcher

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// The reasons that an expert gives for a decline. Each binds it to something else: not_then to that
// time, all others to the ticket.
const declinedTime = "not_then"

var declineWords = map[string]string{
	declinedTime: "not then", "too_far": "too far", "not_this_customer": "not this customer", "other": "another reason",
}

// declined excludes whoever has declined the ticket for another reason than its time.
func declined(a *attempt) muster.Reason {
	for i := range a.q.Ticket.Declines {
		d := &a.q.Ticket.Declines[i]
		if d.Expert == a.m.Expert.ID && (d.Reason != declinedTime || d.Window.IsZero()) {
			return a.because(muster.HasDeclined, func(r *muster.Reason) { sayDeclined(a.q, d, r) })
		}
	}
	return muster.Reason{}
}

// declinedThen excludes the times that an expert has declined.
func declinedThen(a *attempt) muster.Reason {
	if d := a.declineAt(); d != nil {
		return a.because(muster.HasDeclined, func(r *muster.Reason) {
			sayDeclined(a.q, d, r)
			r.Have, r.Need = a.span(), d.Window
		})
	}
	return muster.Reason{}
}

// afterDeclined waits for the end of a time that was declined.
func afterDeclined(a *attempt) time.Time {
	if d := a.declineAt(); d != nil {
		return d.Window.End
	}
	return time.Time{}
}

func (a *attempt) declineAt() *muster.Decline {
	for i := range a.q.Ticket.Declines {
		d := &a.q.Ticket.Declines[i]
		if d.Expert == a.m.Expert.ID && d.Reason == declinedTime && d.Window.Overlaps(a.span()) {
			return d
		}
	}
	return nil
}

func sayDeclined(q *question, d *muster.Decline, r *muster.Reason) {
	r.About, r.Have, r.Need = d.Reason, d.At, noValue
	why := cmp.Or(declineWords[d.Reason], "no reason given")
	r.Text = fmt.Sprintf("Declined this ticket at %s: %s.", q.moment(d.At, q.Now), why)
}

var asksAgain = &easing{
	code: muster.HasDeclined, class: muster.ByDispatcher, size: 120, rule: "what the expert declined is set aside",
	make: func(x *affected, c *change) {
		t := x.ticket()
		t.Declines = slices.DeleteFunc(slices.Clone(t.Declines), func(d muster.Decline) bool { return d.Expert == c.who })
	},
	say: func(*question, *change) string { return "comes in spite of having declined" },
}

func easeDeclined(a *attempt, out []set) []set {
	return append(out, only(change{easing: asksAgain, who: a.m.Expert.ID}))
}
