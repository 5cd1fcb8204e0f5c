package matcher

import (
	"fmt"
	"time"

	"github.com/sysopssquad/muster"
)

// siteHours asks whether the site can be entered from start to end.
func siteHours(a *attempt) muster.Reason {
	if a.q.open == nil {
		return muster.Reason{}
	}
	span := a.span()
	for _, w := range a.q.open {
		if !span.Start.Before(w.Start) && !span.End.After(w.End) {
			return muster.Reason{}
		}
	}
	return a.because(muster.SiteClosed, func(r *muster.Reason) {
		r.Have = span
		day := midnight(span.Start.In(a.q.zone))
		w, ok := hit(a.q.open, muster.Window{Start: day, End: day.AddDate(0, 0, 1)})
		if !ok {
			r.Need = noValue
			if next, opens := a.q.opensAfter(span.Start); opens {
				r.Need = next
			}
			r.Text = fmt.Sprintf("The site is closed on %s.", a.q.date(span.Start))
			return
		}
		r.Need = w
		r.Text = fmt.Sprintf("The site is open %s; the visit is %s.", a.q.fromTo(w, span.Start), a.q.fromTo(span, span.Start))
	})
}

// opensAfter is when the site is open next, after an instant within the horizon.
func (q *question) opensAfter(at time.Time) (muster.Window, bool) {
	for _, w := range q.open {
		if w.Start.After(at) {
			return w, true
		}
	}
	return muster.Window{}, false
}

// nextOpen waits for the site to open again.
func nextOpen(a *attempt) time.Time {
	for _, w := range a.q.open {
		if !a.end.After(w.End) {
			return w.Start // not later than the slot's start: it is open
		}
	}
	return time.Time{}
}

// openSite lists when a site can be entered within the horizon, in its own zone; nil means always.
func openSite(q *question) []muster.Window {
	hours := q.Site.AccessHours
	if len(hours) == 0 {
		return nil
	}
	out := []muster.Window{}
	last := q.until.In(q.zone).AddDate(0, 0, 1)
	for day := midnight(q.Now.In(q.zone)).AddDate(0, 0, -2); !day.After(last); day = day.AddDate(0, 0, 1) {
		for _, h := range hours {
			if h.Weekday == day.Weekday() {
				out = append(out, h.On(day))
			}
		}
	}
	return merge(out)
}

var siteOpens = &easing{
	code: muster.SiteClosed, class: muster.Never, size: 120, shown: true, rule: "the site is opened outside its hours",
	make: func(x *affected, _ *change) {
		own := *x.job.Site
		own.AccessHours = nil
		x.job.Site = &own
	},
	say: func(q *question, c *change) string { return "the site is opened " + q.fromTo(c.span, q.Now) },
}

func easeSiteHours(a *attempt, out []set) []set {
	return append(out, only(change{easing: siteOpens, span: a.span()}))
}
