package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
	"github.com/sysopssquad/muster/matcher"
)

// happen puts on the tours of the open visit's crew what has happened: who set off, and who arrived.
func (k *desk) happen() {
	if k.visit == nil {
		return
	}
	for _, a := range k.crew {
		s := k.sheet(a.Tour)
		if s == nil {
			continue
		}
		for i := range s.tour.Stops {
			p := &s.tour.Stops[i]
			if p.Assignment == a.ID && (!p.LeftAt.Equal(k.visit.DepartedAt) || !p.ArrivedAt.Equal(k.visit.ArrivedAt)) {
				p.LeftAt, p.ArrivedAt, s.dirty = k.visit.DepartedAt, k.visit.ArrivedAt, true
			}
		}
	}
}

// forecast works out anew when the experts of changed tours will be where. A tour on which everything goes as planned
// stays as it is.
func (d *draft) forecast() {
	for _, s := range d.sheets {
		if e := d.expertOf(s); s.dirty && e != nil && begun(&s.tour, d.now) {
			s.tour.Stops = matcher.Predict(&s.tour, e.Base, d.on.travel, d.now, d.on.policy.Filled().SLA.OverrunBy.Duration())
		}
	}
}

// begun tells whether a tour's plan may not hold any more: somebody set off, or should have.
func begun(t *muster.Tour, now time.Time) bool {
	return slices.ContainsFunc(t.Stops, func(s muster.Stop) bool {
		return !s.LeftAt.IsZero() || !s.EndedAt.IsZero() || s.Depart.Before(now)
	})
}

// expertOf finds whose tour it is, nil if they weren't loaded.
func (d *draft) expertOf(s *sheet) *muster.Expert {
	if s.by != nil {
		return s.by
	}
	for _, k := range d.desks {
		if e, ok := k.loaded.Experts[s.tour.Expert]; ok {
			return &e
		}
	}
	return nil
}

// facts are the events by which it becomes known where an expert is. What is expected besides moves with the clock alone: a
// visit that nobody ends takes another quarter of an hour, again and again.
var facts = []verb{verbDepart, verbArrive, verbEnd, verbResume}

// inTimeAgain is the event of a ticket whose expert was predicted to be late and isn't any more.
const inTimeAgain = "visit.in_time_again"

// warn tells of the stops of changed tours that will miss their window by the policy's minutes, each again only when it
// becomes so much worse by something that has happened, or so much better: their tickets are put before a person, in the same
// change, and the customer is told from that.
func (d *Dispatch) warn(ctx context.Context, k *desk) error {
	k.close()
	k.forecast()
	by := k.on.policy.Filled().SLA.LateBy.Duration()
	known := slices.ContainsFunc(facts, func(v verb) bool { return k.event == v.rule().event })
	for _, s := range slices.Clone(k.sheets) {
		if !s.dirty {
			continue
		}
		for i := range s.tour.Stops {
			stop := &s.tour.Stops[i]
			if expectedInTime(stop) {
				if err := d.inTimeAgain(ctx, k, stop); err != nil {
					return err
				}
			}
			if stop.Held() || stop.Expected.IsZero() || stop.Window.IsZero() {
				continue
			}
			worse := stop.Expected.Sub(later(stop.Window.End, stop.Told)) >= by && (known || stop.Told.IsZero())
			if sooner := !stop.Told.IsZero() && stop.Told.Sub(stop.Expected) >= by; !worse && !sooner {
				continue
			}
			if err := d.warnOf(ctx, k, stop); err != nil {
				return err
			}
		}
	}
	for _, o := range k.desks {
		o.predict()
		o.settlePredicted()
	}
	return d.leaveSooner(ctx, k.draft)
}

// predict keeps on the open visit when its experts are expected: what the customer is told of.
func (k *desk) predict() {
	if k.visit == nil || !k.visit.ArrivedAt.IsZero() {
		return
	}
	var at time.Time
	for _, a := range k.crew {
		s := k.sheet(a.Tour)
		if s == nil {
			return
		}
		for _, p := range s.tour.Stops {
			if p.Assignment == a.ID {
				at = later(at, p.Expected)
			}
		}
	}
	if !at.Equal(k.visit.PredictedAt) {
		k.visit.PredictedAt = at
		k.touch(k.visit)
	}
}

