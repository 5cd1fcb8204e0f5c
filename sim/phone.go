package sim

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/dispatch"
)

// phones are experts' phones with the experts: they answer offers, drive to visits and tell how these go. A phone may
// be off for hours: then what its owner does reaches Muster late, in order, and that a visit was taken from them doesn't
// reach them.
type phones struct {
	errands map[muster.TicketID]*errand
	unheard map[muster.TicketID]*errand // that another has by now, or nobody, and whose expert goes on with it
	offers  map[muster.OfferID]bool     // seen
	busy    map[muster.ExpertID]*errand // the visit that they are at, or on their way to
}

// errand is a visit that somebody's phone shows.
type errand struct {
	ticket muster.TicketID
	visit  muster.VisitID
	rev    int64
	expert muster.ExpertID // who acts for the crew
	start  time.Time
	travel muster.Minutes
	took   muster.Minutes
	state  muster.VisitState // as its expert sees it: what they have done
	did    time.Time         // when they did the last of it, by their own watch
	turn   int               // of plans; older ones are void
	tries  int               // to set off
	hears  time.Time         // when the phone is on again that told nothing of the visit's being taken from them; zero: it was not
}

func newPhones() *phones {
	return &phones{
		errands: make(map[muster.TicketID]*errand), unheard: make(map[muster.TicketID]*errand),
		offers: make(map[muster.OfferID]bool), busy: make(map[muster.ExpertID]*errand),
	}
}

func (p *phones) habit() habit {
	return habit{begin: func(*life) {}, hear: func(l *life, n *news) {
		if n.Name == touched {
			return
		}
		d := between(l.rand, 0, 5*time.Second)
		switch l.faults.draw(tidings) {
		case tidingLost: // the phone finds out when it looks by itself
			d = between(l.rand, 15*time.Minute, 90*time.Minute)
		case tidingLate:
			d = between(l.rand, 30*time.Second, 10*time.Minute)
		case tidingTwice:
			l.in(between(l.rand, 0, time.Hour), func() { p.learn(l, n) })
		}
		l.in(d, func() { p.learn(l, n) })
	}}
}

// learn is a message that has come to the phones of those whom it concerns.
func (p *phones) learn(l *life, n *news) {
	for i := range n.Parts {
		o := &n.Parts[i]
		if muster.KindOf(o.ID) == muster.KindOffer && o.State == string(muster.OfferOpen) && !p.offers[muster.OfferID(o.ID)] {
			p.offers[muster.OfferID(o.ID)] = true
			p.consider(l, n.Root.ID, o)
		}
	}
	if v := n.Root.Visit; v != nil {
		p.schedule(l, n, v)
		if n.Name == "ticket.expert_asked" {
			p.answer(l, n, v)
		}
	} else if e := p.errands[n.Root.ID]; e != nil && e.rev < n.Root.Rev {
		p.drop(l, e)
	}
}

// drop takes an errand off a phone. One that is off goes on to show it, and half of those who have one like that do the work
// all the same.
func (p *phones) drop(l *life, e *errand) {
	delete(p.errands, e.ticket)
	now := l.clock.Now()
	on := l.world.phoneOn(l, e.expert, now)
	if e.state != muster.VisitEnded && on.After(now) && odds(l.dice("keeps", e.visit), 0.5) {
		e.hears, p.unheard[e.ticket] = on, e
		return
	}
	e.turn++
}

// schedule brings an errand up to what a message says.
func (p *phones) schedule(l *life, n *news, v *muster.OpenVisit) {
	e := p.errands[n.Root.ID]
	if e != nil && n.Root.Rev <= e.rev {
		return // older than what the phone shows
	}
	if v.State == muster.VisitOffered || len(v.Experts) == 0 {
		if e != nil {
			p.drop(l, e)
		}
		return
	}
	same := e != nil && e.visit == v.ID && e.expert == v.Experts[0] && e.start.Equal(v.Start)
	if same {
		e.rev = n.Root.Rev
		return
	}
	if e != nil && e.expert != v.Experts[0] {
		p.drop(l, e)
	} else if e != nil {
		e.turn++
	}
	if e = p.unheard[n.Root.ID]; e != nil && e.expert == v.Experts[0] {
		delete(p.unheard, n.Root.ID)
		if v.State != muster.VisitAssigned { // they have it again, or never knew otherwise
			e.visit, e.rev, e.start, e.hears = v.ID, n.Root.Rev, v.Start, time.Time{}
			p.errands[n.Root.ID] = e
			return
		}
		e.turn++
	}
	e = &errand{
		ticket: n.Root.ID, visit: v.ID, rev: n.Root.Rev, expert: v.Experts[0], start: v.Start, travel: 20,
		took: n.Root.Duration, state: v.State, did: l.clock.Now(),
	}
	for _, a := range n.Parts {
		if muster.KindOf(a.ID) == muster.KindAssignment && a.Expert == e.expert && a.Travel > 0 {
			e.travel = a.Travel
		}
	}
	p.errands[n.Root.ID] = e
	if v.State != muster.VisitAssigned {
		p.next(l, e, time.Minute)
		return
	}
	if odds(l.dice("no show", e.visit), 0.015) {
		l.did("no-show")
		return
	}
	p.plan(l, e, p.setOff(l, e))
}

