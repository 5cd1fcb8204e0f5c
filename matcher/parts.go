package matcher

import (
	"fmt"
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
