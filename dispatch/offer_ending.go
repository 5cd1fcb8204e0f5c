package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// EndingOffer puts an offer before a person once half of its time is over without an answer, if there is no time to lose: a
// call may do what a message doesn't. Of several who are asked it is the last that counts.
func (d *Dispatch) EndingOffer(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	ref := graph.CaseRef{Ticket: req.Ticket, Latest: lastVisits}
	if c, err := d.store.TicketCase(ctx, "", ref); err == nil { // else the load of the command says what is wrong
		for _, o := range c.Offers {
			if o.State == muster.OfferOpen {
				ref.Experts = append(ref.Experts, o.Expert) // for their names
			}
		}
	}
	return d.onTicket(ctx, cmd, verbEnding, req, ref, func(k *desk) error {
		if err := k.begin(verbEnding); err != nil {
			return err
		}
		if at := k.endingAt(); k.now.Before(at) {
			return tooEarly("no offer of "+k.ticket.Ref()+" runs out", at)
		}
		k.event = verbEnding.rule().event
		return nil // the desk does it, as with whatever else happens on that ticket
	})
}

// endingAt is when half of the time is over in which somebody may take a ticket with no time to lose; zero if nobody is asked
// about one.
func (k *desk) endingAt() (at time.Time) {
	if k.visit == nil || k.visit.State != muster.VisitOffered || !k.noTimeToLose() {
		return time.Time{}
	}
	for _, o := range k.offers {
		at = later(at, o.At.Add(o.Deadline.Sub(o.At)/2))
	}
	return at
}

// noTimeToLose tells whether a person should hear when the open offers run out: the ticket is escalated, it was urgent when they
// were made, or a deadline of its passes before the next who would be asked could have answered. Of all others the next is
// asked, and nobody need do anything.
func (k *desk) noTimeToLose() bool {
	var last time.Time
	urgent := false
	for _, o := range k.offers {
		last, urgent = later(last, o.Deadline), urgent || k.ticket.Urgent(o.At)
	}
	if urgent || k.ticket.Step > 0 {
		return true
	}
	last = last.Add(k.on.policy.OfferMinutes.Duration())
	for _, c := range k.ticket.Clocks {
		if c.Running() && c.Due.Before(last) {
			return true
		}
	}
	p := k.ticket.Promised
	return p != nil && p.End.Before(last)
}

// offerEnding does it, if that time has come since the ticket was loaded.
func (k *desk) offerEnding() {
	rung, has := k.loaded.Ticket.Timers[muster.TimerEnding]
	at := k.endingAt()
	if !has || k.now.Before(rung) || at.IsZero() || k.now.Before(at) {
		return
	}
	var asked []string
	var last time.Time
	for _, o := range k.offers {
		who := string(o.Expert)
		if e, loaded := k.loaded.Experts[o.Expert]; loaded {
			who = fmt.Sprintf("%s (%s)", e.Name, o.Expert)
		}
		asked, last = append(asked, who), later(last, o.Deadline)
	}
	k.raise(muster.ExceptionOfferEnding, "call who was asked, or assign it to somebody else",
		fmt.Sprintf("%s asked and no answer; it ends %s", strings.Join(asked, ", "), last.UTC().Format(time.RFC3339)))
}
