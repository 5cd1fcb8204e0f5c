package dispatch

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// EndingOffer puts an offer for an escalated ticket before a person once half of its time is over without an answer: a call
// may do what a message doesn't. Of several who are asked it is the last that counts.
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
		if at := k.endingAt(); at.IsZero() || k.now.Before(at) {
			return tooEarly("no offer of "+k.ticket.Ref()+" runs out", at)
		}
		k.event = verbEnding.rule().event
		return nil // the desk does it, as with whatever else happens on that ticket
	})
}

// endingAt is when half of the time is over in which somebody may take an escalated ticket; zero if nobody is asked about one.
func (k *desk) endingAt() (at time.Time) {
	if k.ticket.Step == 0 || k.visit == nil || k.visit.State != muster.VisitOffered {
		return time.Time{}
	}
	for _, o := range k.offers {
		at = later(at, o.At.Add(o.Deadline.Sub(o.At)/2))
	}
	return at
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
