package notify

import (
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// A scene is what the graph says, right before a message is sent, of what it is about.
type scene struct {
	message  *muster.Message
	ticket   *muster.Ticket
	visit    *muster.Visit // the open one, nil if there is none
	offer    *muster.Offer // that it is about, nil if about none
	customer *muster.Customer
	expert   *muster.Expert // whom it is for, nil for a customer
	names    map[muster.ExpertID]string
	told     []*muster.Message // of this ticket, newest first
	policy   *muster.Policy
	now      time.Time
}

// A verdict says what becomes of a message now: it is sent, as about a topic, or dropped for a reason.
type verdict struct {
	drop  string // why, "" to send
	topic muster.Topic
	why   string       // the text is another than was planned
	told  *muster.Told // what the text says of the visit
	plan  string       // see facts
}

func drop(why string) verdict { return verdict{drop: why} }

// verdict compares what a message tells with what is true now and with what its reader has been told. It is pure.
func (s *scene) verdict() verdict {
	m := s.message
	switch {
	case s.ticket == nil:
		return drop("there is no such ticket")
	case m.Customer != "" && s.customer == nil, m.Expert != "" && s.expert == nil:
		return drop("there is no such person any more")
	case !s.now.Before(m.Until):
		return drop("too late to be of use")
	}
	return rulings[s.topic()](s)
}

// topic is what the message was planned as. News of a visit may have been tried as a change, to somebody who had been told
// otherwise: it is still about the visit that is planned.
func (s *scene) topic() muster.Topic {
	if m := s.message; m.Topic == muster.TopicChanged && m.Told != nil && !none(m.Told) {
		return muster.TopicAccepted
	}
	return s.message.Topic
}

// rulings say for each topic whether it is still true.
var rulings = map[muster.Topic]func(*scene) verdict{
	muster.TopicAccepted:  (*scene).accepted,
	muster.TopicChanged:   (*scene).changed,
	muster.TopicOnTheWay:  (*scene).onTheWay,
	muster.TopicLate:      (*scene).late,
	muster.TopicApology:   (*scene).apology,
	muster.TopicResolved:  (*scene).resolved,
	muster.TopicOffer:     (*scene).offered,
	muster.TopicAssigned:  (*scene).assigned,
	muster.TopicMoved:     (*scene).assigned,
	muster.TopicCancelled: (*scene).cancelled,
	muster.TopicComing:    (*scene).coming,
}

// planned tells whether the visit of the message is the open one, in one of some states.
func (s *scene) planned(states ...muster.VisitState) bool {
	v := s.ticket.Visit
	return v != nil && s.visit != nil && v.ID == s.message.Visit && slices.Contains(states, v.State)
}

// now is what a text says of the open visit.
func (s *scene) toldNow() *muster.Told {
	return &muster.Told{Experts: slices.Clone(s.ticket.Visit.Experts), Window: s.visit.Window}
}

func (s *scene) accepted() verdict {
	switch {
	case s.planned(muster.VisitEnRoute, muster.VisitArrived, muster.VisitInProgress):
		return drop("the expert has left already")
	case !s.planned(muster.VisitAssigned):
		return drop("that visit isn't planned any more")
	}
	v := verdict{topic: muster.TopicAccepted, told: s.toldNow(), plan: planVisit}
	same := func(t *muster.Told) bool { return equal(t, v.told) }
	switch {
	case s.knows(same):
		return drop("they have been told")
	case s.mayBelieve(func(t *muster.Told) bool { return some(t) && !same(t) }):
		v.topic, v.why = muster.TopicChanged, "they had been told otherwise"
	}
	return v
}

// changed tells that a visit doesn't take place, if the customer may know of it and no other is planned.
func (s *scene) changed() verdict {
	v := verdict{topic: muster.TopicChanged, told: &muster.Told{}}
	if awaitsParts(s.ticket) {
		v.told.Window = muster.Window{Start: s.ticket.Wait.Until, End: s.ticket.Wait.Until}
	}
	switch t := s.ticket; {
	case s.message.Visit == "" && !awaitsParts(t):
		return drop("it waits for no part any more")
	case s.message.Visit == "" && s.knows(func(t *muster.Told) bool { return equal(t, v.told) }):
		return drop("they have been told when the part comes")
	case s.message.Visit == "":
		v.plan = planWaiting
	case t.Visit != nil && t.Visit.State != muster.VisitOffered:
		return drop("another visit is planned, of which they are told")
	case !s.mayBelieve(some):
		return drop("they had not been told of that visit")
	case t.State == muster.Cancelled && t.MergedInto != "":
		v.plan = planMerged
	case t.State == muster.Cancelled:
		v.plan = planCancelled
	case t.State == muster.Waiting:
		v.plan = planWaiting
	case t.State == muster.Queued, t.State == muster.Triage, t.State == muster.Scheduled:
		v.plan = planSearching
	case s.awaited() == s.message.Visit: // they wait for it still; what was done was done without
		v.plan = planDone
	default:
		return drop("the work is done")
	}
	return v
}

func (s *scene) onTheWay() verdict {
	if !s.planned(muster.VisitEnRoute) {
		return drop("nobody is on the way any more")
	}
	v := verdict{topic: muster.TopicOnTheWay, told: s.toldNow(), plan: planVisit}
	v.told.Expected = s.arrival()
	return v
}

// late tells when somebody will be there who won't be in time, or will be after all: each time that this has moved by as much
// as makes them late from what the reader was told last.
func (s *scene) late() verdict {
	if !s.planned(muster.VisitAssigned, muster.VisitEnRoute) {
		return drop("nobody is late for that visit any more")
	}
	v := verdict{topic: muster.TopicLate, told: s.toldNow(), plan: planVisit}
	at := s.arrival()
	v.told.Expected = at
	named := func(t *muster.Told) bool { return equal(t, v.told) && !t.Expected.IsZero() }
	near := func(t *muster.Told) bool {
		return named(t) && at.Sub(t.Expected).Abs() < s.policy.Filled().SLA.LateBy.Duration()
	}
	inTime := !at.After(s.visit.Window.End)
	switch {
	case inTime && !s.mayBelieve(named):
		return drop("they are expected in time again")
	case !at.After(s.now):
		return drop("nobody knows any more when they come")
	case s.knows(near):
		return drop("they have been told, or of a time close to it")
	case inTime:
		v.plan = planInTime
	}
	return v
}

// apology is for a promise that was broken, whatever became of the ticket by the same event. Once the work is done afterwards
// nobody needs to hear of it.
func (s *scene) apology() verdict {
	v := verdict{topic: muster.TopicApology}
	switch t := s.ticket; {
	case t.CompletedAt.After(s.message.At):
		return drop("the work is done")
	case t.State.Terminal() || t.State == muster.Completed:
		v.plan = planDone
	case t.Visit != nil && slices.Contains([]muster.VisitState{muster.VisitArrived, muster.VisitInProgress}, t.Visit.State):
		return drop("the expert is there")
	}
	switch {
	case !s.mayBelieve(some):
		return drop("they had not been told when somebody comes")
	case !s.mayBelieve(func(t *muster.Told) bool { return some(t) && !s.now.Before(t.Window.End) }):
		return drop("the time that they were told is not over") // something else is late, which is not theirs to hear
	}
	return v
}

func (s *scene) resolved() verdict {
	if s.ticket.State != muster.Resolved {
		return drop("the ticket is " + string(s.ticket.State))
	}
	return verdict{topic: muster.TopicResolved}
}

func (s *scene) offered() verdict {
	o := s.offer
	if o == nil || o.State != muster.OfferOpen || !s.now.Before(o.Deadline) {
		return drop("the offer is over")
	}
	return verdict{topic: muster.TopicOffer, told: &muster.Told{
		Experts: []muster.ExpertID{o.Expert}, Window: muster.Window{Start: o.Start, End: o.End},
	}, plan: planVisit}
}

// theirs tells whether the open visit is this expert's, or they are asked for it.
func (s *scene) theirs() bool {
	return s.ticket.Visit != nil && slices.Contains(s.ticket.Visit.Experts, s.message.Expert)
}

func (s *scene) assigned() verdict {
	if !s.theirs() || !s.planned(muster.VisitAssigned, muster.VisitEnRoute, muster.VisitOffered) {
		return drop("it isn't theirs any more")
	}
	v := verdict{topic: s.message.Topic, plan: planVisit, told: &muster.Told{
		Experts: []muster.ExpertID{s.message.Expert}, Window: muster.Window{Start: s.visit.Start, End: s.visit.End},
	}}
	for _, o := range s.heard() {
		if o.Visit == s.message.Visit && o.Topic != muster.TopicOffer {
			if surelyTold(o) && equal(o.Told, v.told) {
				return drop("they have been told")
			}
			break
		}
	}
	return v
}

// coming asks an expert who should have left, unless they have left or answered by now.
func (s *scene) coming() verdict {
	switch {
	case !s.theirs() || !s.planned(muster.VisitAssigned, muster.VisitEnRoute) || s.ticket.Visit.State == muster.VisitEnRoute && s.visit.Crew < 2:
		return drop("they have left, or it isn't theirs any more")
	case !s.visit.AnsweredAt.IsZero() || slices.ContainsFunc(s.visit.Heard, func(h muster.Heard) bool { return h.Expert == s.message.Expert }):
		return drop("they have answered")
	}
	return verdict{topic: muster.TopicComing, plan: planVisit, told: &muster.Told{
		Experts: []muster.ExpertID{s.message.Expert}, Window: muster.Window{Start: s.visit.Start, End: s.visit.End},
	}}
}

// askedAnew tells whether the expert had a visit and is only asked for another one: they must hear that the first isn't theirs.
func (s *scene) askedAnew() bool {
	had := s.message.Offer == "" || s.offer != nil && s.offer.State == muster.OfferAccepted
	return had && s.ticket.Visit.ID != s.message.Visit && s.ticket.Visit.State == muster.VisitOffered
}

// cancelled tells an expert that a visit isn't theirs any more, unless nobody can have told them that it was.
func (s *scene) cancelled() verdict {
	if s.theirs() && !s.askedAnew() {
		return drop("it is theirs again")
	}
	planned := slices.ContainsFunc(s.told, func(o *muster.Message) bool {
		return s.others(o) && o.Visit == s.message.Visit
	})
	took := s.offer != nil && s.offer.State == muster.OfferAccepted
	if planned && !took && !s.mayHaveVisit() {
		return drop("they had not been told of it")
	}
	return verdict{topic: muster.TopicCancelled, told: &muster.Told{}}
}

// mayHaveVisit tells whether the expert may have been told of this visit, or of one before it of which they perhaps never
// heard that it isn't theirs.
func (s *scene) mayHaveVisit() bool {
	for _, o := range s.heard() {
		switch {
		case o.Topic == muster.TopicCancelled && surelyTold(o):
			return false // whatever they had been told before that
		case o.Topic == muster.TopicCancelled:
		case o.Visit == s.message.Visit, o.Topic == muster.TopicAssigned, o.Topic == muster.TopicMoved:
			return true
		}
	}
	return false
}
