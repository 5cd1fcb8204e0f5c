package dispatch

import (
	"context"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// lastVisits is how many visits a decision rests on at most, beside those for which somebody came: a ticket may be offered in
// vain for weeks. All others stay in the store, for those who ask for its history.
const lastVisits = 4

// onTicket carries out a command on one ticket: it loads the ticket's case, lets work decide on the desk,
// and commits what the desk has become. Work is pure. Work that names no event has changed nothing.
func (d *Dispatch) onTicket(
	ctx context.Context, cmd muster.Command, v verb, request any, ref graph.CaseRef, work func(*desk) error,
) (Answer, error) {
	return decide(ctx, d, cmd, v.String(), request, func(ctx context.Context, cmd muster.Command) (Answer, graph.Change, error) {
		now := d.clock.Now()
		on, err := d.weighing(ctx, now)
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		if len(ref.Experts) > 0 {
			ref.Span = on.span(now)
		}
		ref.Latest = lastVisits
		c, err := d.store.TicketCase(ctx, cmd.ID, ref)
		if err != nil {
			return Answer{}, graph.Change{}, err
		}
		k := newDraft(cmd, now, on).desk(&c)
		if err := stale(cmd, k.ticket.Ref(), k.base); err != nil {
			return Answer{}, graph.Change{}, err
		}
		if err := work(k); err != nil {
			return Answer{}, graph.Change{}, err
		}
		if k.event == "" { // what it says is known: the ticket stays as it is
			rests := []graph.Guard{graph.At(string(k.ticket.ID), k.base)}
			return Answer{Ticket: k.ticket, Visit: k.visit}, graph.Change{Command: cmd, At: now, Expect: rests}, nil
		}
		if err := d.warn(ctx, k); err != nil {
			return Answer{}, graph.Change{}, err
		}
		answer := k.answer()
		change, err := k.change()
		return answer, change, err
	})
}

// begin refuses an actor who may not, and a state in which the verb has no step.
func (k *desk) begin(v verb, theirs ...muster.ExpertID) error {
	if err := authorize(v, k.cmd.Actor, k.ticket.Customer, theirs...); err != nil {
		return err
	}
	return possible(v, &k.ticket, k.visit)
}

// proceed takes a verb's step under a branch.
func (k *desk) proceed(v verb, b branch) error {
	s, err := next(v, b, &k.ticket, k.visit)
	if err != nil {
		return err
	}
	k.take(s)
	return nil
}

// given lists the experts who have the open visit.
func (k *desk) given() (out []muster.ExpertID) {
	for _, a := range k.crew {
		out = append(out, a.Expert)
	}
	return out
}

// theirs lists the experts of the open visit: assigned or asked.
func (k *desk) theirs() []muster.ExpertID {
	out := k.given()
	for _, o := range k.offers {
		out = append(out, o.Expert)
	}
	return out
}
