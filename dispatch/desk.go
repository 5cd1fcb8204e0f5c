package dispatch

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
	"github.com/sysopssquad/muster/graph"
)

// A desk is one ticket being worked on inside a draft: what was loaded, and what the decision has made of
// it so far. All that commands do to a ticket, its visits, offers and assignments goes through its methods.
type desk struct {
	*draft
	loaded *graph.TicketCase
	base   int64 // revision that was loaded, 0 for a new ticket
	ticket muster.Ticket
	visit  *muster.Visit        // the open one, nil if there is none
	offers []*muster.Offer      // the open ones
	crew   []*muster.Assignment // the active ones
	ended  *muster.Visit        // the visit that this decision ended
	dirty  []muster.Record      // parts that were made or altered
	event  string
	reason string // why offers and assignments are withdrawn

	judged bool // whether deadlines are missed that have passed

	why map[told]string // why something that people were to be told is over

	until    map[muster.OfferID]time.Time // when open offers end
	happened time.Time                    // when the step took place, by the phone's clock; zero: now

	holders map[muster.VisitID]*graph.TicketCase // whose offers hold openings that may be set aside
}

// desk puts a loaded ticket on a desk of its own, with the tours that came along.
func (d *draft) desk(c *graph.TicketCase) *desk {
	k := &desk{draft: d, loaded: c, base: c.Ticket.Rev, ticket: c.Ticket}
	for i := range c.Visits {
		if c.Visits[i].Open() {
			v := c.Visits[i]
			k.visit = &v
		}
	}
	for i := range c.Offers {
		if c.Offers[i].State == muster.OfferOpen {
			o := c.Offers[i]
			k.offers = append(k.offers, &o)
		}
	}
	for i := range c.Assignments {
		if c.Assignments[i].State == muster.AssignmentActive {
			a := c.Assignments[i]
			k.crew = append(k.crew, &a)
		}
	}
	for _, t := range c.Tours {
		d.lay(t)
	}
	d.desks = append(d.desks, k)
	return k
}

// touch notes that a part was made or altered.
func (k *desk) touch(r muster.Record) {
	if !slices.Contains(k.dirty, r) {
		k.dirty = append(k.dirty, r)
	}
}

// take does a step as the tables say: first on the open visit, then on the ticket.
func (k *desk) take(s step) {
	k.event = s.verb.rule().event
	withdrawn := false
	if s.visit != nil && s.visit.to == muster.VisitEnded {
		withdrawn = s.visit.outcome == muster.Withdrawn
		k.end(s.visit.outcome)
	} else if s.visit != nil {
		k.move(s.visit.to)
	}
	t := &k.ticket
	k.keepStep(s.ticket, withdrawn)
	t.State, t.NoExpert = s.ticket, nil // what rounds found was of the ticket as it was
	if why := byItself[s.verb]; s.ticket == muster.Triage && why != "" {
		k.askToTriage(why)
	}
	k.settle(muster.ExceptionOverride, muster.ExceptionNoExpert)
	if s.ticket != muster.Waiting {
		t.Wait = muster.Wait{}
	}
	if s.ticket != muster.Waiting || t.Wait.For != muster.WaitCustomer {
		k.settle(muster.ExceptionNoAccess)
	}
	if s.ticket != muster.Triage && s.ticket != muster.Waiting || !k.unordered() {
		k.settle(muster.ExceptionParts)
	}
	if s.ticket == muster.Queued && k.unordered() && (s.verb == verbEnd || s.verb == verbChoose && k.loaded.Ticket.State == muster.Waiting) {
		k.askForParts()
	}
	switch s.ticket {
	case muster.Queued:
		if !withdrawn || t.QueuedAt.IsZero() {
			t.QueuedAt = k.now // a visit that came to nothing doesn't start the wait anew
		}
		t.Windows = k.windowsAhead()
		t.CompletedAt, t.ClosedAt = time.Time{}, time.Time{}
	case muster.Triage:
		t.CompletedAt, t.ClosedAt = time.Time{}, time.Time{}
	case muster.Completed:
		t.CompletedAt = k.now
		if k.ended != nil {
			t.CompletedAt = k.ended.EndedAt
		}
	case muster.Resolved, muster.Cancelled:
		t.ClosedAt = k.now
	}
}

