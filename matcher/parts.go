package matcher

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
)

// parts asks whether the van has everything that the visit must bring.
func parts(a *attempt) muster.Reason {
	missing := ""
	for _, p := range a.q.Ticket.Carry {
		if !listed(a.m.Expert.Carries, p) {
			missing = p
			break
		}
	}
	if missing == "" {
		return muster.Reason{}
	}
	return a.because(muster.LacksParts, func(r *muster.Reason) {
		var all []string
		for _, p := range a.q.Ticket.Carry {
			if !listed(a.m.Expert.Carries, p) {
				all = append(all, p)
			}
		}
		r.About, r.Have, r.Need = missing, noValue, a.q.Ticket.Carry
		if len(a.m.Expert.Carries) > 0 {
			r.Have = a.m.Expert.Carries
		}
		r.Text = "Does not carry " + strings.Join(all, ", ") + "."
	})
}

// partsOrdered excludes starts before a part comes that is ordered. One that should be there by now is taken to be; of
// one that nobody has ordered people decide.
func partsOrdered(a *attempt) muster.Reason {
	p := a.partAfter()
	if p == nil {
		return muster.Reason{}
	}
	return a.because(muster.LacksParts, func(r *muster.Reason) {
		r.About, r.Have, r.Need = p.Name, a.start, p.ETA
		r.Text = fmt.Sprintf("%s comes %s.", p.Name, a.q.moment(p.ETA, a.q.Now))
	})
}

// afterParts waits for the last of the parts.
func afterParts(a *attempt) time.Time {
	if p := a.partAfter(); p != nil {
		return p.ETA
	}
	return time.Time{}
}

// partAfter is the last part that is ordered and comes after the start, nil if there is none.
func (a *attempt) partAfter() (last *muster.PartNeed) {
	for i := range a.q.Ticket.Parts {
		p := &a.q.Ticket.Parts[i]
		if p.State == muster.PartOrdered && p.ETA.After(a.start) && (last == nil || p.ETA.After(last.ETA)) {
			last = p
		}
	}
	return last
}

var loaded = &easing{
	code: muster.LacksParts, class: muster.Never, size: 60, rule: "the van is loaded with what is lacking",
	make: func(x *affected, _ *change) {
		e := x.expert()
		e.Carries = append(slices.Clone(e.Carries), x.job.Ticket.Carry...)
	},
	say: func(_ *question, c *change) string { return "takes along " + c.about },
}

func easeParts(a *attempt, out []set) []set {
	var lacks []string
	for _, p := range a.q.Ticket.Carry {
		if !listed(a.m.Expert.Carries, p) {
			lacks = append(lacks, p)
		}
	}
	return append(out, only(change{easing: loaded, who: a.m.Expert.ID, about: strings.Join(lacks, ", ")}))
}

var partsSooner = &easing{
	code: muster.LacksParts, class: muster.Never, unit: "min", size: 1, shown: true, rule: "all that was ordered comes sooner",
	make: func(x *affected, c *change) {
		t := x.ticket()
		t.Parts = slices.Clone(t.Parts)
		by := lastOrdered(x.job.Ticket).Add(-muster.Minutes(c.amount).Duration())
		for i := range t.Parts {
			if p := &t.Parts[i]; p.State == muster.PartOrdered && p.ETA.After(by) {
				p.ETA = by
			}
		}
	},
	say: func(q *question, c *change) string {
		return "what was ordered comes by " + q.moment(c.span.Start, q.Now)
	},
}

func easePartsOrdered(a *attempt, out []set) []set {
	sooner := steps(a.partAfter().ETA.Sub(a.start))
	return append(out, only(change{easing: partsSooner, amount: sooner, span: a.span()}))
}

// lastOrdered is when all that was ordered has come.
func lastOrdered(t *muster.Ticket) (last time.Time) {
	for _, p := range t.Parts {
		if p.State == muster.PartOrdered {
			last = later(last, p.ETA)
		}
	}
	return last
}
