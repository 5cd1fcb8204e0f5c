package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// NeedPart says that a ticket's repair needs a part. A visit that is planned is withdrawn: the ticket waits.
func (d *Dispatch) NeedPart(ctx context.Context, cmd muster.Command, req PartRequest) (Answer, error) {
	return d.aboutPart(ctx, cmd, verbNeedPart, req, needPart)
}

// OrderPart says when a part comes. A ticket that waits for parts is woken by the last of them: an earlier moment wakes
// it earlier. A visit that is planned for before it comes is withdrawn, and the ticket waits.
func (d *Dispatch) OrderPart(ctx context.Context, cmd muster.Command, req PartRequest) (Answer, error) {
	return d.aboutPart(ctx, cmd, verbOrderPart, req, orderPart)
}

// PartThere says that a part has come. With the last one a ticket that waits for parts is woken at once.
func (d *Dispatch) PartThere(ctx context.Context, cmd muster.Command, req PartRequest) (Answer, error) {
	return d.aboutPart(ctx, cmd, verbPartThere, req, partThere)
}

func (d *Dispatch) aboutPart(ctx context.Context, cmd muster.Command, v verb, req PartRequest, do func(*desk, PartRequest) error) (Answer, error) {
	req.Name = strings.TrimSpace(req.Name)
	return d.onTicket(ctx, cmd, v, req, graph.CaseRef{Ticket: req.Ticket}, func(k *desk) error {
		if err := authorize(v, k.cmd.Actor, k.ticket.Customer, k.given()...); err != nil {
			return err
		}
		if !slices.Contains(whileOpen, k.ticket.State) {
			return possible(v, &k.ticket, k.visit)
		}
		if req.Name == "" {
			return muster.Invalid("name", "", "say which part")
		}
		if err := textFits("name", req.Name); err != nil {
			return err
		}
		k.ticket.Parts = slices.Clone(k.ticket.Parts)
		k.event = v.rule().event
		if err := do(k, req); err != nil {
			return err
		}
		if !k.unordered() {
			k.settle(muster.ExceptionParts)
		}
		return nil
	})
}

// maxParts is how many parts a ticket may list.
const maxParts = 50

// part finds a part of the ticket by its name. If there is one of which nobody has said which it is, it is that.
func (k *desk) part(name string) *muster.PartNeed {
	for _, n := range []string{name, ""} {
		for i := range k.ticket.Parts {
			if p := &k.ticket.Parts[i]; strings.EqualFold(p.Name, n) {
				p.Name = cmp.Or(p.Name, name)
				return p
			}
		}
	}
	return nil
}

// list adds a part that isn't listed yet.
func (k *desk) list(name string) (*muster.PartNeed, error) {
	if p := k.part(name); p != nil {
		return p, nil
	}
	if len(k.ticket.Parts) == maxParts {
		return nil, muster.Invalid("name", name, "a ticket lists at most 50 parts")
	}
	k.ticket.Parts = append(slices.Clip(k.ticket.Parts), muster.PartNeed{Name: name, State: muster.PartMissing, At: k.now})
	return &k.ticket.Parts[len(k.ticket.Parts)-1], nil
}

// partsBy is when the last of the parts is there: as ordered, or after the usual time where nobody has ordered yet. It is
// zero if all are.
func (k *desk) partsBy() (last time.Time) {
	for _, p := range k.ticket.Parts {
		by := p.ETA
		switch {
		case p.State == muster.PartThere:
			continue
		case by.IsZero() || by.Before(k.now):
			by = k.now.Add(partsFor)
		}
		if by.After(last) {
			last = by
		}
	}
	return last
}

func needPart(k *desk, req PartRequest) error {
	p, err := k.list(req.Name)
	if err != nil {
		return err
	}
	*p = muster.PartNeed{Name: p.Name, State: muster.PartMissing, At: k.now}
	return k.awaitParts(verbNeedPart)
}

func orderPart(k *desk, req PartRequest) error {
	if err := k.later("eta", req.ETA); err != nil {
		return err
	}
	p, err := k.list(req.Name)
	if err != nil {
		return err
	}
	*p = muster.PartNeed{Name: p.Name, State: muster.PartOrdered, ETA: muster.Instant(req.ETA), At: k.now}
	return k.awaitParts(verbOrderPart)
}

// awaitParts lets a ticket wait for its parts, until the last of them comes. One that waits for something else does so
// still; a visit that starts once they are there stands, and so does one that somebody has left for.
func (k *desk) awaitParts(v verb) error {
	t := &k.ticket
	by := k.partsBy()
	switch {
	case t.State == muster.Waiting && t.Wait.For != muster.WaitParts:
		return nil
	case k.visit != nil && !slices.Contains(planned, k.visit.State):
		return nil
	case k.visit != nil && v == verbOrderPart && !k.firstStart().Before(by):
		return nil
	}
	var names []string
	for _, p := range t.Parts {
		if p.State != muster.PartThere && p.Name != "" {
			names = append(names, p.Name)
		}
	}
	k.reason = "waits for parts"
	t.Wait = muster.Wait{For: muster.WaitParts, Until: by, Note: strings.Join(names, ", ")}
	return k.proceed(v, "")
}

// firstStart is the earliest at which the open visit may begin: of several who are asked each has a start of their own.
func (k *desk) firstStart() time.Time {
	first := k.visit.Start
	for _, o := range k.offers {
		if o.Start.Before(first) {
			first = o.Start
		}
	}
	return first
}

func partThere(k *desk, req PartRequest) error {
	p := k.part(req.Name)
	if p == nil {
		return muster.Invalid("name", req.Name, "the ticket needs no such part; its parts are listed with it")
	}
	*p = muster.PartNeed{Name: p.Name, State: muster.PartThere, ETA: p.ETA, At: k.now}
	t := &k.ticket
	switch by := k.partsBy(); {
	case t.State != muster.Waiting || t.Wait.For != muster.WaitParts:
		return nil
	case !by.IsZero():
		t.Wait.Until = by
		return nil
	default:
		return k.proceed(verbPartThere, branchOf(t))
	}
}

// unordered tells whether a part is needed that nobody has ordered.
func (k *desk) unordered() bool {
	return slices.ContainsFunc(k.ticket.Parts, func(p muster.PartNeed) bool { return p.State == muster.PartMissing })
}

// askForParts puts before a person that nobody has ordered what the ticket needs: a visit would be for nothing.
func (k *desk) askForParts() {
	var names []string
	var since time.Time
	for _, p := range k.ticket.Parts {
		if p.State == muster.PartMissing {
			names = append(names, cmp.Or(p.Name, "a part that nobody has named"))
			since = later(since, p.At)
		}
	}
	k.raiseFor("", muster.ExceptionParts, "order what is needed and say when it comes, or queue the ticket without it",
		fmt.Sprintf("nobody has ordered: %s; needed since %s", strings.Join(names, ", "), since.UTC().Format(time.RFC3339)))
}
