package dispatch

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// End ends a visit with what it found. Fixed, beyond repair and fault not found complete the ticket; the
// other outcomes send it on with corrected needs (see lifecycle.go), to the same expert where that helps. One that is told
// late ended when it did: clocks, the rest of the tour and the time of warranty count from that; both times are kept.
func (d *Dispatch) End(ctx context.Context, cmd muster.Command, req EndRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbEnd, req, graph.CaseRef{Visit: req.Visit}, func(k *desk) error {
		k.happened = muster.Instant(req.At)
		req := req
		req.Visit = k.meant(req.Visit, cmd.Actor.Expert)
		if had := k.lost(req.Visit, cmd.Actor.Expert); had != nil {
			return d.resume(ctx, k, verbEnd, had, string(req.Outcome))
		}
		return end(k, req)
	})
}

// How long a ticket waits after an outcome, if the request doesn't say.
const (
	partsFor    = 3 * 24 * time.Hour
	customerFor = 24 * time.Hour
)

func end(k *desk, req EndRequest) error {
	if err := k.current(req.Visit, verbEnd); err != nil {
		return err
	}
	if err := k.begin(verbEnd, k.theirs()...); err != nil {
		return err
	}
	if !slices.Contains(muster.VisitOutcomes(), req.Outcome) {
		return muster.Invalid("outcome", string(req.Outcome), "one of "+outcomeNames())
	}
	if err := textFits("note", req.Note); err != nil {
		return err
	}
	s, err := next(verbEnd, branch(req.Outcome), &k.ticket, k.visit)
	if err != nil {
		return err
	}
	if err := k.correct(req); err != nil {
		return err
	}
	k.visit.Note, k.ticket.Outcome = req.Note, string(req.Outcome)
	if prefersSame[req.Outcome] {
		k.ticket.Prefer = k.crew[0].Expert
	}
	visit := k.visit
	k.take(s)
	if req.Outcome == muster.NoAccess {
		k.raise(muster.ExceptionNoAccess, "call the customer and agree on another time",
			"nobody opened at the visit of "+visit.Start.UTC().Format(time.RFC3339))
	}
	return nil
}

// prefersSame are the outcomes after which the expert who knows the case should come again.
var prefersSame = map[muster.VisitOutcome]bool{
	muster.PartNeeded: true, muster.SecondNeeded: true, muster.NoAccess: true, muster.Unsafe: true,
}

// correct brings what the ticket needs up to what the visit found.
func (k *desk) correct(req EndRequest) error {
	t := &k.ticket
	wait := muster.Wait{For: muster.WaitCustomer, Until: k.now.Add(customerFor), Note: req.Note}
	switch req.Outcome {
	case muster.OtherSkillNeeded:
		if len(req.Needs) == 0 {
			return muster.Invalid("needs", "[]", "name the skills and levels that the next visit needs")
		}
		t.Needs = req.Needs
		t.Prefer = ""
		return k.on.needsKnown("needs", t.Needs)
	case muster.SecondNeeded:
		t.Crew = 2
		return nil
	case muster.PartNeeded: // they come with the ticket, so nobody needs to carry them
		wait.For, wait.Until = muster.WaitParts, k.now.Add(partsFor)
		if len(req.Carry) > 0 {
			wait.Note = strings.Join(req.Carry, ", ")
		}
		t.Parts = slices.Clone(t.Parts)
		for _, name := range req.Carry {
			if name = strings.TrimSpace(name); name == "" {
				continue
			}
			p, err := k.list(name)
			if err != nil {
				return err
			}
			if p.State != muster.PartOrdered { // while they were at work
				*p = muster.PartNeed{Name: p.Name, State: muster.PartMissing, At: k.now}
			}
		}
		if len(t.Parts) == 0 && req.Until.IsZero() { // neither which nor when: somebody has to find out
			t.Parts = []muster.PartNeed{{State: muster.PartMissing, At: k.now}}
		}
		if by := k.partsBy(); !by.IsZero() {
			wait.Until = by
		}
	case muster.NoAccess, muster.Refused:
	default:
		return nil
	}
	if !req.Until.IsZero() {
		if err := k.later("until", req.Until); err != nil {
			return err
		}
		wait.Until = muster.Instant(req.Until)
	}
	t.Wait = wait
	return textFits("carry", wait.Note)
}

func outcomeNames() string {
	var names []string
	for _, o := range muster.VisitOutcomes() {
		names = append(names, string(o))
	}
	return strings.Join(names, ", ")
}