// settlePredicted takes off the list that the open visit's experts will be late, once neither their tours nor their own word
// say so any more: others have it, or they left in time after all.
func (k *desk) settlePredicted() {
	v := k.visit
	if v == nil {
		return
	}
	for _, a := range k.crew {
		s := k.sheet(a.Tour)
		if s == nil || slices.ContainsFunc(s.tour.Stops, func(p muster.Stop) bool {
			return p.Assignment == a.ID && (!p.Told.IsZero() || p.Expected.After(p.Window.End))
		}) {
			return
		}
	}
	said := v.State == muster.VisitAssigned && v.ExpectedAt.After(v.Window.End)
	if !said && !slices.ContainsFunc(v.Heard, func(h muster.Heard) bool { return !h.Left && h.ExpectedAt.After(v.Window.End) }) {
		k.settle(muster.ExceptionPredicted)
	}
}

// expectedInTime tells whether people were told that somebody will be late for a stop, and as things go now they won't be.
func expectedInTime(s *muster.Stop) bool {
	return !s.Told.IsZero() && s.ArrivedAt.IsZero() && s.EndedAt.IsZero() && !s.Expected.After(s.Window.End)
}

// inTimeAgain takes off the list that somebody will be late for a stop. If they fall behind anew people hear of it anew.
func (d *Dispatch) inTimeAgain(ctx context.Context, k *desk, stop *muster.Stop) error {
	other, err := d.deskOf(ctx, k, stop, inTimeAgain)
	if err != nil || other == nil {
		return err
	}
	stop.Told = time.Time{}
	for _, s := range k.sheets {
		if slices.ContainsFunc(s.tour.Stops, func(o muster.Stop) bool { return o.Visit == stop.Visit && o.Expected.After(o.Window.End) }) {
			return nil // another of the crew is late
		}
	}
	other.settle(muster.ExceptionPredicted)
	return nil
}

// deskOf finds the desk of a stop's ticket, or loads it, for an event. It is nil if the stop's visit isn't the open one: the
// commit will tell.
func (d *Dispatch) deskOf(ctx context.Context, k *desk, stop *muster.Stop, event string) (*desk, error) {
	var other *desk
	if i := slices.IndexFunc(k.desks, func(o *desk) bool { return o.ticket.ID == stop.Ticket }); i >= 0 {
		other = k.desks[i]
	} else {
		c, err := d.store.TicketCase(ctx, "", graph.CaseRef{Ticket: stop.Ticket, Latest: lastVisits})
		if err != nil {
			return nil, err
		}
		other = k.desk(&c)
		other.event = event
	}
	if other.visit == nil || other.visit.ID != stop.Visit {
		return nil, nil
	}
	return other, nil
}

func (d *Dispatch) warnOf(ctx context.Context, k *desk, stop *muster.Stop) error {
	other, err := d.deskOf(ctx, k, stop, verbWarn.rule().event)
	if err != nil || other == nil {
		return err
	}
	stop.Told = stop.Expected
	other.raise(muster.ExceptionPredicted, "tell the customer, or find somebody who can be there in time", fmt.Sprintf(
		"expected at %s, promised by %s", stop.Expected.Format(time.RFC3339), stop.Window.End.UTC().Format(time.RFC3339)))
	return nil
}

// Overrun notes that a visit takes longer than it was expected to, and works out anew when its experts will be elsewhere.
func (d *Dispatch) Overrun(ctx context.Context, cmd muster.Command, req TicketRequest) (Answer, error) {
	return d.onTicket(ctx, cmd, verbOverrun, req, graph.CaseRef{Ticket: req.Ticket}, overrun)
}

func overrun(k *desk) error {
	if err := k.begin(verbOverrun); err != nil {
		return err
	}
	if at := k.overrunAt(); at.IsZero() || k.now.Before(at) {
		return tooEarly("the visit of "+k.ticket.Ref()+" is at work", at)
	}
	for _, a := range k.crew {
		if s := k.sheet(a.Tour); s != nil {
			s.dirty = true
		}
	}
	k.event = verbOverrun.rule().event
	return nil
}

// overrunOf is when the work of a ticket's open visit is expected to end.
func (d *Dispatch) overrunOf(ctx context.Context, c *graph.TicketCase) (time.Time, error) {
	now := d.clock.Now()
	on, err := d.setup(ctx, now)
	if err != nil {
		return time.Time{}, err
	}
	return newDraft(muster.Command{}, now, on).desk(c).overrunAt(), nil
}

// overrunAt is when the work of the open visit is expected to end; zero if nobody is there.
func (k *desk) overrunAt() (at time.Time) {
	if k.visit == nil || k.visit.ArrivedAt.IsZero() {
		return at
	}
	at = k.visit.End
	for _, a := range k.crew {
		if s := k.sheet(a.Tour); s != nil {
			for _, p := range s.tour.Stops {
				if p.Assignment == a.ID {
					at = later(at, p.Until)
				}
			}
		}
	}
	return at
}