// plan is the next step of an errand. Of those whose phone is off then, every other does it all the same, and the phone
// tells of it later; the others wait for the phone.
func (p *phones) plan(l *life, e *errand, at time.Time) {
	e.turn++
	turn := e.turn
	r := l.dice("way", string(e.visit)+string(e.state))
	at = laterOf(at.Add(between(r, -2*time.Minute, 12*time.Minute)), e.did)
	on := l.world.phoneOn(l, e.expert, laterOf(at, l.clock.Now()))
	if !odds(l.dice("keeps", e.visit), 0.5) {
		at = on
	}
	l.at(on, func() {
		if e.turn == turn {
			p.step(l, e, at)
		}
	})
}

// shows tells whether a phone shows an errand.
func (p *phones) shows(e *errand) bool { return p.errands[e.ticket] == e || p.unheard[e.ticket] == e }

func laterOf(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// next plans the step after the one that was done.
func (p *phones) next(l *life, e *errand, d time.Duration) { p.plan(l, e, e.did.Add(d)) }

// step tells of the next of what an expert does with a visit, and when it was done.
func (p *phones) step(l *life, e *errand, at time.Time) {
	if l.world.away(e.expert, l.clock.Now()) && e.state == muster.VisitAssigned {
		l.did("visit not begun: on leave")
		return
	}
	if !e.hears.IsZero() {
		if e.state != muster.VisitArrived && e.state != muster.VisitInProgress && !at.Before(e.hears) {
			delete(p.unheard, e.ticket) // they hear of it before they are there
			return
		}
		l.did("gone on unheard")
	}
	if at := p.busy[e.expert]; e.state == muster.VisitAssigned && at != nil && at != e && p.shows(at) && !odds(l.rand, 0.02) {
		p.plan(l, e, l.clock.Now().Add(10*time.Minute)) // they know that they can't be at two places, mostly
		return
	}
	who := actorOf(e.expert)
	turn := e.turn
	forgets := odds(l.dice("forgets", e.visit), 0.03) // to say that they left: they say when they are there
	req := dispatch.VisitRequest{Visit: e.visit}
	if l.clock.Now().Sub(at) > time.Minute {
		req.At = at
		l.did("told late")
	}
	step := func(verb string, to muster.VisitState, d time.Duration, send func(context.Context, *dispatch.Dispatch, muster.Command) (dispatch.Answer, error)) {
		command(l, who, verb, e.ticket, send, func(_ dispatch.Answer, err error) {
			if e.turn != turn {
				return
			}
			switch {
			case err != nil && !e.hears.IsZero():
				delete(p.unheard, e.ticket) // that it isn't theirs is the answer
			case err == nil:
				e.state, e.did = to, at
				p.busy[e.expert] = e
				if to == muster.VisitArrived {
					l.late.arrival(at.Sub(e.start))
				}
				p.next(l, e, d)
			case muster.CodeOf(err) == muster.CodeState && (verb == "depart" || verb == "arrive" && forgets) && e.tries < 40:
				e.tries++
				p.plan(l, e, l.clock.Now().Add(15*time.Minute)) // still at another visit, or this one isn't theirs any more: the news will say
			}
		})
	}
	switch e.state {
	case muster.VisitAssigned:
		if forgets {
			l.did("departure not told")
			e.state, e.did = muster.VisitEnRoute, at
			p.next(l, e, e.travel.Duration())
			return
		}
		step("depart", muster.VisitEnRoute, e.travel.Duration(), func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.Depart(ctx, cmd, req)
		})
	case muster.VisitEnRoute:
		step("arrive", muster.VisitArrived, 2*time.Minute, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.Arrive(ctx, cmd, req)
		})
	case muster.VisitArrived:
		end := p.endOf(l, e)
		end.At = req.At
		if end.Outcome == muster.NoAccess || end.Outcome == muster.Refused || end.Outcome == muster.Unsafe {
			p.end(l, e, end)
			return
		}
		d := time.Duration(float64(e.took.Duration()) * (0.5 + 0.6*l.dice("work", e.visit).Float64()))
		step("start", muster.VisitInProgress, d, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.Start(ctx, cmd, req)
		})
	case muster.VisitInProgress:
		end := p.endOf(l, e)
		end.At = req.At
		p.end(l, e, end)
	}
}

