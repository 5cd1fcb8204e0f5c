package dispatch

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// Verbs about an expert who should have left, or is not heard of. They change no state.
const (
	verbAsk       verb = "ask"
	verbAnswer    verb = "answer"
	verbAlarm     verb = "alarm"
	verbLostSight verb = "lost_sight"
)

// leaveTimers gives the timer by which an expert is looked after who has a visit and hasn't left for it: asked, then put
// before a person, then replaced.
func (k *desk) leaveTimers() muster.Timers {
	v := k.visit
	if v == nil {
		return nil
	}
	answer := k.on.policy.AnswerMinutes.Duration()
	switch {
	case len(k.crew) == 0 || !k.toLeave():
		return nil
	case k.awaited() != nil && v.AlarmedAt.IsZero():
		return muster.Timers{muster.TimerAnswer: k.awaitedUntil()}
	case v.AskedAt.IsZero():
		return muster.Timers{muster.TimerDepart: k.leaveBy()}
	case v.AlarmedAt.IsZero() && v.AnsweredAt.IsZero():
		return muster.Timers{muster.TimerAnswer: v.AskedAt.Add(answer)}
	case v.AlarmedAt.IsZero():
		return muster.Timers{muster.TimerAnswer: later(k.waitedFor(v.ExpectedAt), v.AnsweredAt.Add(answer))}
	case k.replaceable() == nil:
		return muster.Timers{muster.TimerReplace: v.AlarmedAt.Add(answer)}
	}
	return nil
}

// leaveBy is the latest leaving time of the first of the crew who hasn't left: that of the tour, where it is at hand, and so
// much later as they have said that they will be there later.
func (k *desk) leaveBy() time.Time {
	var first time.Time
	for _, a := range k.crew {
		if k.visit.State == muster.VisitEnRoute && !slices.Contains(k.silent(), a.Expert) {
			continue
		}
		at := a.Start.Add(-a.Travel.Duration())
		if s := k.sheet(a.Tour); s != nil {
			for _, stop := range s.tour.Stops {
				if stop.Assignment == a.ID && !stop.Depart.IsZero() {
					at = stop.Depart
				}
			}
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if said := k.waitedFor(k.visit.ExpectedAt); k.visit.AnsweredAt.IsZero() && said.After(k.visit.Start) {
		return first.Add(said.Sub(k.visit.Start))
	}
	return first
}

// waitedFor is until when somebody is waited for who said when they will be there: for as long as they can still come on the
// tour that has the visit. A word of another day is no reason to look at it no sooner.
func (k *desk) waitedFor(said time.Time) time.Time {
	last := k.visit.End
	for _, a := range k.crew {
		if s := k.sheet(a.Tour); s != nil {
			last = later(last, s.tour.End)
		}
	}
	if last.Before(said) {
		return last
	}
	return said
}

// replaceable says why the expert of a visit can't be replaced without a person: nil if they can. Whoever has left or
// answered keeps it until a person says otherwise; so does a crew, and whom somebody looks after.
func (k *desk) replaceable() error {
	v := k.visit
	no := func(why string) error {
		return muster.E(muster.CodeState, "nobody replaces the expert of "+k.ticket.Ref()+" by themselves: "+why, "a dispatcher can reassign it")
	}
	free := slices.ContainsFunc(k.ticket.Exceptions, func(e muster.Exception) bool {
		return e.Kind == muster.ExceptionLateToLeave && e.Visit == v.ID && e.Owner == ""
	})
	switch {
	case v.State != muster.VisitAssigned || !v.DepartedAt.IsZero():
		return no("they have left")
	case v.AskedAt.IsZero() || v.AlarmedAt.IsZero():
		return no("they have not been asked")
	case !v.AnsweredAt.IsZero():
		return no("they have answered")
	case !free:
		return no("a person looks after it")
	case len(k.crew) != 1:
		return no("it takes a crew")
	case !k.now.Before(v.Window.End):
		return no("the promised window is over")
	}
	return nil
}

// dueLeave looks at a visit whose expert should have left. Every deadline is put off by the time in which an answer could
// not have reached us. Without a command that was carried out it gives when to look again.
func (d *Dispatch) dueLeave(ctx context.Context, name muster.TimerName, cmd muster.Command, k *desk) (time.Time, *Answer, error) {
	if k.visit == nil || !k.toLeave() {
		return k.now.Add(k.on.policy.QueueEvery.Duration()), nil, nil // the wake is older than the last command
	}
	need, from := k.on.policy.AnswerMinutes.Duration(), k.visit.AskedAt
	switch {
	case name == muster.TimerDepart:
		from = k.leaveBy().Add(-need)
	case name == muster.TimerReplace:
		from = k.visit.AlarmedAt
	case k.awaited() != nil:
		from = k.awaitedUntil().Add(-need)
	case !k.visit.AnsweredAt.IsZero():
		from = later(k.waitedFor(k.visit.ExpectedAt).Add(-need), k.visit.AnsweredAt)
	}
	at, err := d.answerable(ctx, k.now, from, need)
	if err != nil || k.now.Before(at) {
		return at, nil, err
	}
	var done Answer
	visit := VisitRequest{Visit: k.visit.ID}
	switch name {
	case muster.TimerDepart:
		done, err = d.Ask(ctx, cmd, visit)
	case muster.TimerAnswer:
		done, err = d.Alarm(ctx, cmd, visit)
	default:
		var replaced bool
		if done, replaced, err = d.Replace(ctx, cmd, visit); err == nil && !replaced {
			return k.now.Add(need), nil, nil
		}
	}
	return time.Time{}, &done, err
}

// busyElsewhere tells at which other visit an expert is who should have left for this one.
func (d *Dispatch) busyElsewhere(ctx context.Context, k *desk) (at string, err error) {
	for _, a := range k.crew {
		c, err := d.store.ExpertCase(ctx, "", a.Expert, k.now.Add(-around))
		if err != nil {
			return "", err
		}
		for _, t := range c.Tickets {
			if t.ID != k.ticket.ID && t.Visit != nil && slices.Contains(t.Visit.Experts, a.Expert) && withinVisit[t.Visit.State] {
				return fmt.Sprintf("%s is %s at %s", c.Expert.Name, t.Visit.State, t.Ref()), nil
			}
		}
	}
	return "", nil
}

// withinVisit are the states of a visit in which its expert can't be anywhere else.
var withinVisit = map[muster.VisitState]bool{muster.VisitEnRoute: true, muster.VisitArrived: true, muster.VisitInProgress: true}
