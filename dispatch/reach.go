package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// Whether answers can reach us is kept in the store as three instants that only go forward: when a process that takes
// answers was last seen with the store in its reach, since when that has been so without a break, and until when it was so
// before that break.
const (
	reachPrefix = "reach/"
	reachSeen   = reachPrefix + "seen"
	reachSince  = reachPrefix + "since"
	reachUntil  = reachPrefix + "until"

	// ReachEvery is how often such a process says so, reachBreak the silence from which it counts as a break.
	ReachEvery = 15 * time.Second
	reachBreak = 45 * time.Second
)

// signs of life are what the store says of the last break. The zero value is of a store in which nobody keeps the record: there
// are no breaks.
type signs struct{ seen, since, until time.Time }

// Reachable notes that this process can take answers and write them down. Whoever serves HTTP calls it every ReachEvery
// while its clock and the store's agree: what is written never goes back. After a break everybody who is asked has their
// whole time again.
func (d *Dispatch) Reachable(ctx context.Context) error {
	now := d.clock.Now() // the store's time, but for its jumps
	seen, err := d.store.Cursor(ctx, reachSeen)
	if err != nil {
		return err
	}
	if seen == 0 || now.Sub(time.UnixMicro(seen)) > reachBreak {
		if seen > 0 {
			on, err := d.setup(ctx, now)
			if err != nil {
				return err
			}
			broke := on.signs.broke(now, on.longestOffer())
			if err := d.store.Advance(ctx, reachUntil, broke.UnixMicro()); err != nil { // before since, which makes it count
				return err
			}
		}
		if err := d.store.Advance(ctx, reachSince, now.UnixMicro()); err != nil {
			return err
		}
	}
	return d.store.Advance(ctx, reachSeen, now.UnixMicro())
}

// signs reads what the store says of the last break.
func (d *Dispatch) signs(ctx context.Context) (s signs, err error) {
	for _, one := range []struct {
		name string
		at   *time.Time
	}{{reachSeen, &s.seen}, {reachSince, &s.since}, {reachUntil, &s.until}} { // each is written before those above it
		micros, err := d.store.Cursor(ctx, one.name)
		if err != nil {
			return signs{}, err
		}
		if micros > 0 {
			*one.at = time.UnixMicro(micros).UTC()
		}
	}
	return s, nil
}

// away tells whether answers can't reach us.
func (s signs) away(now time.Time) bool { return !s.seen.IsZero() && now.Sub(s.seen) > reachBreak }

// answerable is the moment at which somebody who was asked at from has had a while in which an answer could reach us,
// without a break. It lies ahead of now while nothing can reach us.
func (s signs) answerable(now, from time.Time, need time.Duration) time.Time {
	if s.away(now) {
		return later(from, now).Add(need)
	}
	return later(from, s.since).Add(need)
}

// broke is when the last break became one. A deadline that was over by then has lost nothing: it was decided upon as over
// until then, and stays so. Of breaks so close that nobody had their whole time between them it is the first, for those who
// lost theirs in the first had it anew, and lose it again in the next.
func (s signs) broke(now time.Time, whole time.Duration) time.Time {
	if next := s.seen.Add(reachBreak); s.away(now) && !s.since.Add(whole).After(next) {
		return next
	}
	return s.until
}

// answerable is that of the breaks that are known now.
func (d *Dispatch) answerable(ctx context.Context, now, from time.Time, need time.Duration) (time.Time, error) {
	s, err := d.signs(ctx)
	return s.answerable(now, from, need), err
}

// hearable is when a timer may count that nothing was heard of those who have a ticket's visit: a visit that goes on, a window
// in which nobody came, an expert out of sight. It is put off by the time in which they could not have told us, so that nobody
// is warned or told of a delay because of an outage of ours. Zero: it rests on no word of theirs, or on what is said elsewhere.
func (d *Dispatch) hearable(ctx context.Context, name muster.TimerName, k *desk) (time.Time, error) {
	switch {
	case k.visit == nil:
		return time.Time{}, nil
	case name == muster.TimerSLA, name == muster.TimerOverrun, name == muster.TimerVisit:
		need := k.on.policy.AnswerMinutes.Duration()
		return d.answerable(ctx, k.now, k.ticket.Timers[name].Add(-need), need)
	}
	return time.Time{}, nil
}

// openUntil is when an offer ends: at its deadline, put off by the time in which an answer could not have reached us. One
// that was over before a break has ended.
func (k *desk) openUntil(s signs, o *muster.Offer) time.Time {
	if k.now.Before(o.Deadline) || !o.Deadline.After(s.broke(k.now, k.on.longestOffer())) {
		return o.Deadline
	}
	need := min(k.offerMinutes().Duration(), o.Deadline.Sub(o.At))
	return s.answerable(k.now, o.Deadline.Add(-need), need)
}

// putOff notes until when each offer can be answered, and says when the first of them is over.
func (d *Dispatch) putOff(ctx context.Context, k *desk) (first *muster.Offer, err error) {
	seen, err := d.signs(ctx)
	if err != nil {
		return nil, err
	}
	k.until = make(map[muster.OfferID]time.Time, len(k.offers))
	for _, o := range k.offers {
		k.until[o.ID] = k.openUntil(seen, o)
		if first == nil || k.until[o.ID].Before(k.until[first.ID]) {
			first = o
		}
	}
	return first, nil
}
