package dispatch

import (
	"context"
	"time"
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