// windowsAhead leaves out wished windows that are over after a visit took place or a wait: they were for then.
// A ticket that was never visited keeps them, so that people see that its wish could not be met.
func (k *desk) windowsAhead() []muster.Window {
	if k.ended == nil && k.loaded.Ticket.State != muster.Waiting && k.loaded.Ticket.CompletedAt.IsZero() {
		return k.ticket.Windows
	}
	if k.ended != nil && k.ended.Outcome == muster.Withdrawn {
		return k.ticket.Windows
	}
	return slices.DeleteFunc(slices.Clone(k.ticket.Windows), func(w muster.Window) bool { return !w.End.After(k.now) })
}

// open makes the ticket's next visit at a candidate's time.
func (k *desk) open(c muster.Candidate) {
	k.ticket.Visits++
	k.visit = &muster.Visit{
		ID: muster.VisitID(k.id(muster.KindVisit)), Ticket: k.ticket.ID, N: k.ticket.Visits,
		Window: k.promise(c.Start), Start: c.Start, End: c.End, Crew: k.ticket.Crew,
	}
	k.claim = append(k.claim, muster.Claim{Key: muster.OpenVisitKey(k.ticket.ID), Owner: string(k.visit.ID)})
	k.touch(k.visit)
}

// promise is the window in which the customer is told that somebody arrives.
func (k *desk) promise(start time.Time) muster.Window {
	return k.on.world(k.now).Promise(k.job(0), start)
}

// move brings the open visit to a state that isn't the end.
func (k *desk) move(to muster.VisitState) {
	v := k.visit
	v.State = to
	switch to {
	case muster.VisitAssigned:
		v.DepartedAt = time.Time{} // another expert may have been on the way
		v.AskedAt, v.AnsweredAt, v.ExpectedAt, v.AlarmedAt, v.Heard = time.Time{}, time.Time{}, time.Time{}, time.Time{}, nil
		k.settle(muster.ExceptionLateToLeave, muster.ExceptionUnknown, muster.ExceptionEscalated, muster.ExceptionOfferEnding)
	case muster.VisitEnRoute:
		v.DepartedAt = k.when(k.firstPlanned(v.ID, k.crew[0].Expert, k.crew[0].Start))
		k.hear(muster.Heard{Left: true})
		k.settle(muster.ExceptionUnknown)
	case muster.VisitArrived:
		v.ArrivedAt = k.when(later(v.DepartedAt, k.sincePlanned()))
		k.settle(muster.ExceptionLateToLeave, muster.ExceptionUnknown)
	case muster.VisitInProgress:
		v.StartedAt = k.when(later(v.ArrivedAt, k.sincePlanned()))
		if v.ArrivedAt.IsZero() {
			v.ArrivedAt = v.StartedAt // whoever is at work is there
		}
		k.settle(muster.ExceptionLateToLeave, muster.ExceptionUnknown)
	}
	k.report(v)
	k.touch(v)
}

// sincePlanned is when the open visit, or one that it took the place of, could be left for at the earliest: steps that nobody
// told of may have come then.
func (k *desk) sincePlanned() time.Time {
	first := k.now
	for _, v := range k.visits() {
		if at := k.firstPlanned(v.ID, k.crew[0].Expert, k.crew[0].Start); at.Before(first) {
			first = at
		}
	}
	return first
}

