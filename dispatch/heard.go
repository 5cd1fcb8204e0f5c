package dispatch

import (
	"context"
	"slices"
	"time"

	"github.com/sysopssquad/muster"
)

// hear takes in what one of the open visit's experts says about leaving; what a dispatcher says is said for all of them. Of a
// crew each is heard by themselves: the visit has an answer when all of them have given one, and the alarm is over when
// nobody is left of whom nothing is known, or who can't come.
func (k *desk) hear(h muster.Heard) {
	v := k.visit
	h.Expert, h.At = k.cmd.Actor.Expert, k.now
	plan := k.foretold(h)
	if len(k.crew) > 1 {
		v.Heard = slices.Clone(v.Heard)
		for _, e := range k.given() {
			if slices.Contains(k.given(), h.Expert) && e != h.Expert {
				continue
			}
			v.Heard = slices.DeleteFunc(v.Heard, func(o muster.Heard) bool { return o.Expert == e })
			one := h
			one.Expert = e
			v.Heard = append(v.Heard, one)
		}
	}
	if len(k.silent()) == 0 && !h.Left {
		v.ExpectedAt = h.ExpectedAt
		if !plan {
			v.AnsweredAt = k.now
			if v.AskedAt.IsZero() {
				v.AskedAt = k.now // they were faster than the question
			}
		}
		for _, o := range v.Heard {
			v.ExpectedAt = later(v.ExpectedAt, o.ExpectedAt)
		}
	}
	k.touch(v)
	absent := slices.ContainsFunc(v.Heard, func(o muster.Heard) bool { return !o.Left && o.ExpectedAt.IsZero() })
	if (h.Left || !h.ExpectedAt.IsZero()) && !absent && len(k.silent()) == 0 {
		v.AlarmedAt = time.Time{}
		k.settle(muster.ExceptionLateToLeave)
		if v.State == muster.VisitAssigned {
			k.settle(muster.ExceptionUnknown)
		}
	}
}

// foretold tells whether somebody's word that they come was given so long before they should leave that it is a plan: they are
// asked all the same when it should be carried out.
func (k *desk) foretold(h muster.Heard) bool {
	return !h.Left && !h.ExpectedAt.IsZero() && k.visit.AskedAt.IsZero() && k.visit.State == muster.VisitAssigned &&
		h.At.Before(k.leaveBy().Add(-k.on.policy.AnswerMinutes.Duration()))
}

// follow lets another of a crew set off whose visit is under way already.
func (d *Dispatch) follow(ctx context.Context, k *desk) error {
	if err := k.begin(verbAnswer, k.theirs()...); err != nil {
		return err
	}
	if err := d.notElsewhere(ctx, k, k.cmd.Actor.Expert); err != nil {
		return err
	}
	k.hear(muster.Heard{Left: true})
	k.event = verbAnswer.rule().event
	return nil
}

// follows tells whether somebody is of the open visit's crew, of whom others have left and they haven't.
func (k *desk) follows(e muster.ExpertID) bool {
	return len(k.crew) > 1 && k.visit.State == muster.VisitEnRoute && slices.Contains(k.given(), e) &&
		!slices.ContainsFunc(k.visit.Heard, func(h muster.Heard) bool { return h.Expert == e && h.Left })
}

// silent lists those of a crew of several who have neither left nor said anything. Of one expert alone the visit tells.
func (k *desk) silent() (out []muster.ExpertID) {
	if len(k.crew) < 2 || !k.visit.AnsweredAt.IsZero() && len(k.visit.Heard) == 0 { // all answered before each was heard
		return nil
	}
	for _, e := range k.given() {
		if !slices.ContainsFunc(k.visit.Heard, func(h muster.Heard) bool { return h.Expert == e }) {
			out = append(out, e)
		}
	}
	return out
}

// toLeave tells whether somebody is to leave for the open visit, of whom nothing is known or who has only said so.
func (k *desk) toLeave() bool {
	v := k.visit
	return v.State == muster.VisitAssigned || v.State == muster.VisitEnRoute && (len(k.silent()) > 0 || k.awaited() != nil)
}

// awaited is the word of one of a crew who said that they come and hasn't left, while another is on the way; nil if nobody is
// waited for.
func (k *desk) awaited() *muster.Heard {
	if k.visit.State != muster.VisitEnRoute {
		return nil
	}
	for i := range k.visit.Heard {
		if h := &k.visit.Heard[i]; !h.Left && !h.ExpectedAt.IsZero() && slices.Contains(k.given(), h.Expert) {
			return h
		}
	}
	return nil
}

// awaitedUntil is when they should have left by their own word, and have had the time to.
func (k *desk) awaitedUntil() time.Time {
	h := k.awaited()
	return later(k.waitedFor(h.ExpectedAt), h.At.Add(k.on.policy.AnswerMinutes.Duration()))
}
