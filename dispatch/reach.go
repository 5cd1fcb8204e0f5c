package dispatch

import (
	"context"
	"time"

	"github.com/sysopssquad/muster"
)

// Whether answers can reach us is kept in the store as two instants that only go forward: when a process that takes
// answers was last seen with the store in its reach, and since when that has been so without a break.
const (
	reachPrefix = "reach/"
	reachSeen   = reachPrefix + "seen"
	reachSince  = reachPrefix + "since"

	// ReachEvery is how often such a process says so, reachBreak the silence from which it counts as a break.
	ReachEvery = 15 * time.Second
	reachBreak = 45 * time.Second
)

// Reachable notes that this process can take answers and write them down. Whoever serves HTTP calls it every ReachEvery
// while its clock and the store's agree: what is written never goes back. After a break everybody who is asked has their
// whole time again.
func (d *Dispatch) Reachable(ctx context.Context) error {
	now := d.clock.Now() // the store's time, but for its jumps
	seen, err := d.store.Cursor(ctx, reachSeen)
	if err != nil {
		return err
	}
	if now.Sub(time.UnixMicro(seen)) > reachBreak { // never seen, too
		if err := d.store.Advance(ctx, reachSince, now.UnixMicro()); err != nil {
			return err
		}
	}
	return d.store.Advance(ctx, reachSeen, now.UnixMicro())
}

// answerable is the moment at which somebody who was asked at from has had a while in which an answer could reach us,
// without a break. It lies ahead of now while nothing can reach us. Where nobody keeps the record there are no breaks.
func (d *Dispatch) answerable(ctx context.Context, now, from time.Time, need time.Duration) (time.Time, error) {
	at := from.Add(need)
	seen, err := d.store.Cursor(ctx, reachSeen)
	if err != nil || seen == 0 {
		return at, err
	}
	if now.Sub(time.UnixMicro(seen)) > reachBreak {
		return later(at, now.Add(need)), nil
	}
	since, err := d.store.Cursor(ctx, reachSince)
	return later(at, time.UnixMicro(since).UTC().Add(need)), err
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

// openUntil is when an offer ends: at its deadline, put off by the time in which an answer could not have reached us.
func (d *Dispatch) openUntil(ctx context.Context, k *desk, o *muster.Offer) (time.Time, error) {
	if k.now.Before(o.Deadline) {
		return o.Deadline, nil
	}
	need := min(k.offerMinutes().Duration(), o.Deadline.Sub(o.At))
	return d.answerable(ctx, k.now, o.Deadline.Add(-need), need)
}

// lapsed finds an open offer that is over, or says when the first will be.
func (d *Dispatch) lapsed(ctx context.Context, k *desk) (over *muster.Offer, first time.Time, err error) {
	for _, o := range k.offers {
		until, err := d.openUntil(ctx, k, o)
		if err != nil {
			return nil, first, err
		}
		if !k.now.Before(until) {
			return o, first, nil
		}
		if first.IsZero() || until.Before(first) {
			first = until
		}
	}
	return nil, first, nil
}

// putOff notes until when offers can be answered whose deadline has passed.
func (d *Dispatch) putOff(ctx context.Context, k *desk) error {
	for _, o := range k.offers {
		until, err := d.openUntil(ctx, k, o)
		if err != nil {
			return err
		}
		if k.until == nil {
			k.until = make(map[muster.OfferID]time.Time)
		}
		k.until[o.ID] = until
	}
	return nil
}