// report keeps both times of a step that a phone tells of.
func (k *desk) report(v *muster.Visit) {
	if !k.happened.IsZero() {
		told := muster.Report{State: v.State, Expert: k.cmd.Actor.Expert, Happened: k.happened, Received: k.now}
		v.Reports = append(slices.Clone(v.Reports), told)
	}
}

// when is when a step took place that a phone tells of: by its clock, but neither ahead of ours nor before the step that
// it follows.
func (k *desk) when(after time.Time) time.Time {
	at := k.now
	if h := k.happened; !h.IsZero() && h.Before(at) {
		at = h
	}
	return later(at, after)
}

// end ends the open visit, with all offers and assignments that it has left.
func (k *desk) end(outcome muster.VisitOutcome) {
	v := k.visit
	if outcome == muster.Withdrawn && v.State != muster.VisitOffered {
		k.leaveOut(v.ID)
	}
	v.State, v.Outcome, v.EndedAt = muster.VisitEnded, outcome, k.when(later(v.ArrivedAt, v.StartedAt))
	k.report(v)
	k.touch(v)
	state := muster.AssignmentDone
	if outcome == muster.Withdrawn || outcome == muster.OutcomeTicketDone {
		state = muster.AssignmentWithdrawn
	}
	for _, o := range slices.Clone(k.offers) {
		k.answered(o, muster.OfferWithdrawn, k.reason)
	}
	for _, a := range slices.Clone(k.crew) {
		k.relieve(a, state)
	}
	k.release = append(k.release, muster.Claim{Key: muster.OpenVisitKey(k.ticket.ID), Owner: string(v.ID)})
	k.visit, k.ended = nil, v
}

// ask makes an offer to a candidate, who holds the opening until the deadline.
func (k *desk) ask(c muster.Candidate, e *muster.Expert, place int, deadline time.Time, by muster.Decided) {
	by.Expert, by.Customer = e.Rev, k.loaded.Customer.Rev
	o := &muster.Offer{
		ID: muster.OfferID(k.id(muster.KindOffer)), Ticket: k.ticket.ID, Visit: k.visit.ID, Expert: c.Expert,
		Tour: c.Tour, Place: place, Start: c.Start, End: c.End, Travel: c.Travel, Km: c.Km,
		State: muster.OfferOpen, At: k.now, Deadline: deadline, Decided: by,
	}
	stop := k.stop(c)
	stop.Offer, stop.HeldUntil = o.ID, deadline
	k.book(c, e, stop)
	k.offers = append(k.offers, o)
	k.touch(o)
}

// give makes an assignment to a candidate. From is the offer that was accepted, nil if it is pushed.
func (k *desk) give(c muster.Candidate, e *muster.Expert, place int, from *muster.Offer, by muster.Decided) {
	by.Expert, by.Customer = e.Rev, k.loaded.Customer.Rev
	a := &muster.Assignment{
		ID: muster.AssignmentID(k.id(muster.KindAssignment)), Ticket: k.ticket.ID, Visit: k.visit.ID, Place: place,
		Expert: c.Expert, Tour: c.Tour, Start: c.Start, End: c.End, Travel: c.Travel, Km: c.Km,
		State: muster.AssignmentActive, At: k.now, Decided: by,
	}
	if from != nil {
		a.Offer = from.ID
	}
	stop := k.stop(c)
	stop.Assignment = a.ID
	k.book(c, e, stop)
	k.claim = append(k.claim, muster.Claim{Key: muster.PlaceKey(k.visit.ID, place), Owner: string(a.ID)})
	k.crew = append(k.crew, a)
	k.touch(a)
}

func (k *desk) stop(c muster.Candidate) muster.Stop {
	promised := k.visit.Window
	if !promised.Contains(c.Start) {
		promised = k.promise(c.Start) // one of several who are asked, each for a start of their own
	}
	return muster.Stop{
		Visit: k.visit.ID, Ticket: k.ticket.ID, Place: k.loaded.Site.Place, Window: promised,
		Depart: c.Depart, Start: c.Start, End: c.End, Travel: c.Travel, Km: c.Km,
	}
}