// endOf says what a visit will find.
func (p *phones) endOf(l *life, e *errand) dispatch.EndRequest {
	r := l.dice("end", e.visit)
	end := dispatch.EndRequest{Visit: e.visit, Outcome: muster.Fixed}
	at := r.Float64()
	for _, o := range outcomes {
		if at -= o.odds; at < 0 {
			end.Outcome = o.outcome
			break
		}
	}
	if end.Outcome == muster.OtherSkillNeeded {
		end.Needs = needs(r)
	}
	if end.Outcome == muster.PartNeeded {
		end.Carry = []string{"control board"}
		end.Until = l.clock.Now().Add(between(r, 4*time.Hour, 40*time.Hour))
	}
	return end
}

// outcomes of visits that aren't fixed at once.
var outcomes = []struct {
	outcome muster.VisitOutcome
	odds    float64
}{
	{muster.PartNeeded, 0.05}, {muster.NoAccess, 0.03}, {muster.BeyondRepair, 0.02}, {muster.FaultNotFound, 0.02},
	{muster.OtherSkillNeeded, 0.02}, {muster.SecondNeeded, 0.01}, {muster.Refused, 0.01}, {muster.Unsafe, 0.01},
}

func (p *phones) end(l *life, e *errand, req dispatch.EndRequest) {
	e.state = muster.VisitEnded
	if p.unheard[e.ticket] == e {
		delete(p.unheard, e.ticket)
	}
	command(l, actorOf(e.expert), "end", e.ticket, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
		return d.End(ctx, cmd, req)
	}, nil)
}

// answer is what an expert says who is asked why they haven't left: nothing, that they come, or that they can't.
func (p *phones) answer(l *life, n *news, v *muster.OpenVisit) {
	e := p.errands[n.Root.ID]
	r := l.dice("asked", string(v.ID)+n.At.String())
	if e == nil || e.visit != v.ID || e.state != muster.VisitAssigned || !odds(r, 0.5) {
		return
	}
	req := dispatch.ComingRequest{Visit: v.ID, Coming: odds(r, 0.7)}
	l.at(l.world.phoneOn(l, e.expert, l.clock.Now().Add(between(r, 10*time.Second, 8*time.Minute))), func() {
		way := between(r, time.Minute, 40*time.Minute)
		if req.Coming {
			req.At = l.clock.Now().Add(way + e.travel.Duration())
		}
		command(l, actorOf(e.expert), "answer", n.Root.ID, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.AnswerVisit(ctx, cmd, req)
		}, func(_ dispatch.Answer, err error) {
			if err == nil && req.Coming && e.state == muster.VisitAssigned && p.errands[n.Root.ID] == e {
				p.plan(l, e, l.clock.Now().Add(way))
			}
		})
	})
}

// consider answers an offer: most are taken, some are declined for each reason, some are not answered at all.
func (p *phones) consider(l *life, t muster.TicketID, o *newsPart) {
	r := l.dice("offer", o.ID)
	x := r.Float64()
	if x < 0.05 {
		l.did("offer not answered")
		return
	}
	at := l.world.phoneOn(l, o.Expert, l.clock.Now().Add(between(r, 10*time.Second, 9*time.Minute)))
	if h := l.world.local(l.world.byID[o.Expert].town, at); h < 7 && odds(r, 0.7) {
		at = at.Add(time.Duration(7-h) * time.Hour) // asleep
	}
	who := actorOf(o.Expert)
	req := dispatch.AnswerRequest{Offer: muster.OfferID(o.ID)}
	l.at(at, func() {
		if x < 0.15 {
			req.Reason = pick(r, declineReasons)
			command(l, who, "decline", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
				return d.Decline(ctx, cmd, req)
			}, nil)
			return
		}
		command(l, who, "accept", t, func(ctx context.Context, d *dispatch.Dispatch, cmd muster.Command) (dispatch.Answer, error) {
			return d.Accept(ctx, cmd, req)
		}, nil)
	})
}

var declineReasons = []string{"", "not_then", "not_then", "too_far", "other", "not_this_customer"}

// phoneOn gives the first moment from one on at which an expert's phone is on: one day in four it is off for one to
// five hours.
func (w *world) phoneOn(l *life, e muster.ExpertID, at time.Time) time.Time {
	day := at.UTC().Truncate(24 * time.Hour)
	for _, d := range []time.Time{day.AddDate(0, 0, -1), day} {
		r := l.dice("phone", string(e)+d.Format(time.DateOnly))
		if !odds(r, 0.25) {
			continue
		}
		from := d.Add(between(r, 12*time.Hour, 22*time.Hour))
		if to := from.Add(between(r, time.Hour, 5*time.Hour)); !at.Before(from) && at.Before(to) {
			l.did("phone was off")
			at = to.Add(time.Duration(r.IntN(60)) * time.Second)
		}
	}
	return at
}

// away tells whether an expert is on leave.
func (w *world) away(e muster.ExpertID, at time.Time) bool {
	return slices.ContainsFunc(w.byID[e].Leave, func(l muster.Leave) bool { return l.Contains(at) })
}