// answered ends an open offer. Its hold on the tour goes with it.
func (k *desk) answered(o *muster.Offer, state muster.OfferState, reason string) {
	o.State, o.EndedAt, o.Reason = state, k.now, reason
	k.offers = slices.DeleteFunc(k.offers, func(x *muster.Offer) bool { return x == o })
	k.clear(o.Tour, o.Visit)
	k.touch(o)
	k.follow()
}

// follow keeps the visit of one expert, while it is only offered, at the start of an offer that is open still. Nothing
// has been promised yet.
func (k *desk) follow() {
	v := k.visit
	if v.Crew > 1 || !v.Open() || len(k.crew) > 0 || len(k.offers) == 0 ||
		slices.ContainsFunc(k.offers, func(o *muster.Offer) bool { return o.Start.Equal(v.Start) }) {
		return
	}
	o := k.offers[0]
	k.at(muster.Candidate{Start: o.Start, End: o.End})
}

// relieve ends an active assignment. If it is done its stop stays on the tour, for the day's history and
// limits; if it is withdrawn the stop goes.
func (k *desk) relieve(a *muster.Assignment, state muster.AssignmentState) {
	a.State, a.EndedAt, a.Reason = state, k.now, k.reason
	k.crew = slices.DeleteFunc(k.crew, func(x *muster.Assignment) bool { return x == a })
	k.release = append(k.release, muster.Claim{Key: muster.PlaceKey(a.Visit, a.Place), Owner: string(a.ID)})
	if state == muster.AssignmentDone {
		k.past(a.Tour, a.Visit)
	} else {
		k.clear(a.Tour, a.Visit)
	}
	k.touch(a)
}

// places tells how the visit's places are filled.
func (k *desk) places() branch {
	b := placesFilled
	for place := range k.visit.Crew {
		switch {
		case slices.ContainsFunc(k.crew, func(a *muster.Assignment) bool { return a.Place == place }):
		case slices.ContainsFunc(k.offers, func(o *muster.Offer) bool { return o.Place == place }):
			b = placesAsked
		default:
			return placesEmpty
		}
	}
	return b
}

// close brings what follows from the rest up to date, before the ticket is written: revision, the open
// visit in brief, timers. This is the one place where Ticket.Visit is made.
func (k *desk) close() {
	t := &k.ticket
	t.Rev = k.base + 1
	k.happen()
	k.tick()
	k.keepPromise()
	k.settleLate()
	t.Visit = nil
	if v := k.visit; v != nil {
		t.Visit = &muster.OpenVisit{ID: v.ID, State: v.State, Start: v.Start, End: v.End}
		for _, a := range k.crew {
			t.Visit.Experts = append(t.Visit.Experts, a.Expert)
		}
		for _, o := range k.offers {
			if !slices.Contains(t.Visit.Experts, o.Expert) {
				t.Visit.Experts = append(t.Visit.Experts, o.Expert)
			}
			if d := t.Visit.Deadline; d.IsZero() || o.Deadline.Before(d) {
				t.Visit.Deadline = o.Deadline
			}
		}
	}
	if k.cmd.Actor == muster.System("timers") && k.event != verbStuck.rule().event {
		k.settle(muster.ExceptionStuck)
	}
	k.offerEnding()
	k.over()
	k.passed()
	k.askAgain()
	t.Timers = k.timers()
}

// answer is what the command answers.
func (k *desk) answer() Answer {
	k.close()
	a := Answer{Ticket: k.ticket, Visit: k.visit}
	if a.Visit == nil {
		a.Visit = k.ended
	}
	for _, r := range k.dirty {
		switch p := r.(type) {
		case *muster.Offer:
			a.Offers = append(a.Offers, *p)
		case *muster.Assignment:
			a.Assignments = append(a.Assignments, *p)
		}
	}
	return a
}
